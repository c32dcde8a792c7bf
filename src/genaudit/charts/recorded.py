"""Charts in recorded notebooks, with reproducible outputs that a replay can compare.

Altair's own renderers put random ids into a page, or make a picture that hides a small change of the data.
"""

from __future__ import annotations

import json
from typing import Any, Final

import altair as alt

_NAME: Final = "genaudit-recorded"
_MIME: Final = f"application/vnd.vegalite.v{alt.SCHEMA_VERSION.removeprefix('v').partition('.')[0]}+json"


def record_charts() -> None:
    """Store each chart of a notebook as its specification and its text alternative."""
    alt.renderers.register(_NAME, _recorded)
    alt.renderers.enable(_NAME)


def _recorded(spec: dict[str, Any], **_options: object) -> dict[str, Any]:
    # Notebook files have sorted keys. The same order here lets a failing replay show only real differences.
    ordered = json.loads(json.dumps(spec, sort_keys=True))
    return {_MIME: ordered, "text/plain": f"{spec['title']}\n{spec['description']}"}
