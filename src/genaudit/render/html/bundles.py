"""The scripts that pages need: Vega for their charts, DataTables for their tables, both from installed packages.

DataTables is the bundle that ``itables`` ships. Its style sheet is left out: the page has one of its own, of which
most readers will see more, and that is a tenth of the size.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import altair as alt
import vl_convert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What an HTML parser would take for the end of a script, or for the beginning of another state inside one. The
# escape means the same in every string, template and regular expression.
_MARKUP: Final = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)
_DEFAULT_EXPORT: Final = re.compile(r"export\{[^}]*?([\w$]+) as default\b[^}]*\}")
_NOTICES: Final = resources.files("genaudit").joinpath("templates/vega_licences.txt")


def inline(script: str) -> str:
    """Make a script fit to stand between ``<script>`` and ``</script>``."""
    return _MARKUP.sub(r"\\x3C", script)


@lru_cache(maxsize=1)
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed, of the version that Altair's charts are written for, as ``vegaEmbed``.

    The bundle comes without the notices of what is in it, so they go before it.
    """
    major, minor, _ = alt.SCHEMA_VERSION.removeprefix("v").split(".")
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=f"{major}.{minor}")
    return inline(f"/*!\n{_NOTICES.read_text(encoding='utf-8')}*/\n{bundle}")


@lru_cache(maxsize=1)
def datatables() -> str:
    """DataTables, as the global ``DataTable``; the notices of what is in it stand at its end."""
    bundle = resources.files("itables").joinpath("html/dt_bundle.js").read_text(encoding="utf-8")
    return inline(_DEFAULT_EXPORT.sub(r"globalThis.DataTable=\1", bundle))


BUNDLES: Final[Mapping[str, Callable[[], str]]] = {"vega": vega, "datatables": datatables}


def file_name(bundle: str) -> str:
    """Name the file of a bundle that lies beside pages."""
    return f"{bundle}.js"


def standalone(bundle: str) -> bytes:
    """Write a bundle as a file of its own; pages from disk can load no modules, so it is wrapped as one would be."""
    return f'(() => {{\n"use strict";\n{BUNDLES[bundle]()}\n}})();\n'.encode()
