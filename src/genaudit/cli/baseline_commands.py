"""Implementation of the baseline commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from genaudit.audits.run import AuditRun, run_audits
from genaudit.audits.table import default_audits
from genaudit.baseline.accepting import BaselineChange, Terms, check_terms
from genaudit.baseline.accepting import accept as accept_findings
from genaudit.baseline.accepting import prune as prune_entries
from genaudit.baseline.entries import Baseline, default_path, read_baseline
from genaudit.baseline.matching import BaselineMatch
from genaudit.baseline.sections import baseline_section, baseline_values
from genaudit.cli.options import BaselineChangeRequest, BaselineRequest, Format, report_date
from genaudit.cli.outcome import write_outcome
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, ExitCode, Reason
from genaudit.humanize import counted
from genaudit.render.terminal import print_lines, print_sections, print_table
from genaudit.reports import to_json
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic


def accept(request: BaselineChangeRequest, chosen: list[str], terms: tuple[str, str | None, str | None]) -> None:
    """Accept findings and write the baseline.

    :param terms: the reason, the person and the last day.
    :raises DDError: no store there, wrong terms, nothing to accept, or the file is damaged or cannot be written.
    """
    day = report_date(request.date)
    check_terms(Terms(*terms), day)
    baseline = _baseline(request)
    change = accept_findings(_match(request, baseline, day), baseline, chosen, Terms(*terms))
    _finish(request, baseline, change, words=("accept", "accepted"))


def prune(request: BaselineChangeRequest) -> None:
    """Remove entries without a finding and write the baseline.

    :raises DDError: no store or baseline there, or the file is damaged or cannot be written.
    """
    baseline = _baseline(request)
    change = prune_entries(_match(request, baseline, report_date(request.date)), baseline)
    _finish(request, baseline, change, words=("prune", "removed"))


def check(request: BaselineRequest) -> ExitCode:
    """Check a baseline and show the state of its entries.

    :raises DDError: no store or baseline there, or the file is damaged.
    """
    match = _match(request, read_baseline(_path(request)), report_date(request.date))
    if request.shown is Format.JSON:
        sys.stdout.write(to_json(baseline_values(match)).decode())
    else:
        section = baseline_section(match)
        print_sections([section])
        for table in section.tables:
            print_table(table)
    return ExitCode.FINDINGS if match.unmatched or any(match.expired) else ExitCode.CLEAN


def _path(request: BaselineRequest) -> Path:
    return request.baseline or default_path(request.data_root)


def _baseline(request: BaselineRequest) -> Baseline:
    """Read a baseline; a missing one is empty."""
    try:
        return read_baseline(_path(request))
    except DDError as error:
        if error.reason is Reason.BASELINE_MISSING:
            return Baseline()
        raise


def _match(request: BaselineRequest, baseline: Baseline, day: str) -> BaselineMatch:
    names = [*default_audits(), *(["references"] if request.with_references else [])]
    with progress_bar("reading the store") as progress:
        snapshot = scan(request.data_root, progress)
    with reading_bar(names) as progress:
        run: AuditRun = run_audits(snapshot, names, progress=progress)
    match = run.against(baseline, str(_path(request)), day).baseline
    if match is None:  # pragma: no cover (a run that was held against a baseline has a match)
        raise AssertionError
    return match


def _finish(
    request: BaselineChangeRequest, before: Baseline, change: BaselineChange, *, words: tuple[str, str]
) -> None:
    """Write the baseline and the report of the change, and show it."""
    command, done = words
    facts: dict[str, Any] = {
        "file": str(_path(request)),
        "entries": len(change.baseline.entries),
        done: [entry.to_dict() for entry in change.changed],
    }
    if change.baseline != before and not request.dry_run:
        write_atomic(_path(request), change.baseline.to_bytes())
    log.info("%s %s", "would write" if request.dry_run else "wrote", _path(request))
    write_outcome(request.output, f"baseline_{command}", facts, dry_run=request.dry_run)
    if request.shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
        return
    print_lines(f"{done}: {_line(entry)}" for entry in facts[done])
    print_lines([f"{_path(request)}: {counted(len(change.changed), 'finding')} {done}, {facts['entries']:,} in all"])


def _line(entry: dict[str, Any]) -> str:
    where = " ".join(str(entry[name]) for name in ("stage", "gen_id", "field", "path") if name in entry)
    until = f" until {entry['until']}" if "until" in entry else ""
    return f"{entry['code']} {where}: {entry['reason']}{until}"
