"""Recomputed ids of a store: from the records as stored, and after a rename of all parents.

The first shows whether a name still holds. A migration needs the second, because the child of a renamed parent gets
another id even if its own name holds today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from genaudit.ids import SEPARATOR, ParsedId, hashed_text, ids_of_texts, parse_id, with_collision
from genaudit.stages import PARENT, REPLICATE
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
    recomputed = _new_ids(snapshot, snapshot.signatures)
    # Only a name that is not simply the recomputed id needs a closer look.
    parsed = {
        row: parse_id(stages[row], names[row], snapshot.stages)
        for row, new in enumerate(recomputed)
        if new != names[row]
    }
    _redo_collisions(snapshot, parsed, recomputed)
    return RecomputedIds(parsed, recomputed, _migrated(snapshot, names, recomputed))


def _new_ids(snapshot: Snapshot, texts: Sequence[str | None]) -> list[str | None]:
    """Compute the id, without collision index, of each row that has a signature."""
    ids: list[str | None] = []
    for stage, span in snapshot.spans.items():
        known = [text for text in texts[span.start : span.stop] if text is not None]
        new = iter(ids_of_texts(stage, known, snapshot.stages))
        ids.extend(None if text is None else next(new) for text in texts[span.start : span.stop])
    return ids


def _redo_collisions(snapshot: Snapshot, parsed: Mapping[int, ParsedId], recomputed: list[str | None]) -> None:
    """Recompute the ids of rows whose names have a collision index, with that index."""
    for stage, span in snapshot.spans.items():
        rows = [row for row in parsed if row in span and parsed[row].collision and recomputed[row]]
        texts = [hashed_text(str(snapshot.signatures[row]), parsed[row].collision) for row in rows]
        for row, base in zip(rows, ids_of_texts(stage, texts, snapshot.stages), strict=True):
            recomputed[row] = with_collision(base, parsed[row].collision)


def _migrated(snapshot: Snapshot, names: list[str], recomputed: list[str | None]) -> list[str | None]:
    """Compute the id of each row once its parents are renamed, stage by stage."""
    migrated = list(recomputed)
    parents: list[str] = snapshot.values(PARENT)
    renamed: dict[str | None, dict[str, str]] = {None: {}}
    for stage in snapshot.stages.values():
        span, above = snapshot.spans[stage.name], renamed[stage.parent] if PARENT in stage.signature else {}
        moved = [row for row in span if parents[row] in above and recomputed[row]] if above else []
        columns = [(field, snapshot.values(field)) for field in (*stage.signature, REPLICATE)]
        texts = [
            SEPARATOR.join(above[parents[row]] if field == PARENT else str(column[row]) for field, column in columns)
            for row in moved
        ]
        for row, new in zip(moved, ids_of_texts(stage.name, texts, snapshot.stages), strict=True):
            migrated[row] = new
        pairs = ((names[row], migrated[row]) for row in span)
        renamed[stage.name] = {name: new for name, new in pairs if new and new != name}
    return migrated
