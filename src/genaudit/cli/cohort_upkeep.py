"""What the commands do that look after many cohorts: call the package and show what it reports."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from genaudit.cli.options import ExitCode, Format
from genaudit.cli.outcome import write_outcome
from genaudit.cli.tables import print_lines, print_table
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.backfill import Action as Backfilling
from genaudit.cohorts.backfill import BackfillReport, backfill_manifests
from genaudit.cohorts.membership_rows import MODE
from genaudit.cohorts.slimming import Action as Slimming
from genaudit.cohorts.slimming import SlimReport, slim_memberships
from genaudit.errors import DDError, Err
from genaudit.reports import check_output, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from genaudit.cli.options import Writing

# Of each kind of trouble in a cohort; JSON has all.
_MAX_LINES: Final = 10
_SAID: Final = {
    Slimming.ALREADY_SLIM: "already slim",
    Slimming.TWO_COLUMN: "two columns: left alone",
}


def backfill(root: Path, cohorts: Sequence[str], writing: Writing, *, partial: bool, shown: Format) -> ExitCode:
    """Make manifests, and report what is known and what is not.

    :raises DDError: as :func:`genaudit.cohorts.backfill.backfill_manifests`.
    """
    check_output(writing.output, root)
    with progress_bar("reading the store") as progress:
        report = backfill_manifests(root, cohorts, partial=partial, apply=writing.changes, progress=progress)
    if shown is Format.JSON:
        sys.stdout.write(to_json(report.as_plain()).decode())
    else:
        _show_backfill(report)
    return _finished(report, "cohort_backfill_manifest", writing)


def slim(root: Path, cohorts: Sequence[str], writing: Writing, shown: Format) -> ExitCode:
    """Rewrite wide memberships, and report which and why not.

    :raises DDError: as :func:`genaudit.cohorts.slimming.slim_memberships`.
    """
    check_output(writing.output, root)
    with progress_bar("reading the store") as progress:
        report = slim_memberships(root, cohorts, apply=writing.changes, progress=progress)
    if shown is Format.JSON:
        sys.stdout.write(to_json(report.as_plain()).decode())
    else:
        _show_slimming(report)
    return _finished(report, "cohort_slim", writing)


def _finished(report: BackfillReport | SlimReport, name: str, writing: Writing) -> ExitCode:
    write_outcome(writing.output, name, report.as_plain(), dry_run=writing.dry_run)
    if not report.applied:
        log.info("the store is unchanged; --apply writes")
    return ExitCode.CLEAN if report.complete else ExitCode.FINDINGS


def _show_backfill(report: BackfillReport) -> None:
    rows = [
        {
            "cohort": each.cohort_id,
            "action": each.action,
            "members": None if each.error else each.members,
            "manifest": each.manifest,
            "unknown": len(each.unknown) or None,
            "conflicts": len(each.conflicts) or None,
            "dropped": len(each.dropped) or None,
        }
        for each in report.cohorts
    ]
    print_table(["cohort", "action", "members", "manifest", "unknown", "conflicts", "dropped"], rows)
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
    if any(each.action is Backfilling.BLOCKED for each in report.cohorts):
        log.info("blocked: --partial makes do with what is known, and believes the records")
    _show_combos(report)


def _show_combos(report: BackfillReport) -> None:
    named = {each.gen_id for each in report.combos}
    if report.combos:
        print_lines(["", "combinations of drafts whose record has none, as cohorts name them:"])
        columns = ["gen_id", "combo_id", "sources", "confirmed", "conflict"]
        words = {True: "yes", False: "no"}
        print_table(
            columns,
            [
                {
                    "gen_id": each.gen_id,
                    "combo_id": each.combo_id,
                    "sources": ", ".join(each.sources),
                    "confirmed": words[each.confirmed],
                    "conflict": words[each.conflict],
                }
                for each in report.combos
            ],
        )
    if unnamed := len(report.drafts_without_combo) - len(named):
        print_lines([f"drafts without a combination, and no cohort names one: {unnamed:,}"])
    if report.combos and report.unread:
        print_lines([f"not asked for combinations, because they cannot be read: {', '.join(report.unread)}"])


def _show_slimming(report: SlimReport) -> None:
    rows = [
        {
            "cohort": each.cohort_id,
            "action": _SAID.get(each.action, each.action),
            "members": None if each.error else each.members,
        }
        for each in report.cohorts
    ]
    print_table(["cohort", "action", "members"], rows)
    for each in report.cohorts:
        lines: list[str] = []
        for _, reasons in groupby(sorted(each.reasons, key=_reason), key=_reason):
            lines += _first_of(map(_said, reasons))
        print_lines(f"{each.cohort_id}: {line}" for line in [*lines, *_about_error(each.error)])


def _reason(reason: Mapping[str, Any]) -> str:
    return str(reason["reason"])


def _said(reason: Mapping[str, Any]) -> str:
    values = ", ".join(f"{name} {value!s}" for name, value in reason.items() if name != "reason")
    return f"{_reason(reason).replace('_', ' ')}: {values}"


def _of(found: Mapping[str, Any]) -> str:
    return f"{found['stage']} {found['gen_id']}: {found['field']}"


def _first_of(lines: Iterable[str]) -> Iterator[str]:
    """Go through the first lines, and count the others."""
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
