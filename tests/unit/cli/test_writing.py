"""The contract of commands that write: a dry run leaves store, output folder and working directory as they were."""

from __future__ import annotations

import json
import shutil

import pytest
import rich_click as click

from genaudit.baseline.entries import Baseline
from genaudit.cli.app import app
from genaudit.sample import SampleOptions, write_sample
from helpers.migrations import LEGACY_DRAFT, migratable, plan_of
from helpers.trees import fingerprint
from helpers.workshop import COHORT, SHORT_SPEC, make_workshop

READING = {
    ("baseline", "check"),
    ("cohort", "show"),
    ("migrate", "status"),
    ("migrate", "resolve"),
    ("show",),
    ("snapshot", "list"),
    ("snapshot", "show"),
}
# Arguments that each command needs; PLACE is the folder of the test.
GIVEN = {
    ("baseline", "accept"): ("PARENT_MISSING", "--reason", "known"),
    ("baseline", "check"): ("--baseline", "PLACE/accepted.json"),
    ("cohort", "build"): (COHORT, "--apply"),
    ("cohort", "show"): (COHORT,),
    ("cohort", "backfill-manifest"): ("--partial", "--apply"),
    ("cohort", "slim"): ("--apply",),
    ("cohort", "rehearse"): (COHORT, "--flags", "all"),
    ("diff",): ("PLACE/sampled",),
    ("migrate", "simulate"): ("PLACE/plans/migration_plan.json", "--into", "PLACE/copy"),
    ("migrate", "apply"): ("PLACE/plans/migration_plan.json", "--yes"),
    ("migrate", "rollback"): ("--yes",),
    ("migrate", "resolve"): (LEGACY_DRAFT,),
    ("sample",): ("PLACE/sample",),
    ("show",): (LEGACY_DRAFT,),
    ("snapshot", "show"): ("last",),
}


ROOTS = {
    ("cohort", "build"): "workshop",
    ("cohort", "rehearse"): "workshop",
    ("rebuild",): "sampled",
    ("scores",): "sampled",
}


def commands(group, path=()):
    """List every command of the app with its path."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(app))
# It serves until it is stopped; tests of the workbench hold that it only reads.
SERVING = {("workbench",)}
WRITING = sorted(COMMANDS.keys() - READING - SERVING)


def options_of(name):
    return {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Three stores, a plan, and a report of an earlier run, written once."""
    folder = tmp_path_factory.mktemp("prepared")
    make_workshop(folder / "workshop", spec=SHORT_SPEC)
    write_sample(folder / "sampled", SampleOptions(drafts=4, seed=1))
    store = migratable(folder / "store")
    for name in ("plans", "out"):
        (folder / name).mkdir()
    (folder / "plans" / "migration_plan.json").write_bytes(plan_of(store).to_bytes())
    (folder / "accepted.json").write_bytes(Baseline().to_bytes())
    (folder / "out" / "earlier.json").write_text("{}")
    return folder


@pytest.fixture
def place(prepared, tmp_path):
    """A copy of the stores, to change."""
    return shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)


def arguments(name, place):
    root = ROOTS.get(name, "store")
    given = [word.replace("PLACE", str(place)) for word in GIVEN.get(name, ())]
    return [*name, *given, *(() if name == ("sample",) else ("--data-root", place / root))]


@pytest.mark.parametrize("name", WRITING, ids=" ".join)
def test_a_command_that_writes_has_its_options(name):
    assert {"--dry-run", "--output", "--format"} <= options_of(name)


@pytest.mark.parametrize("name", WRITING, ids=" ".join)
def test_a_dry_run_writes_nothing(run, place, folder, name):
    if name == ("migrate", "rollback"):
        plan = place / "plans" / "migration_plan.json"
        assert (
            run("migrate", "apply", plan, "--yes", "--data-root", place / "store", "--output", place / "out")[0] == 0
        )
    before = fingerprint(place), fingerprint(folder)
    words = [*arguments(name, place), "--dry-run"]
    for shown, output in (
        ("text", ()),
        ("json", ("--output", place / "out")),
        ("text", ("--output", place / "new")),
    ):
        code, out, err = run(*words, "--format", shown, *output)
        assert code in {0, 1}, err
        assert out
        assert (fingerprint(place), fingerprint(folder)) == before


@pytest.mark.parametrize("name", WRITING, ids=" ".join)
def test_without_dry_run_the_output_folder_is_written(run, place, name):
    code, _, err = run(*arguments(name, place), "--output", place / "new")
    assert code in {0, 1}, err
    assert any((place / "new").iterdir())


@pytest.mark.parametrize("name", sorted(READING), ids=" ".join)
def test_a_command_that_reads_writes_nothing(run, place, folder, name):
    if name == ("cohort", "show"):
        words = ("cohort", "build", COHORT, "--apply", "--data-root", place / "workshop", "--output", place / "out")
        assert run(*words)[0] == 0
        shutil.move(place / "store", place / "aside")
        shutil.move(place / "workshop", place / "store")
    given = arguments(name, place)
    if name[0] == "snapshot":
        # They read an output folder, not a store.
        given = [*name, *GIVEN.get(name, ()), "--output", place / "out"]
        assert run("snapshot", "save", "--data-root", place / "store", "--output", place / "out")[0] == 0
    before = fingerprint(place), fingerprint(folder)
    code, _, err = run(*given)
    assert code == 0, err
    assert (fingerprint(place), fingerprint(folder)) == before


def test_the_report_of_a_sample_lists_the_planted_faults(run, tmp_path):
    words = ("sample", tmp_path / "s", "--drafts", 4, "--faults", "PARENT_MISSING", "--output", tmp_path / "out")
    assert run(*words)[0] == 0
    found = json.loads((tmp_path / "out" / "sample_s.json").read_bytes())
    assert {each["fault"] for each in found["findings"]} == {"PARENT_MISSING"}
    assert found["planted"] == len(found["findings"]) > 0
