"""Implementation of the cohort commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from genaudit.cli.options import ApplyRequest, Format
from genaudit.cli.outcome import write_outcome
from genaudit.cli.terminal import log
from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.cohorts.flags import in_force, slim_membership
from genaudit.cohorts.service import FIELDS, MembershipService
from genaudit.render.terminal import print_lines, print_rows
from genaudit.reports import check_output, to_json
from genaudit.schemas import rows
from genaudit.store.names import cohort_names


def build(request: ApplyRequest, cohort_id: str, *, preview: int, max_members: int) -> None:
    """Build a cohort's membership; written only if the command was to apply it.

    :raises DDError: as :meth:`genaudit.cohorts.CohortMembershipBuilder.build`, :func:`genaudit.reports.check_output`
        and :func:`genaudit.cli.outcome.write_outcome`.
    """
    root = request.data_root
    check_output(request.output, root)
    scheme, slim = IdScheme.from_environ(), slim_membership()
    log.info("%s", in_force(scheme, slim=slim))
    known = cohort_names(root)
    if cohort_id not in known:
        near = get_close_matches(cohort_id, known, n=1)
        log.warning("%s is a new cohort%s", cohort_id, f"; closest existing one: {near[0]}" if near else "")
    builder = create_cohort_membership_builder(
        root, ids=scheme, slim=slim, preview_rows=preview, max_members=max_members
    )
    result = builder.build(cohort_id, dry_run=not request.changes)
    members = [row._asdict() for row in rows(result.membership_preview)]
    facts = {
        "cohort_id": cohort_id,
        "applied": request.changes,
        "row_count": result.row_count,
        "artifacts": result.artifacts,
        "metadata": result.metadata,
        "preview": members,
    }
    if request.shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
    else:
        counts = {**result.metadata["rows_by_stage"], **result.metadata["rows_by_origin"]}
        print_lines([f"{cohort_id}: {', '.join(f'{name} {count:,}' for name, count in counts.items())}"])
        if members:
            _print_members(["stage", "gen_id", "origin", *FIELDS], members)
        print_lines(f"{name}: {value}" for name, value in result.artifacts.items() if name != "kept")
    for warning in result.metadata["warnings"]:
        log.warning("%s", ", ".join(f"{name} {value!r}" for name, value in warning.items()))
    write_outcome(request.output, f"cohort_build_{cohort_id}", facts, dry_run=request.dry_run)
    if not request.changes:
        log.info("the store is unchanged; --apply writes")


def show(root: Path, cohort_id: str, shown: Format) -> None:
    """Print a cohort's members with all their fields.

    :raises DDError: as :meth:`genaudit.cohorts.service.MembershipService.rows`.
    """
    members = [
        {"stage": row.stage, "gen_id": row.gen_id, **row.fields, "source": row.source}
        for row in MembershipService(root).rows(cohort_id)
    ]
    if shown is Format.JSON:
        sys.stdout.write(to_json({"cohort_id": cohort_id, "members": members}).decode())
    else:
        _print_members(["stage", "gen_id", *FIELDS, "source"], members)


def _print_members(columns: Sequence[str], members: Sequence[Mapping[str, Any]]) -> None:
    print_rows(columns, ([member[name] for name in columns] for member in members))
