"""The edits of what is kept beside the generations: curated selections, and tables that span cohorts.

A cell is an id, or a path through a generation's folder; text that merely mentions an id is left as it is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.places import open_below, open_in
from genaudit.cohorts.selection import FILES
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.migration.spans import Span, csv_rows, line_places, path_spans, text_at
from genaudit.store.folders import kind_of, read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from genaudit.migration.edits import Found, Ids

_MAX_BYTES: Final = 1 << 30
_TABLE: Final = ".csv"


def scan_selections(root: Path, ids: Ids, found: Found) -> None:
    """Look at the curated selections."""
    base = Layout(root).tasks.name
    for stage, name in FILES.items():
        path = f"{base}/{name}"
        try:
            with open_below(root, base) as handle:
                data = read_file(name, handle)
        except FileNotFoundError:
            continue
        except (DDError, UnreadableError) as error:
            found.leave(path, error.ctx["reason"] if isinstance(error, DDError) else error.state.value)
            continue
        found.see(path, data)
        own = ids[stage]
        found.edit(
            path,
            data,
            [Span(place.start, old, own[old]) for place in line_places(data) if (old := text_at(data, place)) in own],
        )


def scan_tables(root: Path, ids: Ids, found: Found) -> None:
    """Look at the tables that span cohorts, in whatever folder below theirs."""
    base = Layout(root).cross_experiment
    try:
        with open_below(root, base.name) as handle:
            _scan_folder(handle, base, base.name, ids, found)
    except FileNotFoundError:
        return
    except DDError as error:
        found.leave(base.name, error.ctx["reason"])


def _scan_folder(handle: int, base: Path, path: str, ids: Ids, found: Found) -> None:
    for name in sorted(os.listdir(handle)):
        below, kind = f"{path}/{name}", kind_of(name, handle)
        if kind == "folder":
            with open_in(handle, name, base) as inner:
                _scan_folder(inner, base / name, below, ids, found)
        elif kind != "file" or not name.endswith(_TABLE):
            found.leave(below, "no_table" if kind == "file" else "unsafe_path")
        else:
            try:
                data = read_file(name, handle, _MAX_BYTES)
            except (FileNotFoundError, UnreadableError):
                found.leave(below, "unreadable")
                continue
            found.see(below, data)
            _scan_table(below, data, ids, found)


def _scan_table(path: str, data: bytes, ids: Ids, found: Found) -> None:
    shared = _in_several_stages(ids)
    spans: list[Span] = []
    everywhere = {old: new for new_ids in ids.values() for old, new in new_ids.items()}
    for row in csv_rows(data):
        for place in row:
            value = text_at(data, place)
            if value in shared:
                found.leave(path, "id_of_several_stages")
                return
            if value in everywhere:
                spans.append(Span(place.start, value, everywhere[value]))
            elif "/" in value:
                spans += path_spans(data, place, ids)
    found.edit(path, data, spans)


def _in_several_stages(ids: Ids) -> frozenset[str]:
    """The old ids that generations of several stages have; they are few, if any."""
    seen: set[str] = set()
    twice: set[str] = set()
    for new_ids in ids.values():
        twice |= seen & new_ids.keys()
        seen |= new_ids.keys()
    return frozenset(twice)
