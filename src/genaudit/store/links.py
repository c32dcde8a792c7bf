"""The links between generations: as row numbers for whole stores, as a networkx graph for the part one looks at.

A graph object of every generation would take a kilobyte a node; arrays of row numbers answer the same questions for
a million generations, and the graph is built for what is broken, or for one generation's relatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np

from genaudit.schemas import ParentStatus, RecordState
from genaudit.stages import PARENT, STAGE_NAMES, STAGES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from genaudit.stages import Stage
    from genaudit.store.snapshot import Snapshot

# Numbered as in the frames' categories.
NUMBER: Final = {status: number for number, status in enumerate(ParentStatus)}
NO_ROW: Final = -1


@dataclass(frozen=True, slots=True)
class Links:
    """Each row's link to its parent; an array has an entry for each row of the snapshot.

    :param status: the number of the row's :class:`genaudit.schemas.ParentStatus`.
    :param parent: the parent's row number, :data:`NO_ROW` where no row of the store is linked.
    :param broken_at: the nearest row upwards, the row itself included, whose own link does not hold;
        :data:`NO_ROW` for a row that reaches the first stage.
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
    status = np.full(total, NUMBER[ParentStatus.UNKNOWN])
    parent = np.full(total, NO_ROW)
    broken_at = np.arange(total)
    for stage in STAGES.values():
        span = snapshot.spans[stage.name]
        if stage.parent is None:
            roots = _first_stage(span, readable)
            status[roots], broken_at[roots] = NUMBER[ParentStatus.ROOT], NO_ROW
            continue
        expected = snapshot.rows[stage.parent]
        rows = np.fromiter(span, np.int64, len(span))
        found = np.fromiter((expected.get(named[row] or "", NO_ROW) for row in span), np.int64, len(span))
        found[~readable[rows]] = NO_ROW
        parent[rows] = found
        holds = (found != NO_ROW) & readable[found]
        status[rows[holds]] = NUMBER[ParentStatus.OK]
        status[rows[(found != NO_ROW) & ~readable[found]]] = NUMBER[ParentStatus.UNREADABLE]
        # Links that hold lead to an earlier stage, whose rows are settled by now.
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
    """Look a parent that the expected stage does not have up in the other stages."""
    if name is None:
        return NUMBER[ParentStatus.UNNAMED], NO_ROW
    for other in STAGE_NAMES:
        if other != stage.parent and (row := snapshot.rows[other].get(name)) is not None:
            return NUMBER[ParentStatus.WRONG_STAGE], row
    return NUMBER[ParentStatus.MISSING], NO_ROW


def _cyclic(status: NDArray[np.int64], parent: NDArray[np.int64]) -> list[int]:
    """Find the rows with a parent in the wrong stage that lie on a cycle; no cycle does without such a link."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    wrong = np.flatnonzero(status == NUMBER[ParentStatus.WRONG_STAGE]).tolist()
    for start in wrong:
        row = start
        while row != NO_ROW and row not in graph:
            graph.add_node(row)
            row = int(parent[row])
    graph.add_edges_from([(row, int(parent[row])) for row in graph if parent[row] != NO_ROW])
    on_cycle: set[int] = set()
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1 or any(graph.has_edge(row, row) for row in component):
            on_cycle |= component
    return [row for row in wrong if row in on_cycle]


def _below(parent: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the rows right below and anywhere below each row: leaves first, a layer at a time."""
    linked = parent != NO_ROW
    children = np.bincount(parent[linked], minlength=len(parent))
    waiting, below = children.copy(), np.zeros(len(parent), dtype=np.int64)
    layer = np.flatnonzero(waiting == 0)
    while len(layer := layer[linked[layer]]):
        above = parent[layer]
        np.add.at(below, above, below[layer] + 1)
        np.subtract.at(waiting, above, 1)
        layer = np.unique(above)[waiting[np.unique(above)] == 0]
    # What still waits lies on cycles: each of a cycle's rows has all the others, and what hangs on them, below it.
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


def graph_of(links: pd.DataFrame) -> nx.DiGraph[tuple[str, str]]:
    """Build the graph of some generations, from parent to child.

    :param links: rows of a frame with the columns of :data:`genaudit.schemas.PARENTS`.
    :returns: nodes ``(stage, gen_id)`` with the attribute ``status``; a parent that is not among the rows has the
        status ``outside``, and one that is nowhere in the store ``absent``.
    """
    graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    rows = list(links[["stage", "gen_id", "parent_stage", "parent_gen_id", "status"]].itertuples(index=False))
    for stage, gen_id, *_, status in rows:
        graph.add_node((stage, gen_id), status=str(status))
    for stage, gen_id, parent_stage, parent_gen_id, status in rows:
        if status in {ParentStatus.ROOT, ParentStatus.UNKNOWN, ParentStatus.UNNAMED}:
            continue
        above = (parent_stage, parent_gen_id)
        if above not in graph:
            graph.add_node(above, status="absent" if status == ParentStatus.MISSING else "outside")
        graph.add_edge(above, (stage, gen_id))
    return graph
