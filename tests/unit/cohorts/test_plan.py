from __future__ import annotations

import pytest

from fakes.cohorts import frames
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.generations import Generation, stored_in
from genaudit.cohorts.membership_rows import MEMBERSHIP_COLUMNS, MODE
from genaudit.cohorts.plan import PLAN, Planner
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import Cartesian
from genaudit.encoded import encode
from helpers.small_store import DRAFT_A, ESSAY_A, ESSAY_B, small_snapshot
from oracle.identity import deterministic_id

PARSED = "parsed-from-links-v1"


@pytest.fixture
def planner(root):
    catalogs = read_catalogs(frames(), needed_slices(Cartesian()))
    return Planner("cohort-1", catalogs, InMemoryGenerationRegistry("cohort-1", stored_in(small_snapshot(root))))


def test_the_columns_are_those_of_a_membership_and_two_more():
    assert tuple(PLAN) == (*MEMBERSHIP_COLUMNS, MODE, "origin")


def test_a_plan_of_nothing(planner):
    plan = planner.plan()
    assert plan.members.empty
    assert tuple(plan.members.columns) == tuple(PLAN)
    assert plan.warnings == ()


def test_stages_and_members_keep_their_order(planner):
    planner.keep("essay", [ESSAY_B], [planner.registry.find("essay", ESSAY_B)])
    drafts = [Generation(combo, None, "t", "m", 1) for combo in ("z", "a")]
    ids = planner.ask("draft", drafts)
    planner.keep("essay", [ESSAY_A], [planner.registry.find("essay", ESSAY_A)])
    assert ids == [deterministic_id("draft", (combo, "t", "m", 1)) for combo in ("z", "a")]
    assert planner.plan().members["gen_id"].tolist() == [*ids, ESSAY_B, ESSAY_A]


def test_a_member_that_is_kept_and_requested_occurs_once(planner):
    stored = planner.registry.find("draft", DRAFT_A)
    planner.keep("draft", [DRAFT_A], [stored])
    assert planner.ask("draft", [stored, stored]) == [DRAFT_A, DRAFT_A]
    assert planner.plan().members["gen_id"].tolist() == [DRAFT_A]


def test_the_mode_comes_from_the_record_and_else_from_the_catalog(planner):
    # The record of the stored copy has its mode, that of the stored essay has none.
    for name in (ESSAY_A, ESSAY_B):
        planner.keep("essay", [name], [planner.registry.find("essay", name)])
    planner.ask("essay", [Generation(None, DRAFT_A, PARSED, None, 1), Generation(None, DRAFT_A, "unheard", None, 1)])
    assert planner.plan().members["mode"].tolist() == ["llm", "copy", "copy", "llm"]


def test_warnings_are_kept_in_order(planner):
    planner.warn("second_thoughts", gen_id="x")
    planner.warn("third_thoughts")
    assert planner.plan().warnings == (
        {"warning": "second_thoughts", "gen_id": "x"},
        {"warning": "third_thoughts"},
    )


def selected_by(planned):
    """Each member with each selected id behind it."""
    rows = planned.lines.tolist()
    return [(planned.gen_ids[row], planned.selected.value(line)) for line, row in enumerate(rows)]


def test_a_member_knows_the_selected_ids_that_it_is_for(planner):
    stored = planner.registry.find("draft", DRAFT_A)
    for selected in ("first", "second"):
        planner.keep("draft", [DRAFT_A], [stored], encode([selected]))
    (made,) = planner.ask("essay", [Generation(None, DRAFT_A, "t", None, 7)], encode(["second"]))
    (unowned,) = planner.ask("essay", [Generation(None, DRAFT_A, "t", None, 8)])
    assert selected_by(planner.plan().stages["draft"]) == [(DRAFT_A, "first"), (DRAFT_A, "second")]
    assert selected_by(planner.plan().stages["essay"]) == [(made, "second"), (unowned, None)]


def test_as_many_owners_as_generations(planner):
    with pytest.raises(ValueError, match="2 members and 1 selected ids"):
        planner.ask("essay", [Generation(None, DRAFT_A, "t", None, each) for each in (7, 8)], encode(["one"]))
