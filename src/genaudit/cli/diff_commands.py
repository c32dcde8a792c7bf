"""Implementation of ``genaudit diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from genaudit.cli.options import FailOn, Format, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.codes import SEVERITIES
from genaudit.diff.comparison import NEW, Diff, compare
from genaudit.diff.sections import diff_sections, diff_values
from genaudit.errors import ExitCode
from genaudit.layout import Layout, report_path
from genaudit.render.terminal import print_sections
from genaudit.reports import check_output, reports_of_diff, to_json, write_report
from genaudit.snapshots.folder import LAST, find_given, is_snapshot, read, snapshots_folder
from genaudit.snapshots.saved import Saved
from genaudit.snapshots.taking import take
from genaudit.store.addresses import shown
from genaudit.store.snapshot import scan

_MOST_ROWS: Final = 20


def diff(
    sides: tuple[str, str], output: Path, date: str | None, fail_on: FailOn, shown: Format, *, dry_run: bool
) -> ExitCode:
    """Compare two snapshots or stores, write the reports and show the differences.

    :raises DDError: one of them is missing or damaged, or the reports cannot be written.
    """
    day = report_date(date)
    found = compare(*(opened_side(side, output, day) for side in sides))
    for report in reports_of_diff(found, day):
        if dry_run:
            log.info("would write %s", report_path(output, report.name, day, report.suffix))
        else:
            log.info("wrote %s", write_report(report, output, day))
    if shown is Format.JSON:
        sys.stdout.write(to_json(diff_values(found)).decode())
    else:
        print_sections(diff_sections(found), _MOST_ROWS)
    return _exit_code(found, fail_on)


def opened_side(side: str, output: Path, day: str) -> Saved:
    """Read a snapshot, or take one of a store.

    :param side: the name or path of a snapshot, ``last``, or the path of a store.
    :raises DDError: there is neither, or it cannot be read.
    """
    is_store = ("/" in side and not is_snapshot(Path(side))) or Layout(Path(side)).gens.exists()
    if side == LAST or is_snapshot(snapshots_folder(output) / side) or not is_store:
        return read(find_given(output, side))
    check_output(output, side)
    with progress_bar(f"reading {shown(side)}") as progress:
        snapshot = scan(side, progress)
    return take(snapshot, date=day, left_out=[output])


def _exit_code(found: Diff, fail_on: FailOn) -> ExitCode:
    if fail_on is FailOn.NEVER:
        return ExitCode.CLEAN
    bad = SEVERITIES[: [str(severity) for severity in SEVERITIES].index(fail_on) + 1]
    new = found.findings[found.findings["change"] == NEW]
    return ExitCode.FINDINGS if new["severity"].isin(bad).any() else ExitCode.CLEAN
