"""Edits of files beside the generations: selections, tables, JSON of any kind.

The search for references finds them and the places that a program may rewrite. Files with references that only a
person can resolve, and files that could not be searched, are left unchanged and listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.audits.references import references
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.migration.cohort_edits import has_edits_of_its_own
from genaudit.migration.edits import EditScan, Ids
from genaudit.migration.spans import Span
from genaudit.schemas import Treatment, rows
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot

# A membership or a record in another place is a private copy.
_HANDLERS: Final = frozenset({"csv", "json", "lines"})
_NEVER_TEXT: Final = "binary"
_MAX_BYTES: Final = 1 << 32


def scan_references(snapshot: Snapshot, searches: Sequence[EditScan]) -> None:
    """Scan every file of a data root except those of generations and cohorts, once for all searches."""
    known: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for search in searches:
        for stage, new_ids in search.ids.items():
            for old in new_ids:
                known[old] = (*known[old], stage)
    gens = Layout(snapshot.root).gens
    result = references(snapshot, left_out=[gens], more=known, passed_over=has_edits_of_its_own)
    for search in searches:
        _edit_files(snapshot.root, result.frame, search)


def _edit_files(root: Path, occurrences: pd.DataFrame, found: EditScan) -> None:
    """Edit the files with references that a search is about.

    :param occurrences: columns of :data:`genaudit.schemas.REFERENCES`.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    unclear: set[tuple[str, str]] = set()
    for row in rows(occurrences):
        treated = _treated(row, found.ids)
        if isinstance(treated, Span):
            spans[row.path].append(treated)
        elif treated:
            unclear.add((row.path, treated))
    for path, reason in sorted(unclear):
        found.leave(path, reason)
    for path, places in sorted(spans.items()):
        _edit(root, path, places, found)


def _treated(row: Any, ids: Ids) -> Span | str | None:  # noqa: ANN401 (a row of a frame)
    """Return the span to rewrite, or the reason to leave it; ``None`` if no rename concerns it.

    :param row: a row of :data:`genaudit.schemas.REFERENCES`.
    """
    if row.treatment == Treatment.UNSCANNED:
        reason: str = row.reason.partition(":")[0]
        return None if reason == _NEVER_TEXT else reason
    stages = (row.stages or "").split()
    new = [ids[stage][row.gen_id] for stage in stages if row.gen_id in ids[stage]]
    if new and row.treatment == Treatment.AMBIGUOUS:
        return Treatment.AMBIGUOUS.value
    if not new or row.treatment != Treatment.REWRITE:
        return None
    if row.handler not in _HANDLERS:
        return "not_in_its_place"
    return Span(row.offset, row.gen_id, new[0]) if len(stages) == 1 else "id_of_several_stages"


def _edit(root: Path, path: str, spans: list[Span], found: EditScan) -> None:
    *folders, name = path.split("/")
    try:
        with open_below(root, *folders) as handle:
            data = read_file(name, handle, _MAX_BYTES)
        found.see(path, data)
        found.edit(path, data, spans)
    except (FileNotFoundError, UnreadableError, DDError, ValueError):
        found.leave(path, "changed_meanwhile")
