from __future__ import annotations

from genaudit.charts import scores
from genaudit.schemas import SCORES, from_rows
from helpers.charts import axis_titles, compiles, layers


def of(*values):
    return from_rows(SCORES, [{"gen_id": f"v_{place}", "score": value} for place, value in enumerate(values)])


def test_scores_are_in_the_bar_of_their_whole_number():
    chart = scores(of(0.0, 0.9, 7.0, 7.5, 9.0, None))
    compiles(chart)
    bars = {bar["bar"]: bar["evaluations"] for bar in layers(chart)[0]}
    assert bars == {**dict.fromkeys("123456", 0), "0": 2, "7": 2, "8": 0, "9": 1}
    assert chart.to_dict()["title"] == "5 scores, 4.88 on average"
    assert "7: 2" in chart.to_dict()["description"]
    assert "evaluations (number)" in axis_titles(chart).values()


def test_no_scores_are_no_bars():
    for chart in (scores(of()), scores(of(None))):
        compiles(chart)
        assert {bar["evaluations"] for bar in layers(chart)[0]} == {0}
        assert chart.to_dict()["title"] == "0 scores"
