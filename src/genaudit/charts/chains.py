"""Chart of the broken links between generations."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.layout import ABSENT, BELOW, HOLDS, lay_out
from genaudit.charts.style import BLUE, GREEN, GREY, OCHRE, RED, ROW_HEIGHT, VIOLET, of_values, tips, titled
from genaudit.schemas import ParentStatus
from genaudit.stages import STAGES, StageTable

MOST_DRAWN: Final = 60
_HOLLOW: Final = "transparent"
# Label, stroke, fill and shape for each state of a node.
_STATES: Final = {
    ParentStatus.MISSING: ("its parent is missing", RED, RED, "diamond"),
    ABSENT: ("not in the store", RED, _HOLLOW, "M-1,-1L1,1M-1,1L1,-1"),
    ParentStatus.UNREADABLE: ("its parent is unreadable", OCHRE, OCHRE, "triangle-up"),
    ParentStatus.UNKNOWN: ("unreadable itself", GREY, _HOLLOW, "triangle-down"),
    ParentStatus.WRONG_STAGE: ("its parent is in a wrong stage", VIOLET, VIOLET, "square"),
    ParentStatus.CYCLE: ("its own ancestor", GREEN, GREEN, "cross"),
    ParentStatus.UNNAMED: ("names no parent", GREY, GREY, "square"),
    HOLDS: ("holds", BLUE, _HOLLOW, "circle"),
    BELOW: ("below a break", GREY, GREY, "circle"),
}


def broken_chains(table: pd.DataFrame, most: int = MOST_DRAWN, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw the links that do not hold, each with its named parent and its descendants.

    :param table: columns of :data:`genaudit.schemas.PARENTS`.
    :param most: how many breaks are drawn; those with the most generations below them come first.
    :param stages: the store's table of stages.
    :returns: nodes in a column for each stage, joined from parent to child.
    """
    drawn = lay_out(table, most, stages)
    nodes = [_described({**node, "state": _STATES[node["state"]][0]}) for node in drawn.nodes]
    place = {"x": column_axis(stages), "y": row_axis(drawn.height)}
    edges = of_values(drawn.edges).mark_line(interpolate="basis", strokeWidth=1.2, style="edge", aria=False)
    points = of_values(nodes).mark_point(size=80, strokeWidth=2, opacity=1)
    labels = of_values(nodes).mark_text(
        align="left", baseline="middle", dx=9, dy=-7, limit=alt.ExprRef("width / 3.1"), style="id", aria=False
    )
    tooltip = tips("stage:N", "id:N", "state:N", alt.Tooltip("hanging:Q", title="generations below", format=","))
    parts = "; ".join(
        f"{meaning}: {count:,}"
        for meaning, *_ in _STATES.values()
        if (count := sum(node["state"] == meaning for node in nodes))
    )
    return titled(
        [
            edges.encode(**place, detail=alt.Detail("edge:N"), order=alt.Order("point:Q")),
            points.encode(**place, tooltip=tooltip, description=alt.Description("description:N"), **_looks(nodes)),
            labels.encode(**place, tooltip=tooltip, text=alt.Text("id:N")),
        ],
        f"Where chains break: {drawn.shown:,} of {drawn.total:,} breaks, the gravest first",
        f"{drawn.shown:,} broken links from parent to child, in a column for each stage. Generations drawn: {parts}.",
        round(ROW_HEIGHT * (drawn.height + 0.5)),
    )


def _described(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "description": f"{node['stage']} {node['id']}: {node['state']}"}


def column_axis(stages: StageTable, room: float = 0.1) -> alt.X:
    """Put each stage into its column.

    :param room: space left of the first column, in column widths.
    """
    last = len(stages) - 1
    return alt.X(
        "column:Q",
        title="stage, parents on the left",
        scale=alt.Scale(domain=[-room, last + 0.8], nice=False, zero=False),
        axis=alt.Axis(
            values=[*range(last + 1)],
            labelExpr=f"{list(stages)}[datum.value]",
            orient="top",
            grid=False,
            ticks=False,
            domain=False,
        ),
    )


def row_axis(height: float, room: float = 1) -> alt.Y:
    """Build the axis of rows, counted from the top.

    :param room: space above the first row, in rows.
    """
    return alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[height - 0.5, -room], nice=False, zero=False))


def _looks(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Encode the state by stroke, fill and shape at once; the legend has only the states that occur."""
    looks = [look for look in _STATES.values() if any(node["state"] == look[0] for node in nodes)]
    meanings = [look[0] for look in looks]
    legend = alt.Legend(orient="bottom", title=None, columns=4, labelLimit=240)

    def scale(place: int) -> alt.Scale:
        return alt.Scale(domain=meanings, range=[look[place] for look in looks])

    return {
        "stroke": alt.Stroke("state:N", scale=scale(1), legend=legend),
        "fill": alt.Fill("state:N", scale=scale(2), legend=legend),
        "shape": alt.Shape("state:N", scale=scale(3), legend=legend),
    }
