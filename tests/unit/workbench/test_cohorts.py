from __future__ import annotations

import pandas as pd
import pytest

from genaudit.errors import DDError
from genaudit.schemas import SCORES, from_rows
from genaudit.workbench.cohorts import members, score_summary, scores_of
from genaudit.workbench.session import Sessions
from helpers.stores import ESSAY


@pytest.fixture
def with_cohort(family):
    folder = family / "cohorts" / "one"
    folder.mkdir(parents=True)
    (folder / "membership.csv").write_text(f"stage,gen_id\nevaluation,v_2\nessay,{ESSAY}\nessay,e_gone\n")
    (family / "gens" / "evaluation" / "v_2" / "parsed.txt").write_text("Good.\n7.5\n")
    return Sessions().open(family)


def test_members_are_those_that_the_store_has(with_cohort):
    assert members(with_cohort, "one")["gen_id"].tolist() == [ESSAY, "v_2"]
    assert members(with_cohort, None) is with_cohort.generations


def test_a_membership_that_cannot_be_read_is_no_accident(with_cohort):
    assert isinstance(members(with_cohort, "nobody"), DDError)
    assert isinstance(members(with_cohort, "../one"), DDError)


def test_scores_belong_to_the_members(with_cohort):
    scored = scores_of(with_cohort, members(with_cohort, "one"))
    assert scored[["stage", "bar", "gen_id", "score"]].to_numpy().tolist() == [["evaluation", "7", "v_2", 7.5]]
    everyone = scores_of(with_cohort, with_cohort.generations)
    assert everyone["bar"].isna().tolist() == [True, False, True]


def test_scores_are_summed_up_by_writer_judge_and_template():
    names = ("generation_model", "evaluation_llm_model", "evaluation_template")
    rows = [(("a", "j", "t"), 6.0), (("a", "j", "t"), 9.0), (("a", "j", "t"), None), (("b", "j", "t"), 1.0)]
    scores = from_rows(SCORES, [{**dict(zip(names, key, strict=True)), "score": score} for key, score in rows])
    table = score_summary(scores)
    assert table[["generation_model", "scores", "mean", "lowest", "highest", "without"]].to_numpy().tolist() == [
        ["a", 2, 7.5, 6.0, 9.0, 1],
        ["b", 1, 1.0, 1.0, 1.0, 0],
    ]


def test_an_unknown_writer_keeps_its_line():
    scores = from_rows(SCORES, [{"evaluation_llm_model": "j", "evaluation_template": "t", "score": 3.0}])
    table = score_summary(scores)
    assert (len(table), pd.isna(table["generation_model"].iloc[0])) == (1, True)
    assert len(score_summary(scores.head(0))) == 0
