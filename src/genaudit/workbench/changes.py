"""Changes of a store since a saved snapshot, for the notebook of changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from genaudit.diff.comparison import Diff, compare
from genaudit.diff.sections import changes_table, counts_of, diff_sections
from genaudit.errors import DDError
from genaudit.page_model import Section
from genaudit.reports import check_output, reports_of_diff, write_report
from genaudit.snapshots.folder import find, list_snapshots, read
from genaudit.snapshots.taking import take
from genaudit.workbench.session import Session


class Changes(NamedTuple):
    """A diff and the parts of its page.

    :param counts: generations by kind of change and stage.
    :param table: a row for each change.
    """

    diff: Diff
    sections: tuple[Section, ...]
    counts: Mapping[str, Counter[str]]
    table: pd.DataFrame


def saved_names(output: str) -> list[str]:
    """Names of the snapshots of an output folder, the last one first; none if a manifest is damaged."""
    try:
        return [manifest.name for manifest in reversed(list_snapshots(Path(output)))]
    except DDError:
        return []


def changes_since(session: Session, output: str, name: str) -> Changes | str:
    """Compare a snapshot with the store of a session, or return the reason why it cannot be."""
    try:
        before = read(find(Path(output), name))
        diff = compare(before, take(session.snapshot, date=session.day, left_out=[Path(output)]))
    except DDError as error:
        return f"The snapshot cannot be compared: {error}."
    return Changes(diff, diff_sections(diff), counts_of(diff), changes_table(diff))


def write_changes(session: Session, diff: Diff, output: str) -> list[Path] | DDError:
    """Write the reports of a diff; return their paths, or the error that prevents it."""
    try:
        check_output(Path(output), session.root)
        return [write_report(report, Path(output), session.day) for report in reports_of_diff(diff, session.day)]
    except DDError as error:
        return error
