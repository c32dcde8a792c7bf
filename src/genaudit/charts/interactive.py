"""Charts that answer to a pointer: click or brush what is drawn, and look the same on light and dark."""

from __future__ import annotations

from typing import Final

import altair as alt

from genaudit.charts.style import GREY

PICK: Final = "pick"
_FADED: Final = 0.25
_FRAME: Final = 3
# marimo draws charts on a canvas and gives them Vega's dark theme on a dark page. That theme colours guides, but no
# text of ours, which therefore is styled as a guide; whatever this leaves out is the theme's.
_GUIDE: Final = "guide-label"
_CONFIG: Final = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
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
    },
    "legend": {"labelFontSize": 12},
    "text": {"fontSize": 12},
    "style": {
        "edge": {"color": GREY, "stroke": GREY},
        "id": {"font": "ui-monospace, monospace", "fontSize": 11},
    },
}


def for_notebook(chart: alt.LayerChart) -> alt.LayerChart:
    """Make a chart as wide as there is room, in the colours of the page that it stands on."""
    shown = chart.copy(deep=True)
    for layer in shown.layer:
        # A mark without properties of its own is the bare name of its kind.
        if not isinstance(layer.mark, str) and layer.mark.type in {"text", "tick"}:
            own = layer.mark.style
            layer.mark.style = [_GUIDE, own] if isinstance(own, str) else [_GUIDE]
    sized: alt.LayerChart = shown.properties(width="container", config=alt.Config.from_dict(_CONFIG))
    return sized


def clickable(chart: alt.LayerChart, *fields: str, layer: int = 0) -> alt.LayerChart:
    """Let a click pick what is drawn, a click with the shift key several, and a double click nothing.

    :param fields: of the chart's rows, which say what was picked.
    :param layer: the layer that is clicked.
    """
    return _with(chart, alt.selection_point(name=PICK, fields=[*fields]), layer)


def brushable(chart: alt.LayerChart, layer: int = 0) -> alt.LayerChart:
    """Let a pointer that is dragged along the chart's bars pick those that it passes."""
    return _with(chart, alt.selection_interval(name=PICK, encodings=["x"]), layer)


def _with(chart: alt.LayerChart, pick: alt.Parameter, place: int) -> alt.LayerChart:
    layers = [*chart.layer]
    picked = layers[place].add_params(pick)
    if isinstance(picked.encoding.opacity, alt.utils.schemapi.UndefinedType):
        picked = picked.encode(opacity=alt.when(pick).then(alt.value(1)).otherwise(alt.value(_FADED)))
    else:
        # What already says something by its opacity gets a frame.
        width = alt.when(pick, empty=False).then(alt.value(_FRAME)).otherwise(alt.value(0))
        picked = picked.encode(stroke=alt.value(GREY), strokeWidth=width)
    layers[place] = picked
    whole = chart.copy(deep=False)
    whole.layer = layers
    return for_notebook(whole)
