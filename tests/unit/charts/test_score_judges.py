from __future__ import annotations

from genaudit.charts import score_means, score_spread
from genaudit.charts.score_judges import MOST_ROWS
from genaudit.schemas import SCORES, from_rows
from helpers.charts import compiles, layers

NAMES = ("evaluation_template", "evaluation_llm_model", "generation_template", "generation_model", "score")


def of(*lines):
    return from_rows(
        SCORES, [{"gen_id": f"v_{place}", **dict(zip(NAMES, line, strict=True))} for place, line in enumerate(lines)]
    )


def test_quartiles_of_each_judge_the_best_first():
    table = of(
        *(("novelty", "gpt", "essay-1", "sonnet", score) for score in (1.0, 2.0, 3.0, 4.0, 9.0)),
        ("coherence", "gpt", "essay-1", "sonnet", 8.0),
        ("coherence", "gpt", "essay-1", "sonnet", None),
    )
    chart = score_spread(table)
    compiles(chart)
    # Of five values the quartiles are the second, third and fourth.
    assert layers(chart)[0] == [
        {"judge": "coherence · gpt", "lowest": 8, "low": 8, "median": 8, "high": 8, "highest": 8, "scores": 1},
        {"judge": "novelty · gpt", "lowest": 1, "low": 2, "median": 3, "high": 4, "highest": 9, "scores": 5},
    ]


def test_means_of_each_writer_and_template():
    table = of(
        ("novelty", "gpt", "essay-1", "sonnet", 2.0),
        ("novelty", "o3", "essay-1", "sonnet", 5.0),
        ("coherence", "gpt", "essay-1", "sonnet", 7.0),
        ("novelty", "gpt", "essay-2", None, 9.0),
    )
    chart = score_means(table)
    compiles(chart)
    drawn = {(cell["writer"], cell["judged"]): (cell["label"], cell["scores"]) for cell in layers(chart)[0]}
    assert drawn == {
        ("essay-1 · sonnet", "novelty"): ("3.50", 2),
        ("essay-1 · sonnet", "coherence"): ("7.00", 1),
        ("essay-2", "novelty"): ("9.00", 1),
    }


def test_omitted_judges_are_named():
    many = of(*((f"template-{place}", "gpt", f"essay-{place}", "sonnet", 5.0) for place in range(MOST_ROWS + 3)))
    for chart in (score_spread(many), score_means(many)):
        compiles(chart)
        assert f"{MOST_ROWS} of {MOST_ROWS + 3} drawn" in chart.to_dict()["title"]


def test_no_scores_are_no_boxes():
    for chart in (score_spread(of()), score_means(of())):
        compiles(chart)
        assert layers(chart)[0] == []
