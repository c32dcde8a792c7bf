"""Write ``src/genaudit/templates/vega.js``, the scripts that draw a page's charts without a network.

The bundle contains Vega, Vega-Lite and Vega-Embed in the version of Altair's charts. ``vl-convert`` strips their
notices, so they are put before it. ``tests/contract/test_vega_bundle.py`` compares the file.
"""

from __future__ import annotations

from pathlib import Path

import altair as alt
import vl_convert

DOCS = Path(__file__).parent
BUNDLE = DOCS.parent / "src" / "genaudit" / "templates" / "vega.js"
NOTICES = DOCS / "vega_licences.txt"


def vega_bundle() -> str:
    """Return the notices and the bundle, which defines ``vegaEmbed``."""
    major, minor, _ = alt.SCHEMA_VERSION.removeprefix("v").split(".")
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=f"{major}.{minor}")
    return f"/*!\n{NOTICES.read_text(encoding='utf-8')}*/\n{bundle}"


if __name__ == "__main__":
    BUNDLE.write_text(vega_bundle(), encoding="utf-8")
