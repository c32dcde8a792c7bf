"""Scripts of the pages: Vega for charts, DataTables for tables.

``docs/vega_bundle.py`` writes the file with Vega. DataTables is the bundle of ``itables`` without
its style sheet: the page has its own, of a tenth of the size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Final

# Text that an HTML parser would take for the end of a script, or for another state inside one. The escape has the
# same meaning in every string, template and regular expression.
_MARKUP: Final = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)
_DEFAULT_EXPORT: Final = re.compile(r"export\{[^}]*?([\w$]+) as default\b[^}]*\}")


def inline(script: str) -> str:
    """Escape a script for use between ``<script>`` and ``</script>``."""
    return _MARKUP.sub(r"\\x3C", script)


@lru_cache(maxsize=1)
def vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as ``vegaEmbed``; their notices are at its start."""
    return inline(resources.files("genaudit").joinpath("templates/vega.js").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def datatables() -> str:
    """Return DataTables, as the global ``DataTable``; its notices are at its end."""
    bundle = _folder_of("itables").joinpath("html/dt_bundle.js").read_text(encoding="utf-8")
    return inline(_DEFAULT_EXPORT.sub(r"globalThis.DataTable=\1", bundle))


def _folder_of(package: str) -> Path:
    """Find the folder of an installed package without importing it, which would take longer than a small page."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


BUNDLES: Final[Mapping[str, Callable[[], str]]] = {"vega": vega, "datatables": datatables}


def file_name(bundle: str) -> str:
    """Return the file name of a bundle beside pages."""
    return f"{bundle}.js"


def standalone(bundle: str) -> bytes:
    """Return a bundle as a separate file; pages from disk cannot load modules, so it is wrapped like one."""
    return f'(() => {{\n"use strict";\n{BUNDLES[bundle]()}\n}})();\n'.encode()
