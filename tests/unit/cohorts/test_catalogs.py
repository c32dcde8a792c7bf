from __future__ import annotations

import pandas as pd
import pytest

from fakes.cohorts import frames, table
from genaudit.cohorts.catalogs import COMBOS, combo_summary, needed_slices, read_catalogs
from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.selection import Cartesian, Selection
from genaudit.errors import DDError, Err

EVERY = needed_slices(Cartesian())


def error_of(needed=EVERY, **changes):
    with pytest.raises(DDError) as caught:
        read_catalogs(frames(**changes), needed)
    return caught.value


def problems(error):
    return [(problem["catalog"], problem["problem"]) for problem in error.ctx["problems"]]


def test_the_catalogs_that_each_kind_of_plan_needs():
    spec = needed_slices(CohortDefinition((), (), ()))
    assert set(spec) == {
        "combo_mappings",
        "draft_templates",
        "essay_templates",
        "evaluation_templates",
        "llm_models",
    }
    assert set(needed_slices(Selection("essay", ("e_1",), "regenerate"))) == {*spec, "replication_config"}
    assert set(EVERY) == {*spec, "replication_config", "selected_combo_mappings"}


def test_active_limits_plans_but_not_known_ids():
    catalogs = read_catalogs(frames(), EVERY)
    assert catalogs.active_templates("draft") == ["creative-synthesis-v10"]
    assert catalogs.active_templates("essay") == ["creative-synthesis-v10", "parsed-from-links-v1"]
    assert catalogs.active_templates("evaluation") == ["novelty"]
    assert catalogs.generation_models == ["gemini_25_pro"]
    assert catalogs.evaluation_models == ["sonnet-4"]
    assert set(catalogs.templates["draft"]) == {"creative-synthesis-v10", "creative-synthesis-v7"}
    assert set(catalogs.models) == {"gemini_25_pro", "deepseek_r1_p", "sonnet-4"}


def test_without_the_columns_every_row_counts():
    changes = {
        "draft_templates": table("template_id", "b", "a"),
        "evaluation_templates": table("template_id,parser", "y,", "x,"),
        "llm_models": table("id,provider", "m2,p", "m1,p"),
    }
    catalogs = read_catalogs(frames(**changes), EVERY)
    assert catalogs.active_templates("draft") == ["b", "a"]
    assert catalogs.active_templates("evaluation") == ["y", "x"]
    assert catalogs.generation_models == catalogs.evaluation_models == ["m2", "m1"]


def test_models_that_are_not_active_are_used_for_nothing():
    models = table("id,active,for_evaluation", "m1,True,True", "m2,False,True", "m3,True,False")
    catalogs = read_catalogs(frames(llm_models=models), EVERY)
    assert catalogs.generation_models == ["m1", "m3"]
    assert catalogs.evaluation_models == ["m1"]


@pytest.mark.parametrize(
    ("word", "active"), [("TRUE", True), (" 1", True), ("yes", True), ("false", False), ("0", False)]
)
def test_spellings_of_a_flag(word, active):
    catalogs = read_catalogs(frames(evaluation_templates=[f"novelty,llm,{word}"]), EVERY)
    assert catalogs.active_templates("evaluation") == (["novelty"] if active else [])


def test_flags_and_numbers_may_come_typed():
    changes = {
        "draft_templates": pd.DataFrame({"template_id": ["a", "b"], "active": [True, False]}),
        "replication_config": pd.DataFrame({"stage": ["draft", "essay", "evaluation"], "replicates": [1, 2, 3]}),
    }
    catalogs = read_catalogs(frames(**changes), EVERY)
    assert catalogs.active_templates("draft") == ["a"]
    assert dict(catalogs.replicates) == {"draft": 1, "essay": 2, "evaluation": 3}


def test_a_template_has_the_mode_of_its_text():
    catalogs = read_catalogs(frames(), EVERY)
    assert catalogs.mode("essay", "Parsed-From-Links-V1 ") == "copy"
    assert catalogs.mode("essay", "creative-synthesis-v10") == "llm"
    assert catalogs.mode("essay", "gone") == catalogs.mode("draft", None) == "llm"
    assert catalogs.mode("draft", "parsed-from-links-v1") == "llm"
    silent = read_catalogs(frames(essay_templates=table("template_id,generator", "a,", "b, Copy ")), EVERY)
    assert (silent.mode("essay", "a"), silent.mode("essay", "b")) == ("llm", "copy")


def test_ids_get_the_spelling_of_the_catalog():
    changes = {
        "combo_mappings": ["Combo_One,v1,concept,sentence,2,now"],
        "draft_templates": table("template_id", "Plain-V1"),
        "llm_models": table("id", "Qwen3"),
        "selected_combo_mappings": table("combo_id", "combo_one", "Combo_One"),
    }
    catalogs = read_catalogs(frames(**changes), EVERY)
    assert catalogs.spelled_combo("combo_one") == "Combo_One"
    assert catalogs.spelled_template("draft", "plain-v1") == "Plain-V1"
    assert catalogs.spelled_model("qwen3") == "Qwen3"
    assert catalogs.spelled_model(None) is None
    assert catalogs.spelled_combo("gone") == "gone"
    assert catalogs.selected_combos == ("combo_one",)


def test_combos_selected_for_a_cartesian_plan_keep_their_order():
    selected = table("combo_id,concept_id", "b,1", "b,2", "a,1", "b,3")
    assert read_catalogs(frames(selected_combo_mappings=selected), EVERY).selected_combos == ("b", "a")


def test_the_catalog_of_combos_is_required():
    for needed in (EVERY, needed_slices(None)):
        error = error_of(needed, combo_mappings=None)
        assert error.code is Err.DATA_MISSING
        assert error.ctx["reason"] == "catalog_incomplete"
        assert error.ctx["catalog"] == COMBOS
        assert problems(error) == [(COMBOS, "catalog_incomplete")]


def test_an_empty_catalog_of_combos():
    for empty in ([], [" ,v1,c,sentence,2,now"]):
        error = error_of(combo_mappings=empty)
        assert error.code is Err.DATA_MISSING
        assert error.ctx["reason"] == "catalog_empty"
        assert problems(error) == [(COMBOS, "catalog_empty")]


def test_all_six_columns_of_the_catalog_of_combos_are_checked():
    error = error_of(combo_mappings=table("combo,version,k_max", "combo_1,v1,2"))
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "catalog_incomplete"
    assert error.ctx["problems"][0]["columns"] == ["combo_id", "concept_id", "description_level", "created_at"]


def test_all_errors_are_raised_together_the_worst_first():
    error = error_of(combo_mappings=[], llm_models=table("model", "m"), essay_templates=None)
    assert error.code is Err.DATA_MISSING
    assert error.ctx["reason"] == "catalog_incomplete"
    assert error.ctx["catalog"] == "essay_templates"
    assert sorted(problems(error)) == [
        ("combo_mappings", "catalog_empty"),
        ("essay_templates", "catalog_incomplete"),
        ("llm_models", "catalog_incomplete"),
    ]


def test_unneeded_catalogs_are_not_validated():
    changes = {"replication_config": None, "selected_combo_mappings": table("x", "y")}
    catalogs = read_catalogs(frames(**changes), needed_slices(CohortDefinition((), (), ())))
    assert dict(catalogs.replicates) == {}
    assert catalogs.selected_combos == ()


@pytest.mark.parametrize(
    ("changes", "catalog"),
    [
        ({"draft_templates": ["a,llm,True", " ,llm,True"]}, "draft_templates"),
        ({"draft_templates": ["a,llm,True", "A ,llm,True"]}, "draft_templates"),
        ({"essay_templates": ["a,model,True"]}, "essay_templates"),
        ({"evaluation_templates": ["a,llm,perhaps"]}, "evaluation_templates"),
        ({"evaluation_templates": ["a,llm,"]}, "evaluation_templates"),
        ({"llm_models": ["m,true,maybe"]}, "llm_models"),
        ({"llm_models": ["m,true,true", "m,false,true"]}, "llm_models"),
    ],
)
def test_values_that_are_none(changes, catalog):
    error = error_of(**changes)
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "catalog_invalid"
    assert problems(error) == [(catalog, "catalog_invalid")]


@pytest.mark.parametrize(
    "lines",
    [
        ["draft,1", "essay,1"],
        ["draft,1", "essay,1", "evaluation,0"],
        ["draft,1", "essay,-1", "evaluation,1"],
        ["draft,1", "essay,1", "evaluation,"],
        ["draft,1.5", "essay,1", "evaluation,1"],
        ["draft,1", "essay,1", "evaluation,many"],
        ["draft,1", "essay,1", "evaluation,1", "draft,2"],
        ["draft,1", "essay,1", "evaluation,1", "review,1"],
    ],
)
def test_every_stage_has_one_number_from_1_up(lines):
    error = error_of(replication_config=lines)
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "catalog_invalid"
    assert problems(error) == [("replication_config", "catalog_invalid")]


def test_a_number_that_a_spreadsheet_wrote_is_a_whole_number():
    catalogs = read_catalogs(frames(replication_config=["draft,1", "essay,1", "evaluation,2.0"]), EVERY)
    assert dict(catalogs.replicates) == {"draft": 1, "essay": 1, "evaluation": 2}


def test_replicates_in_any_spelling():
    catalogs = read_catalogs(frames(replication_config=["Evaluation,4", " draft,02", "essay, 1 "]), EVERY)
    assert dict(catalogs.replicates) == {"draft": 2, "essay": 1, "evaluation": 4}


def test_the_summary_of_combos():
    assert combo_summary(frames()[COMBOS]) == {"combo_count": 2, "rows": 3, "max_version": "v2"}


@pytest.mark.parametrize(
    ("versions", "highest"),
    [(["v9", "v10", "v2"], "v10"), (["9", "10"], "10"), ([3, 12, 5], 12), ([" ", "v1"], "v1"), ([None], None)],
)
def test_the_highest_version(versions, highest):
    combos = pd.DataFrame({"combo_id": ["A", "a", "b", "b"][: len(versions)], "version": versions})
    assert combo_summary(combos)["max_version"] == highest


def test_a_summary_without_versions():
    assert combo_summary(pd.DataFrame({"combo_id": ["A", "a ", None]})) == {
        "combo_count": 1,
        "rows": 3,
        "max_version": None,
    }
