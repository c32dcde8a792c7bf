"""What changed in a store since a saved snapshot, for the notebook of changes."""

from __future__ import annotations

from pathlib import Path

from genaudit.diff.comparison import Diff, compare
from genaudit.errors import DDError
from genaudit.reports import check_output, reports_of_diff, write_report
from genaudit.snapshots.folder import find, list_snapshots, read
from genaudit.snapshots.taking import take
from genaudit.workbench.session import Session


def saved_names(output: str) -> list[str]:
    """Names of the snapshots of an output folder, the last one first; none if a manifest is damaged."""
    try:
        return [manifest.name for manifest in reversed(list_snapshots(Path(output)))]
    except DDError:
        return []


def changes_since(session: Session, output: str, name: str) -> Diff | DDError:
    """Compare a snapshot with the store of a session, or return the error that prevents it."""
    try:
        before = read(find(Path(output), name))
        return compare(before, take(session.snapshot, date=session.day, left_out=[Path(output)]))
    except DDError as error:
        return error


def write_changes(session: Session, diff: Diff, output: str) -> list[Path] | DDError:
    """Write the reports of a diff; return their paths, or the error that prevents it."""
    try:
        check_output(Path(output), session.root)
        return [write_report(report, Path(output), session.day) for report in reports_of_diff(diff, session.day)]
    except DDError as error:
        return error
