from __future__ import annotations

import pytest

from fakes.cohorts import frames
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.definition import define
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.membership_rows import MEMBERSHIP_COLUMNS
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.cohorts.spec import parse_spec
from genaudit.errors import DDError, Err
from genaudit.schemas import rows
from genaudit.store.snapshot import scan
from helpers.small_store import COMBO_A, COMBO_B, DRAFT_A, DRAFT_B, ESSAY_A, ESSAY_B, ESSAY_LEGACY, small_snapshot
from oracle.identity import deterministic_id

V10, V7, PARSED = "creative-synthesis-v10", "creative-synthesis-v7", "parsed-from-links-v1"
AXES = {
    "combo_id": [COMBO_A],
    "draft_template": [V10],
    "draft_llm": ["gemini_25_pro"],
    "essay_template": [V10],
    "evaluation_template": ["novelty"],
    "evaluation_llm": ["sonnet-4"],
}


def design(**changes):
    axes = {**AXES, **changes}
    return define(parse_spec({"axes": axes, "output": {"field_order": list(axes)}}))


@pytest.fixture
def planned(root):
    def go(definition, ids=None, more=None, **changes):
        registry = InMemoryGenerationRegistry("cohort-1", stored_in(small_snapshot(root, more)), ids)
        catalogs = read_catalogs(frames(**changes), needed_slices(definition))
        return generate_membership("cohort-1", definition, catalogs, registry)

    return go


def columns_of(plan, stage, *columns):
    return [tuple(getattr(row, name) for name in columns) for row in rows(plan.members) if row.stage == stage]


@pytest.mark.parametrize(
    "definition",
    [
        design(),
        Selection("essay", (ESSAY_A,), CuratedMode.REGENERATE),
        Selection("draft", (DRAFT_A,), CuratedMode.REUSE_DRAFTS),
        Cartesian(),
    ],
)
def test_every_way_to_plan_gives_the_same_columns_parents_first(planned, definition):
    members = planned(definition).members
    assert tuple(members.columns) == (*MEMBERSHIP_COLUMNS, "mode", "origin")
    assert str(members["replicate"].dtype) == "Int32"
    assert {str(members[name].dtype) for name in members.columns if name != "replicate"} == {"str"}
    order = members["stage"].map({"draft": 0, "essay": 1, "evaluation": 2})
    assert order.is_monotonic_increasing
    assert set(order) == {0, 1, 2}
    assert not members.duplicated(["stage", "gen_id"]).any()
    assert set(members["origin_cohort_id"]) == {"cohort-1"}
    assert set(members["mode"]) <= {"llm", "copy"}


def test_other_definitions_are_refused(planned):
    with pytest.raises(DDError) as caught:
        planned({"axes": {}})
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "unsupported_definition", "type": "dict"}


def test_a_spec_reuses_stored_ids_and_names_new_ones(planned):
    plan = planned(design(evaluation_replicate=[1, 2]))
    assert columns_of(plan, "draft", "gen_id", "origin") == [(DRAFT_A, "stored")]
    assert columns_of(plan, "essay", "gen_id", "origin") == [(ESSAY_A, "stored")]
    # The stored evaluations of this essay have other names than their signatures give.
    assert columns_of(plan, "evaluation", "gen_id", "parent_gen_id", "replicate", "origin") == [
        (deterministic_id("evaluation", (ESSAY_A, "novelty", "sonnet-4", number)), ESSAY_A, number, "new")
        for number in (1, 2)
    ]


def test_a_spec_may_use_rows_that_are_not_active_and_has_its_own_replicates(planned):
    plan = planned(design(draft_template=[V7], essay_template=["creative-synthesis-v9"], draft_replicate=[9]))
    assert columns_of(plan, "draft", "template_id", "replicate") == [(V7, 9)]
    assert columns_of(plan, "essay", "template_id", "replicate") == [("creative-synthesis-v9", 1)]


def test_rows_that_share_a_draft_share_its_generation(planned):
    plan = planned(design(essay_template=[V10, PARSED], evaluation_llm=["sonnet-4", "gemini_25_pro"]))
    assert [len(columns_of(plan, stage, "gen_id")) for stage in ("draft", "essay", "evaluation")] == [1, 2, 4]


def test_an_essay_without_a_model_takes_its_drafts_unless_it_copies(planned):
    plan = planned(design(combo_id=[COMBO_B], essay_template=[V10, PARSED]))
    assert columns_of(plan, "essay", "template_id", "llm_model_id", "mode") == [
        (V10, "gemini_25_pro", "llm"),
        (PARSED, None, "copy"),
    ]
    own = design(combo_id=["combo-2"], essay_llm=["sonnet-4"])
    definition_only = generate_membership(
        "c", own, read_catalogs(frames(), needed_slices(own)), InMemoryGenerationRegistry("c")
    )
    assert columns_of(definition_only, "essay", "llm_model_id") == [("sonnet-4",)]


def test_a_stored_essay_keeps_its_record(planned):
    draft = {"combo_id": "c", "template_id": "d", "llm_model_id": "m", "replicate": 1}
    draft_id = deterministic_id("draft", ("c", "d", "m", 1))
    essay_id = deterministic_id("essay", (draft_id, PARSED, 1))
    essay = {"parent_gen_id": draft_id, "template_id": PARSED, "llm_model_id": "old", "replicate": 1, "mode": "llm"}
    definition = design(
        combo_id=["c"], draft_template=["d"], draft_llm=["m"], essay_template=[PARSED], essay_llm=["new"]
    )
    plan = planned(definition, more={"draft": {draft_id: draft}, "essay": {essay_id: essay}})
    assert columns_of(plan, "essay", "gen_id", "llm_model_id", "mode", "origin") == [
        (essay_id, "old", "llm", "stored")
    ]
    assert list(plan.warnings) == [
        {"warning": "model_differs", "stage": "essay", "gen_id": essay_id, "kept": "old", "asked": "new"}
    ]


def test_a_copy_that_asks_for_no_model_agrees_with_any(planned):
    own = {"parent_gen_id": DRAFT_A, "template_id": PARSED, "llm_model_id": "old", "replicate": 1, "mode": "copy"}
    copy_id = deterministic_id("essay", (DRAFT_A, PARSED, 1))
    plan = planned(design(essay_template=[PARSED]), more={"essay": {copy_id: own}})
    assert columns_of(plan, "essay", "gen_id", "llm_model_id", "origin") == [(copy_id, "old", "stored")]
    assert plan.warnings == ()


def test_a_stored_essay_without_a_model_takes_the_one_that_is_asked_for(planned):
    plan = planned(design())
    assert columns_of(plan, "essay", "gen_id", "llm_model_id") == [(ESSAY_A, "gemini_25_pro")]
    assert plan.warnings == ()


def test_an_id_whose_record_cannot_be_read_is_a_warning(planned):
    unreadable = deterministic_id("draft", ("combo-9", V10, "gemini_25_pro", 1))
    plan = planned(design(combo_id=["combo-9"]), more={"draft": {unreadable: None}})
    assert columns_of(plan, "draft", "gen_id", "combo_id", "origin") == [(unreadable, "combo-9", "stored")]
    assert list(plan.warnings) == [
        {"warning": "unverifiable", "stage": "draft", "gen_id": unreadable, "detail": "record: folder empty"}
    ]


def test_a_collision_moves_the_children_along(planned):
    taken = deterministic_id("draft", ("combo-9", V10, "gemini_25_pro", 1))
    other = {"combo_id": "other", "template_id": "t", "llm_model_id": "m", "replicate": 1}
    plan = planned(design(combo_id=["combo-9"]), more={"draft": {taken: other}})
    second = deterministic_id("draft", ("combo-9", V10, "gemini_25_pro", 1), 1)
    assert columns_of(plan, "draft", "gen_id", "combo_id", "origin") == [(second, "combo-9", "new")]
    assert columns_of(plan, "essay", "gen_id", "parent_gen_id") == [
        (deterministic_id("essay", (second, V10, 1)), second)
    ]


def test_a_spec_under_a_mixed_scheme(planned):
    plan = planned(
        design(combo_id=[COMBO_B], draft_template=[V7], draft_llm=["deepseek_r1_p"], essay_template=[PARSED]),
        IdScheme.parse("draft,essay"),
    )
    assert columns_of(plan, "draft", "gen_id") == [(DRAFT_B,)]
    assert columns_of(plan, "essay", "gen_id", "mode") == [(ESSAY_B, "copy")]
    assert columns_of(plan, "evaluation", "parent_gen_id", "origin") == [(ESSAY_B, "new")]
    assert len(columns_of(plan, "evaluation", "gen_id")[0][0]) == 16


def test_planning_changes_nothing_in_the_store(planned, root):
    planned(design())
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert root / "gens/essay" / ESSAY_LEGACY in before
    registry = InMemoryGenerationRegistry("c", stored_in(scan(root)))
    catalogs = read_catalogs(frames(), needed_slices(Cartesian()))
    generate_membership("c", Selection("essay", (ESSAY_A,), CuratedMode.REGENERATE), catalogs, registry)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
