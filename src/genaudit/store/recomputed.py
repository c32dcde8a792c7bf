"""Recomputed ids of a store: from the records as stored, and after a rename of all parents.

The first shows whether a name still holds. A migration needs the second, because the child of a renamed parent gets
another id even if its own name holds today.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from genaudit.encoded import unequal
from genaudit.ids import ParsedId, hashed_text, ids_of_texts, parse_id, with_collision
from genaudit.stages import PARENT, REPLICATE
from genaudit.store.base_ids import signature_texts
from genaudit.store.snapshot import Snapshot


class RecomputedIds(NamedTuple):
    """The recomputed ids of a snapshot, row by row.

    :param parsed: the parsed names that are not simply the base id of their signature.
    :param recomputed: each row's id by its stored record, with the collision index of its name; ``None`` without a
        signature.
    :param migrated: the same once its parents have these ids.
    """

    parsed: Mapping[int, ParsedId]
    recomputed: list[str | None]
    migrated: list[str | None]


def recompute_ids(snapshot: Snapshot) -> RecomputedIds:
    """Recompute every id in one pass."""
    stages: list[str] = snapshot.values("stage")
    names: list[str] = snapshot.values("gen_id")
    recomputed: list[str | None] = [*names]
    for row, new in snapshot.other_ids.items():
        recomputed[row] = new
    # Only a name that is not simply the recomputed id needs a closer look.
    parsed = {row: parse_id(stages[row], names[row], snapshot.stages) for row in snapshot.other_ids}
    _redo_collisions(snapshot, parsed, recomputed)
    return RecomputedIds(parsed, recomputed, _migrated(snapshot, names, recomputed))


def _redo_collisions(snapshot: Snapshot, parsed: Mapping[int, ParsedId], recomputed: list[str | None]) -> None:
    """Recompute the ids of rows whose names have a collision index, with that index."""
    for stage, span in snapshot.spans.items():
        rows = [row for row in parsed if row in span and parsed[row].collision and recomputed[row]]
        texts = [hashed_text(snapshot.signature_text(row), parsed[row].collision) for row in rows]
        for row, base in zip(rows, ids_of_texts(stage, texts, snapshot.stages), strict=True):
            recomputed[row] = with_collision(base, parsed[row].collision)


def _migrated(snapshot: Snapshot, names: list[str], recomputed: list[str | None]) -> list[str | None]:
    """Compute the id of each row once its parents are renamed, stage by stage."""
    migrated = [*recomputed]
    parents = snapshot.parent_rows
    is_renamed = np.zeros(len(names), dtype=bool)
    for stage in snapshot.stages.values():
        span = snapshot.spans[stage.name]
        if PARENT in stage.signature:
            above = parents[span.start : span.stop]
            below = (np.flatnonzero((above >= 0) & is_renamed[above]) + span.start).tolist()
            moved = [row for row in below if recomputed[row]]
            columns = {field: snapshot.values(field) for field in (*stage.signature, REPLICATE)}
            parts = [[column[row] for row in moved] for column in columns.values()]
            parts[[*columns].index(PARENT)] = [migrated[row] for row in parents[moved].tolist()]
            texts = [text for text in signature_texts(parts) if text is not None]
            for row, new in zip(moved, ids_of_texts(stage.name, texts, snapshot.stages), strict=True):
                migrated[row] = new
        for row in unequal(migrated[span.start : span.stop], names[span.start : span.stop]):
            is_renamed[span.start + row] = migrated[span.start + row] is not None
    return migrated
