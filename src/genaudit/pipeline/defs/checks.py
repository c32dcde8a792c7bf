"""Checks on a cohort before its generations are made, based on the audits."""

from collections.abc import Iterator
from typing import Any, Final

import dagster as dg
import pandas as pd

from genaudit.audits.run import run_audits
from genaudit.codes import Severity
from genaudit.pipeline.boundary import as_json, failures
from genaudit.pipeline.defs.cohort_assets import cohort_id, cohort_membership
from genaudit.pipeline.resources import DataRoot, MembershipResource
from genaudit.schemas import rows
from genaudit.store.snapshot import scan

_SHOWN: Final = 50
# The audits of each check, and its description.
_CHECKS: Final = {
    "metadata_complete": (
        ("metadata", "cohorts"),
        "Every member is in the store, with a complete record that agrees with the membership.",
    ),
    "parents_hold": (("parents",), "Every member's parent chain is intact up to a draft."),
}


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            name, asset=cohort_membership, description=text, blocking=True, additional_deps=[cohort_id.key]
        )
        for name, (_, text) in _CHECKS.items()
    ],
    ins={"cohort_id": dg.AssetIn(cohort_id.key)},
)
def cohort_checks(
    cohort_id: str, data_root: DataRoot, membership: MembershipResource
) -> Iterator[dg.AssetCheckResult]:
    """Run the audits of all checks on one scan of the store."""
    with failures():
        members = membership.table(cohort_id).frame[["stage", "gen_id"]]
        found = run_audits(scan(data_root.root), tuple(name for audits, _ in _CHECKS.values() for name in audits))
    for name, (audits, _) in _CHECKS.items():
        findings = pd.concat([found.results[audit].findings for audit in audits], ignore_index=True)
        yield _result(name, members, findings)


def _result(check: str, members: pd.DataFrame, found: pd.DataFrame) -> dg.AssetCheckResult:
    """Build the result of a check from the findings about the cohort's members."""
    of_members = found.merge(members.astype({"stage": found["stage"].dtype}), on=["stage", "gen_id"])
    errors = of_members[of_members["severity"] == Severity.ERROR]
    return dg.AssetCheckResult(
        passed=errors.empty,
        asset_key=cohort_membership.key,
        check_name=check,
        description=f"{len(errors)} errors in {len(members)} members",
        metadata={
            "members": len(members),
            "findings": as_json(_counted(of_members)),
            "errors": as_json(_shown(errors)),
        },
    )


def _counted(findings: pd.DataFrame) -> dict[str, int]:
    counts = findings["code"].value_counts().sort_index()
    return {str(code): int(count) for code, count in counts.items()}


def _shown(findings: pd.DataFrame) -> dict[str, Any]:
    return {"first": [row._asdict() for row in rows(findings.head(_SHOWN))]}
