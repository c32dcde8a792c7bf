from __future__ import annotations

import pytest

from genaudit.charts import brushable, clickable, scores
from genaudit.charts.fields import completeness
from genaudit.charts.interactive import PICK, for_notebook
from genaudit.schemas import FIELDS, SCORES, from_rows
from helpers.charts import compiles


@pytest.fixture
def chart():
    return scores(from_rows(SCORES, [{"score": 7.5}]))


def picks(chart):
    return [param for param in chart.to_dict()["params"] if param["name"] == PICK]


def test_a_click_names_fields(chart):
    clicked = clickable(chart, "bar")
    compiles(clicked)
    (pick,) = picks(clicked)
    assert (pick["select"]["type"], pick["select"]["fields"]) == ("point", ["bar"])
    opacity = clicked.to_dict()["layer"][0]["encoding"]["opacity"]
    (condition,) = opacity["condition"]
    assert condition["param"] == PICK
    assert opacity["value"] < condition["value"]


def test_a_brush_goes_along_the_bars(chart):
    brushed = brushable(chart)
    compiles(brushed)
    (pick,) = picks(brushed)
    assert (pick["select"]["type"], pick["select"]["encodings"]) == ("interval", ["x"])


def test_the_chart_itself_stays_as_it_is(chart):
    before = chart.to_dict()
    clickable(chart, "bar")
    for_notebook(chart)
    assert chart.to_dict() == before


def test_marks_that_use_opacity_get_a_frame():
    row = {"stage": "draft", "field": "mode", "required": False, "present": 1, "absent": 1, "flagged": 0}
    clicked = clickable(completeness(from_rows(FIELDS, [row])), "stage", "field")
    compiles(clicked)
    encoding = clicked.to_dict()["layer"][0]["encoding"]
    assert encoding["opacity"]["field"] == "share"
    (condition,) = encoding["strokeWidth"]["condition"]
    assert (condition["param"], condition["empty"]) == (PICK, False)


def test_text_contrasts_with_its_background(chart):
    shown = for_notebook(chart)
    compiles(shown)
    spec = shown.to_dict()
    assert spec["width"] == "container"
    assert "background" in spec["config"]["text"]["color"]["expr"]
    assert "background" not in spec["config"]
