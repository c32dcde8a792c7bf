from __future__ import annotations

from genaudit.charts import completeness
from genaudit.schemas import FIELDS, from_rows
from genaudit.stages import RECORD_FIELDS
from helpers.charts import axis_titles, compiles, layers


def table(*rows):
    return from_rows(FIELDS, [dict(zip(FIELDS, row, strict=True)) for row in rows])


def test_cells_show_the_share_present_and_frame_flagged_fields():
    chart = completeness(
        table(
            ("draft", "combo_id", True, 3, 1, 1),
            ("draft", "parent_gen_id", False, 0, 4, 0),
            ("essay", "combo_id", False, 2, 1, 2),
            ("essay", "llm_model_id", False, 1, 2, 0),
            ("essay", "template_id", True, 3, 0, 0),
            ("evaluation", "template_id", True, 0, 0, 0),
        )
    )
    compiles(chart)
    cells, framed, _ = layers(chart)
    assert {(cell["stage"], cell["field"]): cell["label"] for cell in cells} == {
        ("draft", "combo_id"): "75.0 % · required",
        ("draft", "parent_gen_id"): "none belongs",
        ("essay", "combo_id"): "2 do not belong",
        ("essay", "llm_model_id"): "33.3 % · optional",
        ("essay", "template_id"): "all · required",
        ("evaluation", "template_id"): "no records",
    }
    assert [(cell["stage"], cell["field"]) for cell in framed] == [("draft", "combo_id"), ("essay", "combo_id")]
    assert chart.to_dict()["title"] == "Not as required in 2 places, which are framed"
    assert "draft combo_id: 75.0 % · required; essay combo_id: 2 do not belong" in chart.to_dict()["description"]
    assert axis_titles(chart) == {"x": "stage", "y": "field of the record"}
    encoding = chart.to_dict()["layer"][0]["encoding"]
    assert encoding["x"]["sort"] == ["draft", "essay", "evaluation"]
    assert encoding["y"]["sort"] == [*RECORD_FIELDS]


def test_a_single_gap_in_many_records_is_not_rounded_away():
    chart = completeness(table(("draft", "combo_id", True, 99_999, 1, 1), ("draft", "mode", False, 1, 99_999, 0)))
    assert [cell["label"] for cell in layers(chart)[0]] == ["99.9 % · required", "0.1 % · optional"]


def test_nothing_wrong():
    chart = completeness(table(("draft", "combo_id", True, 4, 0, 0)))
    compiles(chart)
    assert layers(chart)[1] == []
    assert chart.to_dict()["title"] == "Every record has the fields it needs"
