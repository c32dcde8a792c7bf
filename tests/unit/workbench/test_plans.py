from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.migration.mapping import KeepReason
from genaudit.migration.remedies import REMEDIES
from genaudit.migration.rename_filter import RenameFilter
from genaudit.workbench import plans
from genaudit.workbench.plans import Asked, choice_of, planned, save_plan
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    LEGACY_RECORD,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    migratable,
    plan_of,
)
from helpers.stores import write_generation
from helpers.trees import fingerprint


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


@pytest.fixture
def plan(store):
    return plan_of(store)


def quiet(*_):
    pass


@pytest.mark.parametrize(
    ("asked", "choice"),
    [
        (Asked(), RenameFilter()),
        (Asked(only=" \n , "), RenameFilter()),
        (Asked(only="b a,\tc\n", excepted="x,y z"), RenameFilter(only=("a", "b", "c"), excepted=("x", "y", "z"))),
        (Asked(stages=["essay", "draft"], cohort="c1"), RenameFilter(stages=("draft", "essay"), cohort="c1")),
    ],
)
def test_the_form_gives_the_commands_choice(asked, choice):
    assert choice_of(asked) == choice


def test_planning_reports_progress_and_changes_nothing(store):
    before, reported = fingerprint(store), []
    made = planned(store, Asked(), lambda percent, step: reported.append((percent, step)))
    assert made.to_bytes() == plan_of(store).to_bytes()
    percents = [percent for percent, _ in reported]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert fingerprint(store) == before


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Asked(only="../x"), "unsafe_id"),
        (Asked(excepted="nobody"), "unknown_ids"),
        (Asked(stages=["novel"]), "unknown_stage"),
    ],
)
def test_an_unplannable_choice_has_a_reason(store, asked, reason):
    made = planned(store, asked, quiet)
    assert isinstance(made, DDError)
    assert made.ctx["reason"] == reason


def test_a_missing_store_has_a_reason(tmp_path):
    assert planned(tmp_path / "nowhere", Asked(), quiet).ctx["reason"] == "no_such_root"
    assert planned(tmp_path, Asked(), quiet).ctx["reason"] == "no_store"


def test_renames_and_the_reasons_of_the_others(plan):
    assert plans.renames(plan).to_numpy().tolist() == [
        ["draft", LEGACY_DRAFT, NEW_DRAFT, "own"],
        ["essay", CASCADED, NEW_ESSAY, "cascade"],
        ["evaluation", LEGACY_EVALUATION, NEW_EVALUATION, "own"],
    ]
    # The second essay's name holds.
    assert plans.outcomes(plan).to_numpy().tolist() == [
        ["draft", 1, 0, 0, 0],
        ["essay", 0, 1, 0, 1],
        ["evaluation", 1, 0, 0, 0],
    ]


def test_files_to_change_by_kind(plan):
    table = plans.files(plan)
    assert table["path"].tolist() == sorted(table["path"])
    assert table.set_index("path").loc["cohorts/c1/stage_manifest.json", "change"] == "rewritten"
    counted = plans.files_by_kind(table)
    found = {row.kind: (row.files, row.ids) for row in counted.itertuples()}
    # Three records, with their own id and two parents; a membership of three ids and two parents; a table with an id
    # and a path (the note is prose); a selection with an id and the same once more in its remark, which stays.
    assert found == {
        "record": (3, 5),
        "raw metadata": (1, 1),
        "membership": (1, 5),
        "stage manifest": (1, 0),
        "scores": (1, 2),
        "selection": (1, 1),
    }
    assert counted["kind"].iloc[0] == "record"


def test_kept_names_have_a_fix(store):
    write_generation(store, "draft", "d_bad", b"{")
    write_generation(store, "draft", "d_worse", b"[]")
    plan = plan_of(store, excepted=[LEGACY_EVALUATION])
    table = plans.exclusions(plan)
    assert table[["gen_id", "reason"]].to_numpy().tolist() == [
        ["d_bad", "unverifiable"],
        ["d_worse", "unverifiable"],
        [LEGACY_EVALUATION, "excepted"],
    ]
    reasons = plans.reasons(table)
    assert reasons[["reason", "generations"]].to_numpy().tolist() == [["unverifiable", 2], ["excepted", 1]]
    assert reasons["fix"].str.len().min() > 0


def test_every_reason_has_its_advice():
    assert {*REMEDIES} == {*KeepReason}


def test_obstacles_are_named(store):
    # The same generation twice.
    write_generation(store, "draft", "0000000000000000", LEGACY_RECORD)
    table = plans.exclusions(plan_of(store)).set_index("gen_id")
    assert table.loc[LEGACY_DRAFT, ["reason", "other"]].tolist() == ["collision", "0000000000000000"]


def test_references_are_left_to_a_person(store):
    (store / "notes.md").write_text(f"Do compare {LEGACY_DRAFT} with others.\n")
    left = plans.left_alone(plan_of(store)).set_index("path")
    assert left.loc["notes.md", ["kind", "reason"]].tolist() == ["doc", "ambiguous"]
    assert left["fix"].str.len().min() > 0


def test_partition_keys_are_counted(plan):
    assert plans.partition_changes(plan).to_numpy().tolist() == [
        ["draft_gens", 1],
        ["essay_gens", 1],
        ["evaluation_gens", 1],
    ]


@pytest.mark.parametrize("through", ["plain", "dots", "link"])
def test_a_plan_is_not_written_into_the_store(store, plan, tmp_path, through):
    (tmp_path / "link").symlink_to(store)
    before = fingerprint(store)
    path = {"plain": store, "dots": tmp_path / "x" / ".." / "store", "link": tmp_path / "link"}[through] / "p.json"
    assert save_plan(plan, store, path).ctx["reason"] == "output_inside_store"
    assert fingerprint(store) == before


def test_a_plan_is_written_or_the_reason_shown(store, plan, tmp_path):
    path = tmp_path / "new" / "plan.json"
    assert save_plan(plan, store, path) == path
    assert path.read_bytes() == plan.to_bytes()
    assert save_plan(plan, store, path.parent).ctx["reason"] == "not_writable"
