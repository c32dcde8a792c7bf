"""Read the marks and data of a chart's specification."""

from __future__ import annotations

from typing import Any

import altair as alt
import vl_convert

# Of Vega-Lite, for vl-convert.
VERSION = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def layers(chart: alt.LayerChart) -> list[list[dict[str, Any]]]:
    """The rows that each layer draws."""
    spec = chart.to_dict()
    # Altair gives equal data one name, and lifts shared properties of layers to the top.
    data = [layer.get("data", spec.get("data")) for layer in spec["layer"]]
    return [spec["datasets"][one["name"]] if "name" in one else one["values"] for one in data]


def compiles(chart: alt.LayerChart) -> None:
    """Fail unless Altair's schema and Vega-Lite's compiler both take the chart."""
    vl_convert.vegalite_to_vega(chart.to_dict(validate=True), vl_version=VERSION)


def axis_titles(chart: alt.LayerChart) -> dict[str, str]:
    """The titles of a chart's axes that are shown."""
    titles = {}
    for layer in chart.to_dict()["layer"]:
        for channel in ("x", "y"):
            encoding = layer["encoding"].get(channel, {})
            if encoding.get("title") and encoding.get("axis", {}) is not None:
                titles[channel] = encoding["title"]
    return titles
