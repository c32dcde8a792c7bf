"""Rendering of templates, with the parts that all pages share.

A store's contents are untrusted. Templates escape all values, charts are data that no parser takes for markup, and a
page's policy lists the only scripts that may run, and no network source.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final

import jinja2

from genaudit import charts
from genaudit.charts.style import CLASS_COLOURS, SEVERITY_COLOURS
from genaudit.codes import SEVERITIES
from genaudit.humanize import share
from genaudit.legible import legible
from genaudit.page_model import Figure, Table
from genaudit.render.html.bundles import BUNDLES, file_name, inline
from genaudit.render.html.compiled import CompiledTemplates

# The size of a page is bounded, whatever the size of the store: rows of a table, by its key or in general.
# Report files have every row.
_MOST_ROWS: Final = {"findings": 300}
_MOST_ROWS_OTHERWISE: Final = 100

_TEMPLATES: Final = resources.files("genaudit").joinpath("templates")


def fill(template: str, context: Mapping[str, Any], *, bundles: Sequence[str], beside: bool) -> bytes:
    """Render a page: HTML in UTF-8, the same bytes for the same context.

    :param bundles: third-party scripts that it needs, names of :data:`genaudit.render.html.bundles.BUNDLES`.
    :param beside: whether these are files beside the page, which many pages can share, or inside the page.
    """
    carried = {} if beside else {name: BUNDLES[name]() for name in bundles}
    # Ids become links before the tables are cut into pages.
    scripts = {**carried, "look": _asset("look.js"), "page": _asset("page.js")}
    theme = _asset("theme.js")
    text = (
        _environment()
        .get_template(template)
        .render(
            **context,
            theme=theme,
            scripts=scripts,
            files=[file_name(name) for name in bundles] if beside else [],
            style=_asset("page.css") + _asset("look.css"),
            policy=_policy([theme, *scripts.values()], "'self'" if beside and bundles else ""),
            class_colours=CLASS_COLOURS,
            severity_colours=SEVERITY_COLOURS,
        )
    )
    return text.encode()


@cache
def _environment() -> jinja2.Environment:
    """Create the environment, which keeps compiled templates."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("genaudit", "templates"),
        bytecode_cache=CompiledTemplates(Path(str(_TEMPLATES))),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(legible=_legible, inline=inline_rows, number=_number, data=_data, share=share)
    environment.globals.update(severities=SEVERITIES, draw=_draw)
    return environment


def _asset(name: str) -> str:
    """Read a script or a style sheet beside the templates."""
    return inline(_TEMPLATES.joinpath(name).read_text(encoding="utf-8"))


def _policy(scripts: Iterable[str], files: str) -> str:
    """Build a policy that allows exactly these scripts, inline styles, embedded images, and no network request."""
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    return (
        f"default-src 'none'; script-src {' '.join(filter(None, [*hashes, files]))}; style-src 'unsafe-inline';"
        " img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _draw(figure: Figure) -> dict[str, Any]:
    """Split a chart into its title, which the page renders itself, and the drawing."""
    spec: dict[str, Any] = charts.specification(figure.chart)
    title = spec.pop("title")
    # The page has its own theme, and charts are as wide as their column.
    del spec["config"]
    spec["width"] = "container"
    return {"title": title, "spec": spec}


def _legible(value: object) -> str:
    return "" if value is None else legible(str(value))


def inline_rows(table: Table) -> Table:
    """Cut a table to the rows that a page holds."""
    return table.cut(_MOST_ROWS.get(table.key, _MOST_ROWS_OTHERWISE))


def _number(value: int) -> str:
    return f"{value:,}"


def _data(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """Encode data for a script element of the page, so that nothing in it ends the element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
