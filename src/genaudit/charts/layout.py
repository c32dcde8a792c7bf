"""Layout of broken chains: a column for each stage, a row for each end of a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import pandas as pd

from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.schemas import BREAKS, ParentStatus, rows
from genaudit.stages import STAGES, StageTable

ABSENT: Final = "absent"
HOLDS: Final = "holds"
BELOW: Final = "below"

_LABEL: Final = 60
_GAP: Final = 0.5
_BULGE: Final = 0.06

Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Positions of nodes and edges.

    :param nodes: ``column`` (the stage's number), ``row``, ``stage``, ``gen_id``, ``id`` or a label, ``state`` and
        ``hanging``, the number of descendants.
    :param edges: four points per edge: ``edge`` (its number), ``point``, ``column``, ``row``.
    :param height: number of rows.
    :param shown: number of drawn breaks.
    :param total: number of all breaks.
    """

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    height: float
    shown: int
    total: int


def lay_out(table: pd.DataFrame, most: int, stages: StageTable = STAGES) -> Drawing:
    """Lay out the links that do not hold, with their named parents and their descendants.

    :param table: columns of :data:`genaudit.schemas.PARENTS`.
    :param most: how many breaks are drawn; those with the most generations below them come first.
    :param stages: the store's table of stages.
    """
    broken = table[table["status"].isin(BREAKS)]
    chosen = broken.sort_values(["descendants", "stage", "gen_id"], ascending=[False, True, True]).head(most)
    graph = graph_of(chosen)
    _look_outside(graph, table)
    for row in rows(chosen):
        graph.nodes[row.stage, row.gen_id]["hanging"] = row.descendants
    _hang_below(graph, table)
    places = rows_of(graph, stages)
    nodes = [
        {
            "column": stages.index(node[0]),
            "row": places[node],
            "stage": node[0],
            "gen_id": node[1],
            "id": legible(values.get("label", node[1]), _LABEL),
            "state": values["status"],
            "hanging": values.get("hanging", 0),
        }
        for node, values in graph.nodes(data=True)
    ]
    return Drawing(
        nodes, lines_of(graph, places, stages), max(places.values(), default=0.0) + 1, len(chosen), len(broken)
    )


def graph_of(links: pd.DataFrame) -> nx.DiGraph[Node]:
    """Build the graph of some generations, from parent to child.

    :param links: rows of a frame with the columns of :data:`genaudit.schemas.PARENTS`.
    :returns: nodes ``(stage, gen_id)`` with the attribute ``status``; a parent that is not among the rows has the
        status ``outside``, and one that is missing from the store ``absent``.
    """
    graph: nx.DiGraph[Node] = nx.DiGraph()
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


def rows_of(graph: nx.DiGraph[Node], stages: StageTable) -> dict[Node, float]:
    """Give each node a row, so that ends of chains lie below each other, the others amid their descendants."""
    return _Rows(graph, stages).rows


def lines_of(graph: nx.DiGraph[Node], places: dict[Node, float], stages: StageTable) -> list[dict[str, Any]]:
    """Give four points for each line from a parent to its child: ``edge``, ``point``, ``column``, ``row``."""
    return [
        {"edge": number, "point": point, "column": column, "row": row}
        for number, (above, below) in enumerate(graph.edges)
        for point, (column, row) in enumerate(_line(above, below, places, stages))
    ]


def _look_outside(graph: nx.DiGraph[Node], table: pd.DataFrame) -> None:
    """Add the link state of parents that are not drawn as breaks themselves."""
    outside = [node for node, values in graph.nodes(data=True) if values["status"] == "outside"]
    near = table[table["gen_id"].isin([name for _, name in outside])]
    known = {
        (stage, name): status for stage, name, status in near[["stage", "gen_id", "status"]].itertuples(index=False)
    }
    for node in outside:
        fine = known[node] in {ParentStatus.ROOT, ParentStatus.OK}
        graph.nodes[node]["status"] = HOLDS if fine else str(known[node])


def _hang_below(graph: nx.DiGraph[Node], table: pd.DataFrame) -> None:
    """Add one node per stage for all descendants of a break."""
    hanging = table[~table["reaches_root"] & (table["status"] == ParentStatus.OK)]
    hung = Counter((row.break_stage, row.break_gen_id, row.stage) for row in rows(hanging))
    for (*above, stage), count in hung.items():
        if (above[0], above[1]) in graph:
            # No folder name has a slash, so this is not the id of a generation.
            below = (stage, "/".join((*above, "below")))
            label = f"{counted(count, stage)} below"
            graph.add_node(below, status=BELOW, label=label, hanging=0)
            graph.add_edge((above[0], above[1]), below)


class _Rows:
    """Assignment of rows: ends of chains one after the other, other nodes at the middle of their children."""

    def __init__(self, graph: nx.DiGraph[Node], stages: StageTable) -> None:
        self._stages = stages
        self.rows: dict[Node, float] = {}
        self._graph = graph
        self._next = 0.0
        self._seen: set[Node] = set()
        tops = [node for node in graph if not graph.in_degree(node)]
        # Nodes that no root leads to lie on cycles, where any node may come first.
        for node in (*tops, *graph):
            if node not in self._seen:
                self._place(node)
                self._next += _GAP

    def _place(self, node: Node) -> None:
        self._seen.add(node)
        below = [other for other in self._graph.successors(node) if other not in self._seen]
        column = self._stages.index(node[0])
        if not all(column < self._stages.index(other[0]) for other in below) or not below:
            self.rows[node] = self._next
            self._next += 1
        placed = []
        for other in below:
            if other not in self._seen:
                self._place(other)
                placed.append(self.rows[other])
        self.rows.setdefault(node, (min(placed, default=0) + max(placed, default=0)) / 2)


def _line(above: Node, below: Node, rows: dict[Node, float], stages: StageTable) -> Iterator[tuple[float, float]]:
    start, end = stages.index(above[0]), stages.index(below[0])
    bend = (start + end) / 2 if start != end else start - _BULGE
    yield from ((start, rows[above]), (bend, rows[above]), (bend, rows[below]), (end, rows[below]))
