"""Implementation of ``genaudit cohort rehearse``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from genaudit.cli.extras import load
from genaudit.cli.options import Format, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import ExitCode
from genaudit.layout import report_path
from genaudit.render.terminal import print_lines, print_rows
from genaudit.reports import Report, to_json, write_report

EACH: Final = "each"


def rehearse(root: Path, cohort_id: str, flags: str, shown: Format) -> dict[str, Any]:
    """Rehearse a cohort under some values of the flag, and show the result.

    :param flags: one value, or ``each`` for all steps of the rollout.
    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing``; as :func:`genaudit.pipeline.rehearsal.rehearse`.
    """
    rehearsal = load("pipeline.rehearsal")
    values = rehearsal.FLAGS if flags.strip().lower() == EACH else (flags,)
    with progress_bar("rehearsing") as progress:
        found: dict[str, Any] = rehearsal.rehearse(root, cohort_id, values, progress)
    if shown is Format.JSON:
        sys.stdout.write(to_json(found).decode())
    else:
        _show(found)
    return found


def report(found: Mapping[str, Any], output: Path, date: str | None, *, dry_run: bool) -> ExitCode:
    """Write the report of a rehearsal.

    :returns: the exit code, which shows whether the flag's promises were kept.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_date``; ``IO_ERROR``, reason ``not_writable``.
    """
    day = report_date(date)
    written = Report(f"cohort_rehearsal_{found['cohort_id']}", "json", lambda: to_json({"date": day, **found}))
    if dry_run:
        log.info("would write %s", report_path(output, written.name, day, written.suffix))
    else:
        log.info("wrote %s", write_report(written, output, day))
    for problem in found["problems"]:
        log.warning("flag %s: %s", problem["flag"], problem["problem"].replace("_", " "))
    return ExitCode.FINDINGS if found["problems"] else ExitCode.CLEAN


def _show(found: Mapping[str, Any]) -> None:
    print_lines([f"Cohort {found['cohort_id']}, made twice under each flag"])
    columns = ("flag", "members", "seeded", "first run", "calls", "tokens", "second run", "problems")
    print_rows(columns, map(_cells, found["runs"]))
    print_lines(map(_difference, found["differences"]))


def _cells(run: Mapping[str, Any]) -> list[Any]:
    first, second = run["first_run"], run["second_run"]
    decisions = sum(map(Counter, first["decisions"].values()), Counter[str]())
    did = ", ".join(f"{name} {count:,}" for name, count in sorted(decisions.items()))
    again = f"reuse {second['reused']:,}, call {second['calls']:,}"
    numbers = (run["membership"]["rows"], run["seeded"], did, first["calls"], first["tokens"])
    return [run["flag"], *numbers, again, len(run["problems"])]


def _difference(difference: Mapping[str, Any]) -> str:
    base, other = difference["flags"]
    changed = ", ".join(
        f"{stage} {counts['other_id']:,} of {sum(counts.values()):,}"
        for stage, counts in difference["stages"].items()
    )
    pivot = "the same" if difference["same_pivot"] else "another"
    calls = " -> ".join(f"{count:,}" for count in difference["calls"])
    return f"{base} -> {other}: other ids: {changed}; calls {calls}; {pivot} pivot of scores"
