"""Checks on a cohort before its generations are made, based on the audits."""

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
_CHECKED: Final[dict[str, Any]] = {
    "asset": cohort_membership,
    "blocking": True,
    "additional_ins": {"cohort_id": dg.AssetIn(cohort_id.key)},
}


@dg.asset_check(name="metadata_complete", **_CHECKED)
def metadata_complete(cohort_id: str, data_root: DataRoot, membership: MembershipResource) -> dg.AssetCheckResult:
    """Every member is in the store, with a complete record that agrees with the membership."""
    return _checked(cohort_id, data_root, membership, ("metadata", "cohorts"))


@dg.asset_check(name="parents_hold", **_CHECKED)
def parents_hold(cohort_id: str, data_root: DataRoot, membership: MembershipResource) -> dg.AssetCheckResult:
    """Every member's parent chain is intact up to a draft."""
    return _checked(cohort_id, data_root, membership, ("parents",))


def _checked(
    cohort: str, data_root: DataRoot, membership: MembershipResource, audits: tuple[str, ...]
) -> dg.AssetCheckResult:
    """Run audits on the store and keep the findings about the cohort's members."""
    with failures():
        members = membership.table(cohort).frame[["stage", "gen_id"]]
        found = run_audits(scan(data_root.root), audits).findings
    of_members = found.merge(members.astype({"stage": found["stage"].dtype}), on=["stage", "gen_id"])
    errors = of_members[of_members["severity"] == Severity.ERROR]
    return dg.AssetCheckResult(
        passed=errors.empty,
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
