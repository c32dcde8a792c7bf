"""Charts in recorded notebooks: outputs that are the same bytes each time, and that a replay can compare.

Altair's own renderers put random ids into a page, or make a picture that hides a small change of the data.
"""

from __future__ import annotations

import json
from typing import Any, Final

import altair as alt

_NAME: Final = "genaudit-recorded"
_MIME: Final = f"application/vnd.vegalite.v{alt.SCHEMA_VERSION.removeprefix('v').partition('.')[0]}+json"


def record_charts() -> None:
    """Let notebooks keep a chart as its specification, and as the words that say what is drawn."""
    alt.renderers.register(_NAME, _recorded)
    alt.renderers.enable(_NAME)


def _recorded(spec: dict[str, Any], **_options: object) -> dict[str, Any]:
    # Files of notebooks are sorted. With the same order here a replay that fails shows only what differs.
    ordered = json.loads(json.dumps(spec, sort_keys=True))
    return {_MIME: ordered, "text/plain": f"{spec['title']}\n{spec['description']}"}
