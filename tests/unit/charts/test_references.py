from __future__ import annotations

from genaudit.charts import references_by_kind
from genaudit.schemas import REFERENCES, from_rows
from helpers.charts import axis_titles, compiles, layers


def table(*rows):
    return from_rows(REFERENCES, [dict(zip(("kind", "treatment"), row, strict=True)) for row in rows])


def test_a_bar_for_each_kind_and_treatment_that_there_is():
    chart = references_by_kind(
        table(
            *[("record", "rewrite")] * 12,
            ("doc", "ambiguous"),
            ("doc", "dangling"),
            ("other", "unscanned"),
            ("generated_text", "historical"),
        )
    )
    compiles(chart)
    bars, labels = layers(chart)
    assert [(bar["what"], bar["number"], bar["label"]) for bar in bars] == [
        ("record: rewrite", 12, "12"),
        ("generated text: historical", 1, "1"),
        ("doc: ambiguous", 1, "1"),
        ("doc: dangling", 1, "1"),
        ("other: unscanned", 1, "1"),
    ]
    assert bars == labels
    # The rows that a click on a bar selects.
    assert [(bar["kind"], bar["treatment"]) for bar in bars][1] == ("generated_text", "historical")
    assert chart.to_dict()["title"] == "12 of 15 references can be rewritten, 1 need manual review"
    assert "doc: dangling 1" in chart.to_dict()["description"]
    assert axis_titles(chart) == {
        "x": "references, or files not searched (number, logarithmic)",
        "y": "kind of file",
    }
    assert chart.to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"] == [1, 10]


def test_nothing_to_draw_is_drawn_as_nothing():
    chart = references_by_kind(table())
    compiles(chart)
    assert chart.to_dict()["title"] == "0 of 0 references can be rewritten, 0 need manual review"
