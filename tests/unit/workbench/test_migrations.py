from __future__ import annotations

import shlex

import pytest

from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.rename_filter import choose
from genaudit.migration.rollback import rollback
from genaudit.migration.simulate import Check, Simulation
from genaudit.workbench.migrations import checks, commands, names_of, simulated, state_of_migrations
from helpers.migrations import (
    LEGACY_DRAFT,
    NEW_DRAFT,
    CrashError,
    FailingFiles,
    applied,
    migratable,
    plan_of,
    rolled_back,
    write_cohort,
)
from helpers.trees import fingerprint


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "the store")


def stopped(store, work, event):
    """Stop a piece of work at the first effect with a matching name and path."""
    with FailingFiles(store) as files:
        original = files._effect

        def effect(name, *arguments, **named):
            if event(name, *arguments):
                raise CrashError
            return original(name, *arguments, **named)

        files._effect = effect
        for name in ("rename", "write_new", "replace"):
            setattr(files, name, lambda *arguments, _name=name, **named: effect(_name, *arguments, **named))
        with pytest.raises(CrashError):
            work(files)


def words(store):
    return [shlex.split(command.line) for command in state_of_migrations(store).commands]


def test_nothing_was_migrated(store):
    before = fingerprint(store)
    found = state_of_migrations(store)
    assert (found.tone, found.commands) == ("good", ())
    assert found.facts["value"].tolist() == ["none", "none"]
    assert fingerprint(store) == before


def test_a_whole_migration_can_be_undone(store):
    plan = plan_of(store)
    applied(store, plan)
    found = state_of_migrations(store)
    assert found.tone == "good"
    facts = found.facts.set_index("what")["value"]
    assert facts["applied migrations"] == facts["the latest"] == plan.digest[:16]
    assert facts["steps open"] == "0"
    assert words(store) == [
        ["genaudit", "migrate", "rollback", "--data-root", str(store)],
        ["genaudit", "migrate", "rollback", "--data-root", str(store), "--yes"],
    ]
    rolled_back(store)
    assert (state_of_migrations(store).tone, state_of_migrations(store).commands) == ("good", ())


def test_changes_since_are_marked_for_attention(store):
    plan = plan_of(store)
    applied(store, plan)
    (store / "7_cross_experiment" / "scores.csv").write_text("gen_id\n")
    assert state_of_migrations(store).tone == "attention"


def test_an_interrupted_one_goes_on_from_its_own_plan(store):
    plan = plan_of(store)
    stopped(store, lambda files: apply(files, plan), lambda name, path, *_: name == "rename" and "gens/" in path)
    found = state_of_migrations(store)
    assert found.tone == "alarm"
    forth, back = words(store)
    kept = store / ".genaudit" / "migrations" / plan.digest[:16] / "plan.json"
    assert forth[:3] == ["genaudit", "migrate", "apply"]
    assert kept.read_bytes() == plan.to_bytes()
    assert forth[3:] == [str(kept), "--data-root", str(store), "--yes"]
    assert back == ["genaudit", "migrate", "rollback", "--data-root", str(store), "--yes"]


def test_an_interrupted_rollback_can_only_be_finished(store):
    applied(store, plan_of(store))
    write_cohort(store, "c2", f"stage,gen_id,cohort_id\ndraft,{NEW_DRAFT},c2\n".encode(), manifest=False)
    stopped(
        store,
        lambda files: rollback(files, carry_over=True),
        lambda name, path, *_: name == "rename" and "gens/" in path,
    )
    assert state_of_migrations(store).tone == "alarm"
    assert [command[3:] for command in words(store)] == [["--data-root", str(store), "--carry-over", "--yes"]]


def test_damage_and_a_missing_store_are_reported(store, tmp_path):
    assert state_of_migrations(tmp_path / "nowhere").ctx["reason"] == "no_such_root"
    applied(store, plan_of(store))
    ledger = store / ".genaudit" / "ledger.jsonl"
    ledger.write_bytes(b"x\n" + ledger.read_bytes())
    assert state_of_migrations(store).ctx["reason"] == "workspace_damaged"
    assert names_of(store, LEGACY_DRAFT).ctx["reason"] == "workspace_damaged"


def test_names_are_those_of_the_ledger(store):
    plan = plan_of(store)
    applied(store, plan)
    rolled_back(store)
    digest = plan.digest[:16]
    table = names_of(store, f" {NEW_DRAFT}\n")
    assert table["stage"].tolist() == ["draft"] * 3
    assert table["gen_id"].tolist() == [LEGACY_DRAFT, NEW_DRAFT, LEGACY_DRAFT]
    assert table["plan"].fillna("").tolist() == ["", digest, digest]
    assert table["now"].tolist() == [False, False, True]
    assert names_of(store, "d_nobody").empty


def test_commands_carry_the_choice_and_survive_a_shell(store, tmp_path):
    choice = choose(stages=["essay", "draft"], cohort="c1", only=["b", "a"], excepted=["x"])
    made, trial, look, do, *_ = commands(
        store, choice, tmp_path / "my plans" / "migration_plan.json", tmp_path / "a copy"
    )
    assert shlex.split(made.line)[3:] == [
        *("--data-root", str(store)),
        *("--stages=draft", "--stages=essay", "--cohort=c1", "--only=a", "--only=b", "--except=x"),
        *("--output", str(tmp_path / "my plans")),
    ]
    assert shlex.split(trial.line)[-2:] == ["--into", str(tmp_path / "a copy")]
    assert do.line == f"{look.line} --yes"


def test_a_trial_reports_its_progress_or_why_there_is_none(store, tmp_path):
    before, reported = fingerprint(store), []
    plan = plan_of(store)
    done = simulated(store, plan, str(tmp_path / "copy"), lambda percent, _: reported.append(percent))
    assert done.holds
    assert reported == sorted(reported)
    assert reported[-1] == 100
    again = simulated(store, plan, str(tmp_path / "copy"), print)
    assert isinstance(again, DDError)
    assert again.ctx["reason"] == "target_not_empty"
    assert simulated(store, plan, str(store / "c1"), print).ctx["reason"] == "target_inside_store"
    assert fingerprint(store) == before


def test_checks_have_a_row_for_each_problem():
    done = Simulation("", 0, 0, 0, 0, (Check("sound", 3, ()), Check("broken", 2, ("first", "second"))))
    table = checks(done)
    assert table[["check", "holds", "checked"]].to_numpy().tolist() == [
        ["sound", True, 3],
        ["broken", False, 2],
        ["broken", False, 2],
    ]
    assert table["problem"].fillna("").tolist() == ["", "first", "second"]
