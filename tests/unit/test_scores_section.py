from __future__ import annotations

import pandas as pd

from genaudit.errors import DDError, Err, Reason
from genaudit.schemas import SCORES, from_rows
from genaudit.scores import SUM
from genaudit.scores_section import scores_section


def table(*rows):
    nothing = dict.fromkeys(SCORES)
    return from_rows(SCORES, [{**nothing, "gen_id": f"v_{place}", **row} for place, row in enumerate(rows)])


def by(template, score=None, error=None):
    judged = {"evaluation_template": template, "evaluation_llm_model": "judge"}
    return {**judged, "parent_gen_id": "e_1", "score": score, "error": error}


def test_scores_are_counted_and_missing_ones_listed():
    section = scores_section(table(by("a", 7.0), by("a", 8.0), by("b", error="parsed_missing"), by(None, 3.0)))
    assert section.sentences == ("3 of 4 evaluations have a score, 6.00 on average.",)
    assert section.good is None
    assert [figure.key for figure in section.figures] == ["scores", "score-spread", "score-means"]
    judges, unscored = section.tables
    assert judges.cells == [
        ["", "judge", 1, 1, "3.00", "3.00", "3.00"],
        ["a", "judge", 2, 2, "7.50", "7.00", "8.00"],
        ["b", "judge", 1, 0, "", "", ""],
    ]
    assert unscored.cells == [["v_2", "parsed missing", "b", "judge", "e_1"]]


def test_where_every_evaluation_has_a_score_nothing_is_listed():
    section = scores_section(table(by("a", 7.0)))
    assert section.good == "Every evaluation has a score that a pivot can place."
    assert [each.key for each in section.tables] == ["judges"]


def test_without_any_score_there_is_no_chart():
    section = scores_section(table(by("a", error="parsed_blank")))
    assert section.sentences == ("0 of 1 evaluation have a score.",)
    assert section.figures == ()


def test_without_evaluations_there_is_a_sentence():
    section = scores_section(table())
    assert (section.sentences, section.figures, section.tables) == ((), (), ())
    assert section.good == "There are no evaluations to gather scores from yet."


def test_the_pivot_is_drawn_or_its_absence_explained():
    scores = table(by("a", 7.0))
    pivot = pd.DataFrame({"parent_gen_id": ["e_1"], "judge_a": [7.0], "judge_a_n": [1], SUM: [7.0]})
    assert scores_section(scores, pivot).figures[-1].key == "score-pivot"
    missing = DDError(Err.DATA_MISSING, {"reason": Reason.CATALOG_MISSING, "path": "1_raw/llm_models.csv"})
    section = scores_section(scores, missing)
    assert "score-pivot" not in [figure.key for figure in section.figures]
    assert "There is no pivot: " in section.sentences[1]
    assert "1_raw/llm_models.csv" in section.sentences[1]
