"""Implementation of the commands that maintain many cohorts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from genaudit.cli.options import ApplyRequest, Format
from genaudit.cli.outcome import write_outcome
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.backfill import BackfillAction, BackfillReport, backfill_manifests
from genaudit.cohorts.membership_rows import MODE
from genaudit.cohorts.slimming import SlimAction, SlimReport, slim_memberships
from genaudit.errors import DDError, Err, ExitCode
from genaudit.render.terminal import print_lines, print_rows
from genaudit.reports import check_output, to_json

# For each kind of problem in a cohort; JSON has all.
_MAX_LINES: Final = 10
_Report = TypeVar("_Report", BackfillReport, SlimReport)
_ACTIONS: Final = {
    SlimAction.ALREADY_SLIM: "already slim",
    SlimAction.TWO_COLUMN: "two columns: left alone",
}


def backfill(request: ApplyRequest, cohorts: Sequence[str], *, partial: bool) -> ExitCode:
    """Create manifests, and report known and unknown fields.

    :raises DDError: as :func:`genaudit.cohorts.backfill.backfill_manifests`.
    """
    check_output(request.output, request.data_root)
    with progress_bar("reading the store") as progress:
        report = backfill_manifests(
            request.data_root, cohorts, partial=partial, apply=request.changes, progress=progress
        )
    return _finished(report, _show_backfill, "cohort_backfill_manifest", request)


def slim(request: ApplyRequest, cohorts: Sequence[str]) -> ExitCode:
    """Convert wide memberships, and report the results with reasons.

    :raises DDError: as :func:`genaudit.cohorts.slimming.slim_memberships`.
    """
    check_output(request.output, request.data_root)
    with progress_bar("reading the store") as progress:
        report = slim_memberships(request.data_root, cohorts, apply=request.changes, progress=progress)
    return _finished(report, _show_slimming, "cohort_slim", request)


def _finished(report: _Report, show: Callable[[_Report], None], name: str, request: ApplyRequest) -> ExitCode:
    if request.shown is Format.JSON:
        sys.stdout.write(to_json(report.as_plain()).decode())
    else:
        show(report)
    write_outcome(request.output, name, report.as_plain(), dry_run=request.dry_run)
    if not report.applied:
        log.info("the store is unchanged; --apply writes")
    return ExitCode.CLEAN if report.complete else ExitCode.FINDINGS


def _show_backfill(report: BackfillReport) -> None:
    rows = [
        [
            each.cohort_id,
            each.action,
            None if each.error else each.members,
            each.manifest,
            *(len(problems) or None for problems in (each.unknown, each.conflicts, each.dropped)),
        ]
        for each in report.cohorts
    ]
    print_rows(["cohort", "action", "members", "manifest", "unknown", "conflicts", "dropped"], rows)
    for each in report.cohorts:
        fields = [found for found in each.unknown if found["field"] != MODE]
        modes = len(each.unknown) - len(fields)
        lines = [f"members whose mode is not known: {modes:,}"] if modes else []
        lines += _first_of(f"{_of(found)} is not known" for found in fields)
        lines += _first_of(
            f"{_of(found)} is {found['listed']!r} in the membership, {found['recorded']!r} in the record"
            for found in each.conflicts
        )
        lines += _first_of(f"{_of(found)} in the record is unusable: {found['value']!r}" for found in each.dropped)
        print_lines(f"{each.cohort_id}: {line}" for line in [*lines, *_about_error(each.error)])
    if any(each.action is BackfillAction.BLOCKED for each in report.cohorts):
        log.info("blocked: --partial leaves unknown fields empty and follows the records")
    _show_combos(report)


def _show_combos(report: BackfillReport) -> None:
    named = {each.gen_id for each in report.combos}
    if report.combos:
        print_lines(["", "combinations of drafts whose record has none, as cohorts name them:"])
        words = {True: "yes", False: "no"}
        rows = [
            [each.gen_id, each.combo_id, ", ".join(each.sources), words[each.confirmed], words[each.conflict]]
            for each in report.combos
        ]
        print_rows(["gen_id", "combo_id", "sources", "confirmed", "conflict"], rows)
    if unnamed := len(report.drafts_without_combo) - len(named):
        print_lines([f"drafts without a combination, and no cohort names one: {unnamed:,}"])
    if report.combos and report.unread:
        print_lines([f"not asked for combinations, because they cannot be read: {', '.join(report.unread)}"])


def _show_slimming(report: SlimReport) -> None:
    rows = [
        [each.cohort_id, _ACTIONS.get(each.action, each.action), None if each.error else each.members]
        for each in report.cohorts
    ]
    print_rows(["cohort", "action", "members"], rows)
    for each in report.cohorts:
        lines: list[str] = []
        for _, reasons in groupby(sorted(each.reasons, key=_reason), key=_reason):
            lines += _first_of(map(_listed, reasons))
        print_lines(f"{each.cohort_id}: {line}" for line in [*lines, *_about_error(each.error)])


def _reason(reason: Mapping[str, Any]) -> str:
    return str(reason["reason"])


def _listed(reason: Mapping[str, Any]) -> str:
    values = ", ".join(f"{name} {value!s}" for name, value in reason.items() if name != "reason")
    return f"{_reason(reason).replace('_', ' ')}: {values}"


def _of(found: Mapping[str, Any]) -> str:
    return f"{found['stage']} {found['gen_id']}: {found['field']}"


def _first_of(lines: Iterable[str]) -> Iterator[str]:
    """Yield the first lines, and then the number of the others."""
    rest = 0
    for place, line in enumerate(lines):
        if place < _MAX_LINES:
            yield line
        else:
            rest += 1
    if rest:
        yield f"and {rest:,} more like this; --format json has all"


def _about_error(error: Mapping[str, Any] | None) -> Iterator[str]:
    if error is None:
        return
    ctx = {name: value for name, value in error.items() if name not in ("code", "problems")}
    yield str(DDError(Err(error["code"]), ctx))
    yield from _first_of(
        ", ".join(f"{name} {value!r}" for name, value in problem.items() if value is not None)
        for problem in error.get("problems", [])
    )
