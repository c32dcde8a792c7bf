"""The notebook about migrations beside the commands: the same plan, the same trial, a store that stays as it is."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genaudit.workbench
from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.plan import make_plan
from genaudit.migration.rename_filter import choose
from genaudit.store.snapshot import scan
from genaudit.workbench import plans
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    CrashError,
    FailingFiles,
    applied,
    migratable,
    plan_of,
)
from helpers.notebooks import FOLDER, PRESSED, listed, selected, value
from helpers.stores import ESSAY
from helpers.trees import contents, fingerprint

READABLE = ("sample", "clean", "empty", "broken")


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


def asked(stages=(), cohort=None, only="", excepted=""):
    return {"stages": value(stages), "cohort": value(cohort), "only": value(only), "excepted": value(excepted)}


def typed(command):
    """Run a command as it is shown on the page."""
    program, *words = shlex.split(command)
    assert program == "genaudit"
    return subprocess.run([sys.executable, "-m", "genaudit", *words], capture_output=True, check=False)


def digest_by_command(root, *options):
    words = ["genaudit", "migrate", "plan", "--data-root", str(root), "--dry-run", "--format", "json", *options]
    return json.loads(typed(shlex.join(words)).stdout)["digest"]


@pytest.mark.parametrize("name", READABLE)
def test_the_plan_is_that_of_the_package(stores, run, name):
    root = stores[name]
    before = fingerprint(root)
    text, defs = run("migration", root, make=PRESSED)
    expected = make_plan(scan(root), choose())
    plan = defs["plan"]
    assert plan.to_bytes() == expected.to_bytes()
    assert expected.digest in text
    assert listed(defs["table"]) == [each[:2] for each in expected.renames]
    assert defs["table"].data["new id"].tolist() == [each.new for each in expected.renames]
    assert defs["table"].data["cause"].tolist() == [each.cause for each in expected.renames]
    assert sorted(listed(defs["kept_table"])) == sorted(each[:2] for each in expected.excluded)
    assert defs["files"]["path"].tolist() == [each.path for each in expected.edits]
    assert defs["left"]["path"].tolist() == [each.path for each in expected.left]
    assert defs["keys"]["keys"].sum() == len(expected.renames)
    assert (len(expected.renames) > 0) is (name == "sample")
    assert "Traceback" not in text
    assert "nan" not in defs["kept_table"].data.to_string()
    assert fingerprint(root) == before


def test_the_plan_is_that_of_the_command(stores, run):
    root = stores["sample"]
    _, defs = run("migration", root, make=PRESSED)
    assert defs["plan"].digest == digest_by_command(root)


def test_a_choice_makes_the_plan_of_the_same_options(store, run):
    _, defs = run("migration", store, make=PRESSED, **asked(["draft"], "c1", LEGACY_DRAFT, f"{ESSAY}, {ESSAY}\n"))
    options = ("--stages", "draft", "--cohort", "c1", "--only", LEGACY_DRAFT, "--except", ESSAY)
    assert defs["plan"].digest == digest_by_command(store, *options)
    assert {each.old for each in defs["plan"].renames} == {LEGACY_DRAFT, CASCADED}
    assert defs["exclusions"].loc[0, "gen_id"] == LEGACY_EVALUATION
    assert defs["exclusions"].loc[0, "reason"] == "not_chosen"


def test_an_unknown_id_is_named(store, run):
    text, defs = run("migration", store, make=PRESSED, **asked(excepted=LEGACY_DRAFT[:-1]))
    assert "plan" not in defs
    assert defs["made"].ctx["reason"] == "unknown_ids"
    assert LEGACY_DRAFT[:-1] in text
    assert LEGACY_DRAFT in text


def test_a_click_narrows_the_renames_and_another_the_exclusions(stores, run):
    expected = make_plan(scan(stores["sample"]), choose())
    reason, stage = expected.excluded[0].reason, expected.excluded[0].stage
    clicked = {
        "causes": selected(vlPoint={"or": [{"stage": "evaluation", "cause": "own"}]}),
        "reasons": selected(vlPoint={"or": [{"reason": reason, "stage": stage}]}),
    }
    shown = {"renames": plans.renames(expected), "exclusions": plans.exclusions(expected)}
    _, defs = run("migration", stores["sample"], make=PRESSED, **clicked, **shown)
    own = [each[:2] for each in expected.renames if (each.stage, each.cause) == ("evaluation", "own")]
    assert 0 < len(own) < len(expected.renames)
    assert listed(defs["table"]) == own
    kept = [each[:2] for each in expected.excluded if (each.reason, each.stage) == (reason, stage)]
    assert 0 < len(kept) < len(expected.excluded)
    assert listed(defs["kept_table"]) == kept


def test_a_chain_before_and_after(store, run):
    chosen = {"get_chosen": lambda: ("essay", CASCADED), "set_chosen": print}
    _, defs = run("migration", store, make=PRESSED, **chosen)
    steps = defs["both"].steps
    assert steps[["place", "gen_id", "new_id"]].to_numpy().tolist() == [
        ["above", LEGACY_DRAFT, NEW_DRAFT],
        ["itself", CASCADED, NEW_ESSAY],
        ["below", LEGACY_EVALUATION, NEW_EVALUATION],
    ]
    assert defs["page"].seen.gen_id == CASCADED


def test_the_plan_is_written_where_the_command_takes_it(store, run, tmp_path):
    before = fingerprint(store)
    _, defs = run("migration", store, make=PRESSED, write=PRESSED)
    assert defs["page"].written == [tmp_path / "reports" / "migration_plan.json"]
    assert defs["page"].written[0].read_bytes() == defs["plan"].to_bytes()
    assert fingerprint(store) == before


def test_the_plan_does_not_land_in_the_store(store, run):
    before = fingerprint(store)
    inside = value(str(store / "notes"))
    text, defs = run("migration", store, make=PRESSED, write=PRESSED, plan_folder=inside)
    assert defs["page"].written.ctx["reason"] == "output_inside_store"
    assert "Nothing was written" in text
    assert fingerprint(store) == before


def test_a_trial_leaves_the_store_and_shows_its_checks(store, run, tmp_path):
    before = fingerprint(store)
    text, defs = run("migration", store, make=PRESSED, try_out=PRESSED, into=value(str(tmp_path / "copy")))
    assert defs["simulated"].holds
    assert defs["simulated"].digest == plan_of(store).digest
    assert "Every check holds." in text
    assert (tmp_path / "copy" / "gens" / "draft" / NEW_DRAFT).is_dir()
    assert fingerprint(store) == before


def test_a_trial_is_not_made_inside_the_store_nor_over_something(store, run, tmp_path):
    before = contents(tmp_path)
    for into, reason in ((store / "copy", "target_inside_store"), (tmp_path, "target_not_empty")):
        text, defs = run("migration", store, make=PRESSED, try_out=PRESSED, into=value(str(into)))
        assert isinstance(defs["simulated"], DDError)
        assert defs["simulated"].ctx["reason"] == reason
        assert "Nothing was done" in text
    assert contents(tmp_path) == before


def test_the_commands_shown_do_it_and_undo_it(store, run, tmp_path):
    before = contents(store)
    _, defs = run("migration", store, make=PRESSED, into=value(str(tmp_path / "a copy")), **asked(only=LEGACY_DRAFT))
    codes = [typed(command.line).returncode for command in defs["steps"][:-1]]
    assert codes == [0] * 5
    assert (tmp_path / "reports" / "migration_plan.json").read_bytes() == defs["plan"].to_bytes()
    assert (store / "gens" / "draft" / NEW_DRAFT).is_dir()
    _, after = run("migration", store, make=PRESSED)
    assert after["state"].facts.loc[0, "value"] == defs["plan"].digest[:16]
    assert typed(defs["steps"][-1].line).returncode == 0
    assert {path: data for path, data in contents(store).items() if not path.startswith(".genaudit")} == before


def test_a_stopped_migration_is_reported_and_its_commands_resume_it(store, run, tmp_path):
    plan = plan_of(store)
    shutil.copytree(store, tmp_path / "whole")
    with FailingFiles(tmp_path / "whole") as files:
        apply(files, plan)
    renames = [number for number, effect in enumerate(files.done) if effect[0] == "rename" and "gens/" in effect[1]]
    with FailingFiles(store, at=renames[1]) as files, pytest.raises(CrashError):
        apply(files, plan)
    before = fingerprint(store)
    text, defs = run("migration", store, make=PRESSED)
    assert defs["state"].tone == "alarm"
    assert defs["made"].ctx["reason"] == "migration_interrupted"
    assert "Traceback" not in text
    assert fingerprint(store) == before
    assert [typed(command.line).returncode for command in defs["state"].commands] == [0, 0]


def test_names_are_looked_up(store, run):
    plan = plan_of(store)
    applied(store, plan)
    before = fingerprint(store)
    text, defs = run("migration", store, former=value(f" {LEGACY_DRAFT}"))
    assert defs["names"][["gen_id", "now"]].to_numpy().tolist() == [[LEGACY_DRAFT, False], [NEW_DRAFT, True]]
    assert defs["state"].tone == "good"
    assert "can be undone" in text
    assert "No migration has touched it." in run("migration", store, former=value("d_nobody"))[0]
    assert fingerprint(store) == before


def test_more_renames_than_are_shown_are_counted_in_words(stores, run, monkeypatch):
    monkeypatch.setattr("genaudit.workbench.listings.MOST_ROWS", 50)
    text, defs = run("migration", stores["sample"], make=PRESSED)
    renames = defs["plan"].renames
    assert len(renames) > 50 == len(defs["table"].data)
    assert f"The first 50 of {len(renames):,} renames: narrow them down, or download all." in text
    assert defs["rows"]["gen_id"].tolist() == [each.old for each in renames]


def test_nothing_behind_the_page_can_apply_or_roll_back():
    sources = [FOLDER / "migration.py", *Path(genaudit.workbench.__file__).parent.glob("*.py")]
    imports = {
        name
        for source in sources
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    }
    assert "genaudit.migration.plan" in imports
    assert not {
        name for name in imports if name.startswith(("genaudit.migration.apply", "genaudit.migration.rollback"))
    }
