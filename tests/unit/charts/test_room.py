"""Rows of a chart that is drawn: bars and labels of neighbouring rows do not touch."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pandas as pd
import pytest
import vl_convert

from genaudit import charts
from genaudit.audits.result import Findings
from genaudit.schemas import MAPPING, PARENTS, from_rows
from helpers.charts import VERSION

BAR = 13


def findings():
    found = Findings()
    for code in ("FIELD_MISSING", "FIELD_BLANK", "SYMLINK", "TEXT_EMPTY"):
        found.add(code)
    return found.frame()


def links():
    states = ("missing", "unreadable", "cycle")
    made = [{"stage": "essay", "gen_id": f"e_{n}", "status": one, "descendants": 0} for n, one in enumerate(states)]
    return from_rows(PARENTS, [{**row, "children": 0} for row in made])


def mapping():
    made = [{"stage": stage, "class": "legacy", "cause": "own"} for stage in ("draft", "essay", "evaluation")]
    return from_rows(MAPPING, [{**row, "collision_index": 0} for row in made])


def renamed():
    return pd.DataFrame({"stage": ["draft", "essay", "essay"], "cause": ["own", "own", "cascade"]})


def excluded():
    return pd.DataFrame({"stage": ["draft", "essay"], "reason": ["not_chosen", "mismatched"]})


CHARTS = {
    "findings": lambda: charts.findings_by_code(findings()),
    "links": lambda: charts.link_states(links()),
    "causes": lambda: charts.causes(mapping()),
    "renames": lambda: charts.planned_renames(renamed()),
    "exclusions": lambda: charts.exclusions(excluded()),
}


def heights_of_rows(chart):
    """The vertical positions of the labels of the vertical axis, as the browser draws them."""
    drawn = ET.fromstring(vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VERSION))  # noqa: S314 (our own)
    axes = [each for each in drawn.iter() if "Y-axis" in each.get("aria-label", "")]
    labels = [each for axis in axes for each in axis.iter() if "role-axis-label" in each.get("class", "")]
    places = [text.get("transform") for each in labels for text in each.iter() if text.tag.endswith("text")]
    return sorted({float(place.removeprefix("translate(").removesuffix(")").split(",")[1]) for place in places})


@pytest.mark.parametrize("name", CHARTS)
def test_rows_are_higher_than_their_bars(name):
    rows = heights_of_rows(CHARTS[name]())
    assert len(rows) > 1
    assert min(below - above for above, below in pairwise(rows)) > BAR + 2
