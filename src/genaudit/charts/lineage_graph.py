"""Chart of one generation's lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import networkx as nx
import pandas as pd

from genaudit.charts.chains import column_axis, row_axis
from genaudit.charts.layout import graph_of, lines_of, rows_of
from genaudit.charts.style import BLUE, GREY, OCHRE, RED, ROW_HEIGHT, of_values, tips, titled
from genaudit.humanize import noun
from genaudit.legible import legible
from genaudit.schemas import IdClass
from genaudit.stages import STAGES, StageTable

Node = tuple[str, str]

_ABSENT: Final = "not in the store"
_MORE: Final = "further ones, not drawn"
# Colour and shape for each class of id, so that colour is never the only sign.
_LOOKS: Final = {
    IdClass.DETERMINISTIC: (BLUE, "circle"),
    IdClass.LEGACY: (OCHRE, "square"),
    IdClass.MISMATCHED: (RED, "diamond"),
    IdClass.UNVERIFIABLE: (GREY, "triangle-down"),
    _ABSENT: (RED, "M-1,-1L1,1M-1,1L1,-1"),
    _MORE: (GREY, "M-1,0L1,0"),
}
_LABEL: Final = 44
# Lines leave a node to its right, and those of a cycle bulge to its left: a label goes where there is none.
_LABEL_AT: Final[Mapping[str, Mapping[str, Any]]] = {
    "right": {"align": "left", "baseline": "middle", "dx": 12},
    "above, to the left": {"align": "right", "baseline": "bottom", "dx": 6, "dy": -9},
    "above, to the right": {"align": "left", "baseline": "bottom", "dx": -6, "dy": -9},
}
# Space left of the first column, in column widths.
_ROOM: Final = 0.5
# Space above the first row, in rows.
_HEADROOM: Final = 1.8


def lineage(
    links: pd.DataFrame,
    classes: Mapping[Node, str],
    chosen: Node,
    omitted: Mapping[tuple[Node, str], int],
    stages: StageTable = STAGES,
) -> alt.LayerChart:
    """Draw a generation with its ancestors and descendants.

    :param links: its own row and its relatives', columns of :data:`genaudit.schemas.PARENTS`.
    :param classes: the class of each one's id.
    :param chosen: stage and id of the one that is looked at.
    :param omitted: by parent and stage, how many children are not among the rows.
    :param stages: the store's table of stages.
    :returns: nodes in a column for each stage, joined from parent to child; layer 1 has the nodes.
    """
    graph = graph_of(links)
    for (parent, stage), count in omitted.items():
        # No folder name has a slash, so this is not the id of a generation.
        more = (stage, "/".join((*parent, "more")))
        graph.add_node(more, label=f"{count:,} more {noun(count, stage)}")
        graph.add_edge(parent, more)
    places = rows_of(graph, stages)
    nodes = [{"column": stages.index(node[0]), **_node(graph, node, classes, chosen, places[node])} for node in graph]
    height = max(places.values()) + 1
    place = {"x": column_axis(stages, _ROOM), "y": row_axis(height, _HEADROOM)}
    tooltip = tips("stage:N", alt.Tooltip("gen_id:N", title="id"), "class:N")
    edges = of_values(lines_of(graph, places, stages)).mark_line(
        interpolate="basis", strokeWidth=1.2, style="edge", aria=False
    )
    base = of_values(nodes)
    points = base.mark_point(strokeWidth=2, opacity=1, cursor="pointer").encode(
        size=alt.Size("size:Q", scale=None), description=alt.Description("description:N"), **_looks(nodes)
    )
    labels = [
        base.transform_filter(alt.datum.label_at == at).mark_text(style="id", aria=False, **position)
        for at, position in _LABEL_AT.items()
    ]
    description = "; ".join(str(node["description"]) for node in nodes)
    return titled(
        [
            edges.encode(**place, detail=alt.Detail("edge:N"), order=alt.Order("point:Q")),
            points.encode(**place, tooltip=tooltip),
            *(label.encode(**place, text=alt.Text("label:N")) for label in labels),
        ],
        f"The chain of {chosen[0]} {legible(chosen[1], _LABEL)}",
        f"Generations in a column for each stage, joined from parent to child: {description}.",
        round(ROW_HEIGHT * (height + _HEADROOM - 0.5)),
    )


def _node(
    graph: nx.DiGraph[Node], node: Node, classes: Mapping[Node, str], chosen: Node, row: float
) -> dict[str, Any]:
    more = graph.nodes[node].get("label")
    kind = _MORE if more else str(classes.get(node, _ABSENT))
    name = more or legible(node[1], _LABEL)
    return {
        "row": row,
        "stage": node[0],
        "gen_id": node[1],
        "class": kind,
        "label": f"▸ {name}" if node == chosen else name,
        "label_at": _label_at(graph, node),
        "size": 220 if node == chosen else 90,
        "description": f"{node[0]} {name} ({kind}{', the one looked at' if node == chosen else ''})",
    }


def _label_at(graph: nx.DiGraph[Node], node: Node) -> str:
    stages = {child[0] for child in graph.successors(node)}
    if not stages - {node[0]}:
        return "right"
    return "above, to the right" if node[0] in stages else "above, to the left"


def _looks(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Encode the class by colour and shape at once; the legend has only the classes that occur."""
    looks = {str(kind): look for kind, look in _LOOKS.items() if any(node["class"] == kind for node in nodes)}
    legend = alt.Legend(orient="bottom", title=None, columns=3, labelLimit=240)
    colours, shapes = zip(*looks.values(), strict=True)
    return {
        "stroke": alt.Stroke("class:N", scale=alt.Scale(domain=[*looks], range=[*colours]), legend=legend),
        "fill": alt.Fill("class:N", scale=alt.Scale(domain=[*looks], range=[*colours]), legend=legend),
        "shape": alt.Shape("class:N", scale=alt.Scale(domain=[*looks], range=[*shapes]), legend=legend),
    }
