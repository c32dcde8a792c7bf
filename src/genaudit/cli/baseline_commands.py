"""Implementation of the baseline commands."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaudit.audits.run import AuditRun, run_audits
from genaudit.audits.table import default_audits
from genaudit.baseline.accepting import Change, Terms, check_terms
from genaudit.baseline.accepting import accept as accept_findings
from genaudit.baseline.accepting import prune as prune_entries
from genaudit.baseline.entries import Baseline, default_path, read_baseline
from genaudit.baseline.matching import BaselineMatch
from genaudit.baseline.sections import baseline_section, baseline_values
from genaudit.cli.options import Format, report_date
from genaudit.cli.outcome import write_outcome
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, ExitCode, Reason
from genaudit.humanize import counted
from genaudit.render.terminal import print_lines, print_sections, print_table
from genaudit.reports import to_json
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic


@dataclass(frozen=True, slots=True)
class Place:
    """The store and the baseline of a command.

    :param given: the baseline file; ``None`` for that of the data root.
    """

    data_root: Path
    given: Path | None
    date: str | None
    with_references: bool

    @property
    def path(self) -> Path:
        """The baseline file."""
        return self.given or default_path(self.data_root)


def accept(
    place: Place,
    chosen: list[str],
    terms: tuple[str, str | None, str | None],
    output: Path,
    shown: Format,
    *,
    dry_run: bool,
) -> None:
    """Accept findings and write the baseline.

    :param terms: the reason, the person and the last day.
    :raises DDError: no store there, wrong terms, nothing to accept, or the file is damaged or cannot be written.
    """
    day = report_date(place.date)
    check_terms(Terms(*terms), day)
    baseline = _baseline(place, missing_is_empty=True)
    change = accept_findings(_match(place, baseline, day), baseline, chosen, Terms(*terms))
    _finish(place, baseline, change, output, shown, words=("accept", "accepted"), dry_run=dry_run)


def prune(place: Place, output: Path, shown: Format, *, dry_run: bool) -> None:
    """Remove entries without a finding and write the baseline.

    :raises DDError: no store or baseline there, or the file is damaged or cannot be written.
    """
    baseline = _baseline(place, missing_is_empty=True)
    change = prune_entries(_match(place, baseline, report_date(place.date)), baseline)
    _finish(place, baseline, change, output, shown, words=("prune", "removed"), dry_run=dry_run)


def check(place: Place, shown: Format) -> ExitCode:
    """Check a baseline and show the state of its entries.

    :raises DDError: no store or baseline there, or the file is damaged.
    """
    match = _match(place, _baseline(place, missing_is_empty=False), report_date(place.date))
    if shown is Format.JSON:
        sys.stdout.write(to_json(baseline_values(match)).decode())
    else:
        section = baseline_section(match)
        print_sections([section])
        for table in section.tables:
            print_table(table)
    return ExitCode.FINDINGS if match.unmatched or any(match.expired) else ExitCode.CLEAN


def _baseline(place: Place, *, missing_is_empty: bool) -> Baseline:
    try:
        return read_baseline(place.path)
    except DDError as error:
        if missing_is_empty and error.reason is Reason.BASELINE_MISSING:
            return Baseline()
        raise


def _match(place: Place, baseline: Baseline, day: str) -> BaselineMatch:
    names = [*default_audits(), *(["references"] if place.with_references else [])]
    with progress_bar("reading the store") as progress:
        snapshot = scan(place.data_root, progress)
    with reading_bar(names) as progress:
        run: AuditRun = run_audits(snapshot, names, progress=progress)
    match = run.against(baseline, str(place.path), day).baseline
    if match is None:  # pragma: no cover (a run that was held against a baseline has a match)
        raise AssertionError
    return match


def _finish(
    place: Place,
    before: Baseline,
    change: Change,
    output: Path,
    shown: Format,
    *,
    words: tuple[str, str],
    dry_run: bool,
) -> None:
    """Write the baseline and the report of the change, and show it."""
    command, done = words
    facts: dict[str, Any] = {
        "file": str(place.path),
        "entries": len(change.baseline.entries),
        done: [entry.to_dict() for entry in change.changed],
    }
    if change.baseline != before and not dry_run:
        write_atomic(place.path, change.baseline.to_bytes())
    log.info("%s %s", "would write" if dry_run else "wrote", place.path)
    write_outcome(output, f"baseline_{command}", facts, dry_run=dry_run)
    if shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
        return
    print_lines(f"{done}: {_line(entry)}" for entry in facts[done])
    print_lines([f"{place.path}: {counted(len(change.changed), 'finding')} {done}, {facts['entries']:,} in all"])


def _line(entry: dict[str, Any]) -> str:
    where = " ".join(str(entry[name]) for name in ("stage", "gen_id", "field", "path") if name in entry)
    until = f" until {entry['until']}" if "until" in entry else ""
    return f"{entry['code']} {where}: {entry['reason']}{until}"
