from __future__ import annotations

import pytest

from fakes.cohorts import frames
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.definition import CohortDefinition, PlannedDraft, PlannedEssay, PlannedEvaluation
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.plan import PLAN
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.cohorts.validation import (
    validate_cohort_definition,
    validate_membership_against_catalog,
    validate_parent_integrity,
)
from genaudit.errors import DDError, Err
from genaudit.schemas import from_rows
from helpers.small_store import COMBO_A, DRAFT_A, DRAFT_B, ESSAY_A, small_snapshot

DRAFT = PlannedDraft("c", "d", "m", 1)
ESSAY = PlannedEssay(DRAFT, "e", None, 1)
EVALUATION = PlannedEvaluation(ESSAY, "v", "j", 1)


def definition_error(definition):
    with pytest.raises(DDError) as caught:
        validate_cohort_definition(definition)
    assert caught.value.code is Err.INVALID_CONFIG
    return caught.value.ctx


def problems(ctx):
    return [(problem["problem"], problem["stage"]) for problem in ctx["problems"]]


@pytest.mark.parametrize(
    "definition",
    [
        CohortDefinition((DRAFT,), (ESSAY,), (EVALUATION,)),
        CohortDefinition((DRAFT,), (), ()),
        Cartesian(),
        Selection("essay", ("e_1",), CuratedMode.REUSE_ESSAYS, skip_existing=True),
        Selection("draft", ("d_1",), CuratedMode.REGENERATE),
    ],
)
def test_definitions_that_hang_together(definition):
    validate_cohort_definition(definition)


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        (CohortDefinition((), (), ()), [("empty", "draft")]),
        (CohortDefinition((DRAFT,), (), (EVALUATION,)), [("essay_not_defined", "evaluation")]),
        (
            CohortDefinition((PlannedDraft("x", "d", "m", 1),), (ESSAY,), (EVALUATION,)),
            [("draft_not_defined", "essay")],
        ),
        (
            CohortDefinition((PlannedDraft(" ", "", "m", 0),), (), ()),
            [("blank_combo", "draft"), ("blank_template", "draft"), ("replicate_out_of_domain", "draft")],
        ),
        (
            CohortDefinition((DRAFT,), (PlannedEssay(DRAFT, "e", " ", 2**31),), ()),
            [("blank_model", "essay"), ("replicate_out_of_domain", "essay")],
        ),
        (
            CohortDefinition((DRAFT,), (ESSAY,), (PlannedEvaluation(ESSAY, "v", "", 1),)),
            [("blank_model", "evaluation")],
        ),
        # Their signatures are the same, so there can be only one of them.
        (
            CohortDefinition((DRAFT,), (PlannedEssay(DRAFT, "e", "m1", 1), PlannedEssay(DRAFT, "E", "m2", 1)), ()),
            [("essay_models_at_odds", "essay")],
        ),
    ],
)
def test_definitions_that_do_not(definition, found):
    ctx = definition_error(definition)
    assert ctx["reason"] == "invalid_constraint"
    assert problems(ctx) == found


@pytest.mark.parametrize(
    "selection",
    [
        Selection("draft", ("d_1",), CuratedMode.REUSE_ESSAYS),
        Selection("draft", ("d_1",), CuratedMode.REUSE_DRAFTS, skip_existing=True),
        Selection("evaluation", ("v_1",), CuratedMode.REGENERATE),
    ],
)
def test_selections_that_no_mode_is_for(selection):
    ctx = definition_error(selection)
    assert ctx["reason"] == "unsupported_curated_mode"
    assert problems(ctx) == [("unsupported_curated_mode", selection.stage)]


def test_a_selection_of_nothing():
    ctx = definition_error(Selection("essay", (), CuratedMode.REGENERATE))
    assert ctx["reason"] == "invalid_constraint"
    assert problems(ctx) == [("empty_selection", "essay")]


def test_values_that_are_no_definition():
    assert definition_error("combo_id: all")["reason"] == "unsupported_definition"


def members(*changes):
    row = {
        "stage": "draft",
        "gen_id": "d_1",
        "combo_id": COMBO_A,
        "template_id": "creative-synthesis-v10",
        "llm_model_id": "gemini_25_pro",
        "replicate": 1,
        "mode": "llm",
        "origin": "new",
    }
    return from_rows(PLAN, [{**row, **change} for change in changes])


@pytest.fixture
def catalogs():
    return read_catalogs(frames(), needed_slices(Cartesian()))


def test_a_membership_that_the_catalogs_cover(catalogs):
    essay = {"stage": "essay", "combo_id": None, "template_id": "Parsed-From-Links-V1", "llm_model_id": None}
    assert validate_membership_against_catalog(members({}, {"combo_id": COMBO_A.upper()}, essay), catalogs) == []


def test_new_generations_must_be_covered(catalogs):
    table = members(
        {"combo_id": "combo_v1_85128e4e5ef"},
        {"combo_id": "combo_v1_85128e4e5ef", "template_id": "creative-synthesis-v9"},
        {"stage": "essay", "combo_id": None, "template_id": "creative-synthesis-v9", "llm_model_id": "zzz"},
    )
    with pytest.raises(DDError) as caught:
        validate_membership_against_catalog(table, catalogs)
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "coverage_gap"
    assert caught.value.ctx["problems"] == [
        {
            "stage": "draft",
            "field": "template_id",
            "value": "creative-synthesis-v9",
            "rows": 1,
            "nearest": "creative-synthesis-v7",
        },
        {"stage": "draft", "field": "combo_id", "value": "combo_v1_85128e4e5ef", "rows": 2, "nearest": COMBO_A},
        {"stage": "essay", "field": "llm_model_id", "value": "zzz", "rows": 1, "nearest": None},
    ]


def test_stored_generations_may_use_removed_catalog_rows_but_no_unknown_combo(catalogs):
    stored = {"origin": "stored", "template_id": "retired"}
    assert validate_membership_against_catalog(members(stored, {}), catalogs) == [
        {"stage": "draft", "field": "template_id", "value": "retired", "rows": 1, "nearest": None}
    ]
    with pytest.raises(DDError) as caught:
        validate_membership_against_catalog(members({**stored, "combo_id": "combo_gone"}), catalogs)
    assert [problem["field"] for problem in caught.value.ctx["problems"]] == ["combo_id"]


def test_parents_may_be_members_or_stored(root):
    registry = InMemoryGenerationRegistry("c", stored_in(small_snapshot(root)))
    table = members(
        {"gen_id": "d_new"},
        {"stage": "essay", "gen_id": "e_1", "parent_gen_id": "d_new"},
        {"stage": "essay", "gen_id": "e_2", "parent_gen_id": DRAFT_A},
        {"stage": "evaluation", "gen_id": "v_1", "parent_gen_id": "e_1"},
        {"stage": "evaluation", "gen_id": "v_2", "parent_gen_id": ESSAY_A},
    )
    validate_parent_integrity(table, registry)


def test_every_row_without_its_parent_is_named(root):
    registry = InMemoryGenerationRegistry("c", stored_in(small_snapshot(root)))
    table = members(
        {"gen_id": "d_new"},
        {"stage": "essay", "gen_id": "e_1", "parent_gen_id": "d_gone"},
        {"stage": "essay", "gen_id": "e_2", "parent_gen_id": ESSAY_A},
        {"stage": "essay", "gen_id": "e_3"},
        {"stage": "evaluation", "gen_id": "v_1", "parent_gen_id": "e_1"},
        {"stage": "evaluation", "gen_id": "v_2", "parent_gen_id": DRAFT_B},
        {"stage": "evaluation", "gen_id": "v_3", "parent_gen_id": "d_new"},
    )
    with pytest.raises(DDError) as caught:
        validate_parent_integrity(table, registry)
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "cohort_parent_integrity_failed"
    assert [tuple(problem.values()) for problem in caught.value.ctx["problems"]] == [
        ("essay", "e_1", "draft", "d_gone"),
        ("essay", "e_2", "draft", ESSAY_A),
        ("essay", "e_3", "draft", None),
        ("evaluation", "v_2", "essay", DRAFT_B),
        ("evaluation", "v_3", "essay", "d_new"),
    ]
    assert set(caught.value.ctx["problems"][0]) == {"stage", "gen_id", "parent_stage", "parent_gen_id"}
