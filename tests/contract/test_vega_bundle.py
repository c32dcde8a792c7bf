"""The shipped bundle equals the output of its script, and draws the charts of the installed Altair."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import altair as alt

from genaudit.render.html.bundles import vega

DOCS = Path(__file__).parents[2] / "docs"


def script():
    spec = importlib.util.spec_from_file_location("vega_bundle", DOCS / "vega_bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_file_equals_the_scripts_output():
    made = script()
    assert made.BUNDLE.read_text(encoding="utf-8") == made.vega_bundle(), "run make bundle"


def test_every_part_keeps_its_notice():
    notices = vega()[: vega().index("*/")]
    for owner in (
        "University of Washington Interactive Data Lab",
        "Mike Bostock",
        "Mapbox",
        "Isaac Z. Schlueter",
        "Ariya Hidayat",
        "Simon Lydell",
        "Joachim Wester",
        "Charles Karney",
        "Cynthia Brewer",
    ):
        assert owner in notices


def test_the_bundle_has_the_vega_lite_of_altairs_charts():
    assert f'"{alt.SCHEMA_VERSION.removeprefix("v")}"' in vega()
