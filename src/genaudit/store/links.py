"""Parent links of generations, as row numbers.

A graph object for every generation would take a kilobyte per node. Arrays of row numbers answer the same questions
for a million generations; charts build a graph of a few of them (:func:`genaudit.charts.layout.graph_of`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genaudit.schemas import ParentStatus, RecordState
from genaudit.stages import PARENT, Stage
from genaudit.store.snapshot import Snapshot

# Numbered like the frames' categories.
NUMBER: Final = {status: number for number, status in enumerate(ParentStatus)}
NO_ROW: Final = -1


@dataclass(frozen=True, slots=True)
class Links:
    """Each row's link to its parent; an array has an entry for each row of the snapshot.

    :param status: the number of the row's :class:`genaudit.schemas.ParentStatus`.
    :param parent: the parent's row number, or :data:`NO_ROW` if the link leads to no row of the store.
    :param broken_at: the nearest row upwards, itself included, whose own link is broken; :data:`NO_ROW` for a row
        that reaches the first stage.
    :param children: the number of rows that link to the row.
    :param descendants: the number of rows below the row, itself not counted.
    """

    status: NDArray[np.int64]
    parent: NDArray[np.int64]
    broken_at: NDArray[np.int64]
    children: NDArray[np.int64]
    descendants: NDArray[np.int64]


def follow(snapshot: Snapshot) -> Links:
    """Resolve every parent reference of a store and follow the chains, in time linear in its size."""
    total = len(snapshot.generations)
    readable = (snapshot.generations["state"] == RecordState.OK).to_numpy()
    named: list[str | None] = snapshot.values(PARENT)
    by_name = snapshot.parent_rows
    status = np.full(total, NUMBER[ParentStatus.UNKNOWN])
    parent = np.full(total, NO_ROW)
    broken_at = np.arange(total)
    for stage in snapshot.stages.values():
        span = snapshot.spans[stage.name]
        if stage.parent is None:
            roots = _first_stage(span, readable)
            status[roots], broken_at[roots] = NUMBER[ParentStatus.ROOT], NO_ROW
            continue
        rows = np.fromiter(span, np.int64, len(span))
        found = by_name[rows]
        found[~readable[rows]] = NO_ROW
        parent[rows] = found
        holds = (found != NO_ROW) & readable[found]
        status[rows[holds]] = NUMBER[ParentStatus.OK]
        status[rows[(found != NO_ROW) & ~readable[found]]] = NUMBER[ParentStatus.UNREADABLE]
        # Intact links lead to an earlier stage, whose rows are already resolved.
        broken_at[rows[holds]] = broken_at[found[holds]]
        for row in rows[(found == NO_ROW) & readable[rows]].tolist():
            status[row], parent[row] = _elsewhere(snapshot, stage, named[row])
    for row in _cyclic(status, parent):
        status[row] = NUMBER[ParentStatus.CYCLE]
    return Links(status, parent, broken_at, *_below(parent))


def _first_stage(span: range, readable: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = np.fromiter(span, np.int64, len(span))
    return rows[readable[rows]]


def _elsewhere(snapshot: Snapshot, stage: Stage, name: str | None) -> tuple[int, int]:
    """Look up a parent in the other stages, if the expected stage does not have it."""
    if name is None:
        return NUMBER[ParentStatus.UNNAMED], NO_ROW
    for other in snapshot.stages:
        if other != stage.parent and (row := snapshot.rows[other].get(name)) is not None:
            return NUMBER[ParentStatus.WRONG_STAGE], row
    return NUMBER[ParentStatus.MISSING], NO_ROW


def _cyclic(status: NDArray[np.int64], parent: NDArray[np.int64]) -> list[int]:
    """Find the rows on a cycle among those with a parent in the wrong stage; every cycle has such a link."""
    wrong = np.flatnonzero(status == NUMBER[ParentStatus.WRONG_STAGE]).tolist()
    # By row, the start from which it was first reached.
    reached: dict[int, int] = {}
    on_cycle: set[int] = set()
    for start in wrong:
        row = start
        while row != NO_ROW and row not in reached:
            reached[row] = start
            row = int(parent[row])
        if row != NO_ROW and reached[row] == start:
            on_cycle.update(_cycle_from(row, parent))
    return [row for row in wrong if row in on_cycle]


def _below(parent: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the children and descendants of each row: leaves first, a layer at a time."""
    linked = parent != NO_ROW
    children = np.bincount(parent[linked], minlength=len(parent))
    waiting, below = children.copy(), np.zeros(len(parent), dtype=np.int64)
    layer = np.flatnonzero(waiting == 0)
    while len(layer := layer[linked[layer]]):
        above = parent[layer]
        np.add.at(below, above, below[layer] + 1)
        np.subtract.at(waiting, above, 1)
        layer = np.unique(above)[waiting[np.unique(above)] == 0]
    # The remaining rows lie on cycles: each row of a cycle has all the others and their descendants below it.
    for row in np.flatnonzero(waiting > 0).tolist():
        if waiting[row]:
            cycle = _cycle_from(row, parent)
            waiting[cycle] = 0
            below[cycle] = int(below[cycle].sum()) + len(cycle) - 1
    return children, below


def _cycle_from(start: int, parent: NDArray[np.int64]) -> list[int]:
    rows = [start]
    while (row := int(parent[rows[-1]])) != start:
        rows.append(row)
    return rows
