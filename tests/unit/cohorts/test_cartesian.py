from __future__ import annotations

import pytest

from fakes.cohorts import frames
from genaudit.cohorts.cartesian import cartesian_definition
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.definition import PlannedDraft, PlannedEssay, PlannedEvaluation
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import Cartesian
from genaudit.errors import DDError, Err
from genaudit.schemas import rows
from oracle.identity import deterministic_id


def catalogs_of(**changes):
    return read_catalogs(frames(**changes), needed_slices(Cartesian()))


SMALL = {
    "selected_combo_mappings": ["c2", "c1"],
    "draft_templates": ["d1,llm,True", "d2,llm,False"],
    "essay_templates": ["e1,llm,True", "e2,copy,True"],
    "evaluation_templates": ["v1,llm,True"],
    "llm_models": ["m1,true,false", "m2,false,true"],
    "replication_config": ["draft,2", "essay,1", "evaluation,2"],
}


def test_everything_active_is_combined_the_first_axis_slowest():
    definition = cartesian_definition(catalogs_of(**SMALL))
    drafts = [PlannedDraft(combo, "d1", "m1", number) for combo in ("c2", "c1") for number in (1, 2)]
    assert list(definition.drafts) == drafts
    # Essays take their draft's model, copies too.
    essays = [PlannedEssay(draft, template, "m1", 1) for draft in drafts for template in ("e1", "e2")]
    assert list(definition.essays) == essays
    assert list(definition.evaluations) == [
        PlannedEvaluation(essay, "v1", "m2", number) for essay in essays for number in (1, 2)
    ]


def test_only_selected_combos_are_planned_never_all():
    combos = {draft.combo_id for draft in cartesian_definition(catalogs_of()).drafts}
    assert combos == {"combo_v1_13c725cf02fa"}
    with pytest.raises(DDError) as caught:
        catalogs_of(selected_combo_mappings=None)
    assert caught.value.code is Err.DATA_MISSING
    assert (caught.value.ctx["reason"], caught.value.ctx["catalog"]) == (
        "catalog_incomplete",
        "selected_combo_mappings",
    )


@pytest.mark.parametrize(
    ("changes", "catalogs"),
    [
        ({"draft_templates": ["d1,llm,False"]}, ["draft_templates"]),
        ({"essay_templates": ["e1,llm,False"]}, ["essay_templates"]),
        ({"llm_models": ["m1,false,true"]}, ["llm_models"]),
        (
            {"llm_models": ["m1,false,true"], "draft_templates": ["d1,llm,False"]},
            ["draft_templates", "llm_models"],
        ),
    ],
)
def test_an_axis_without_an_active_row_is_an_error(changes, catalogs):
    with pytest.raises(DDError) as caught:
        cartesian_definition(catalogs_of(**changes))
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "catalog_invalid"
    assert [problem["catalog"] for problem in caught.value.ctx["problems"]] == catalogs


def test_a_plan_without_judges_has_no_evaluations():
    catalogs = catalogs_of(evaluation_templates=["novelty,llm,False"])
    plan = generate_membership("c", Cartesian(), catalogs, InMemoryGenerationRegistry("c"))
    assert set(plan.members["stage"]) == {"draft", "essay"}
    assert list(plan.warnings) == [{"warning": "no_evaluations"}]


def test_the_membership_of_a_cartesian_plan():
    changes = {
        **SMALL,
        "selected_combo_mappings": ["C1"],
        "replication_config": ["draft,1", "essay,1", "evaluation,1"],
    }
    changes["combo_mappings"] = ["C1,v1,concept,sentence,2,now"]
    plan = generate_membership("c", Cartesian(), catalogs_of(**changes), InMemoryGenerationRegistry("c"))
    draft = deterministic_id("draft", ("c1", "d1", "m1", 1))
    first, second = (deterministic_id("essay", (draft, template, 1)) for template in ("e1", "e2"))
    judged = [deterministic_id("evaluation", (essay, "v1", "m2", 1)) for essay in (first, second)]
    assert [tuple(row) for row in rows(plan.members)] == [
        ("draft", draft, "c", None, "C1", "d1", "m1", 1, "llm", "new"),
        ("essay", first, "c", draft, None, "e1", "m1", 1, "llm", "new"),
        ("essay", second, "c", draft, None, "e2", "m1", 1, "copy", "new"),
        ("evaluation", judged[0], "c", first, None, "v1", "m2", 1, "llm", "new"),
        ("evaluation", judged[1], "c", second, None, "v1", "m2", 1, "llm", "new"),
    ]
