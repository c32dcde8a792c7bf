"""The scripts that the page carries: Vega for its charts, DataTables for its tables, both from installed packages.

DataTables is the bundle that ``itables`` ships. Its style sheet is left out: the page has one of its own, of which
most readers will see more, and that is a tenth of the size.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Final

import altair as alt
import vl_convert

# What an HTML parser would take for the end of a script, or for the beginning of another state inside one. The
# escape means the same in every string, template and regular expression.
_MARKUP: Final = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)
_DEFAULT_EXPORT: Final = re.compile(r"export\{[^}]*?([\w$]+) as default\b[^}]*\}")


def inline(script: str) -> str:
    """Make a script fit to stand between ``<script>`` and ``</script>``."""
    return _MARKUP.sub(r"\\x3C", script)


@lru_cache(maxsize=1)
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed, of the version that Altair's charts are written for, as ``vegaEmbed``."""
    major, minor, _ = alt.SCHEMA_VERSION.removeprefix("v").split(".")
    return inline(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=f"{major}.{minor}"))


@lru_cache(maxsize=1)
def datatables() -> str:
    """DataTables, as the global ``DataTable``."""
    bundle = resources.files("itables").joinpath("html/dt_bundle.js").read_text(encoding="utf-8")
    return inline(_DEFAULT_EXPORT.sub(r"globalThis.DataTable=\1", bundle))
