"""Interactive charts: selection by click or brush, with colours for light and dark pages."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import altair as alt

from genaudit.charts.style import GREY

PICK: Final = "pick"
_FADED: Final = 0.25
_FRAME: Final = 3
# marimo applies Vega's dark theme on a dark page. The theme colours the background, titles and axes, but not text
# marks, so these choose their colour by the background.
_LIGHT: Final = "white"
_INK: Final = {"expr": f"background == '{_LIGHT}' ? '#16191d' : '#eceeed'"}
_CONFIG: Final[dict[str, Any]] = {
    "font": "system-ui, sans-serif",
    "padding": 12,
    "view": {"stroke": None},
    "title": {"anchor": "start", "fontSize": 15, "fontWeight": 600, "offset": 14},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "gridOpacity": 0.25,
        "gridColor": GREY,
        "domainColor": GREY,
        "tickColor": GREY,
        "titlePadding": 10,
        "labelSeparation": 8,
    },
    "legend": {"labelFontSize": 12},
    "text": {"color": _INK, "fontSize": 12},
    "tick": {"color": _INK},
    "style": {
        "edge": {"color": GREY, "stroke": GREY},
        "id": {"font": "ui-monospace, monospace", "fontSize": 11},
    },
}


def for_notebook(chart: alt.LayerChart) -> alt.LayerChart:
    """Fit a chart to the page's width, in colours that suit its theme."""
    shown: alt.LayerChart = chart.properties(width="container", config=_config())
    return shown


@cache
def _config() -> alt.Config:
    config: alt.Config = alt.Config.from_dict(_CONFIG)
    return config


def clickable(chart: alt.LayerChart, *fields: str, layer: int = 0) -> alt.LayerChart:
    """Select marks by click: shift-click adds one, double-click clears the selection.

    :param fields: columns of the chart's rows that identify the selection.
    :param layer: the layer to click on.
    """
    return _with(chart, alt.selection_point(name=PICK, fields=[*fields]), layer)


def brushable(chart: alt.LayerChart, layer: int = 0) -> alt.LayerChart:
    """Select bars by dragging over them."""
    return _with(chart, alt.selection_interval(name=PICK, encodings=["x"]), layer)


def _with(chart: alt.LayerChart, pick: alt.Parameter, place: int) -> alt.LayerChart:
    layers = [*chart.layer]
    picked = layers[place].add_params(pick)
    if isinstance(picked.encoding.opacity, alt.utils.schemapi.UndefinedType):
        picked = picked.encode(opacity=alt.when(pick).then(alt.value(1)).otherwise(alt.value(_FADED)))
    else:
        # Marks that already encode a value by opacity get a frame.
        width = alt.when(pick, empty=False).then(alt.value(_FRAME)).otherwise(alt.value(0))
        picked = picked.encode(stroke=alt.value(GREY), strokeWidth=width)
    layers[place] = picked
    whole = chart.copy(deep=False)
    whole.layer = layers
    return whole
