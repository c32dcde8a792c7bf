import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from genaudit.migration import files as files_module
from genaudit.migration.apply import apply
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    CrashError,
    FailingFiles,
    content,
    migratable,
    plan_of,
    tree,
)
from helpers.stores import evaluation, write_generation


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


@pytest.fixture
def planned(run, store, tmp_path):
    code, _, err = run("migrate", "plan", "--data-root", store, "--output", tmp_path / "plans")
    path = tmp_path / "plans" / "migration_plan.json"
    assert (code, err) == (0, f"INFO: wrote {path}\nINFO: wrote {path.with_suffix('.html')}\n")
    return path


def interrupted(store, beside):
    """Apply until the first of the folders is renamed."""
    made = plan_of(store)
    with FailingFiles(shutil.copytree(store, beside)) as files:
        apply(files, made)
        renames = [at for at, effect in enumerate(files.done) if effect[0] == "rename" and "gens" in effect[1]]
    with FailingFiles(store, renames[1]) as files, pytest.raises(CrashError):
        apply(files, made)


def test_the_plan_is_written_and_the_store_is_only_read(run, store, planned):
    before = tree(store)
    assert planned.read_bytes() == plan_of(store).to_bytes()
    code, out, err = run("migrate", "plan", "--data-root", store, "--dry-run", "--format", "json")
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert facts["renamed"] == {"draft": 1, "essay": 1, "evaluation": 1}
    assert facts["unchanged"] == {"draft": 0, "essay": 1, "evaluation": 0}
    assert facts["excluded"] == {}
    assert facts["edited"] == 8
    assert facts["digest"] == json.loads(planned.read_bytes())["digest"]
    assert tree(store) == before
    assert not (store / ".genaudit").exists()


@pytest.mark.parametrize(
    ("options", "renamed"),
    [
        (["--only", LEGACY_DRAFT], {LEGACY_DRAFT, CASCADED}),
        (["--only", LEGACY_EVALUATION], {LEGACY_EVALUATION}),
        (["--except", LEGACY_EVALUATION], {LEGACY_DRAFT, CASCADED}),
        (["--except", CASCADED], {LEGACY_EVALUATION}),
        (["--stages", "evaluation"], {LEGACY_EVALUATION}),
        (["--stages", "draft", "--stages", "evaluation"], {LEGACY_DRAFT, CASCADED, LEGACY_EVALUATION}),
        (["--cohort", "c1"], {LEGACY_DRAFT, CASCADED, LEGACY_EVALUATION}),
        (["--only", "@LIST"], {LEGACY_EVALUATION}),
    ],
)
def test_renames_can_be_filtered(run, store, tmp_path, options, renamed):
    (tmp_path / "ids").write_text(f"# these alone\n{LEGACY_EVALUATION}  # and no other\n\n")
    options = [option.replace("LIST", str(tmp_path / "ids")) for option in options]
    code, _, _ = run("migrate", "plan", "--data-root", store, "--output", tmp_path / "plans", *options)
    assert code == 0
    document = json.loads((tmp_path / "plans" / "migration_plan.json").read_bytes())
    assert {rename["old"] for rename in document["renames"]} == renamed
    total = len(document["renames"]) + len(document["excluded"]) + sum(document["unchanged"].values())
    assert total == 4


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--except", "nobody"], "unknown ids"),
        (["--only", "../x"], "unsafe id"),
        (["--only", "@nowhere"], "list unreadable"),
        (["--stages", "poem"], "unknown stage"),
        (["--cohort", "../x"], "unsafe id"),
        (["--output", "STORE/gens/plans"], "output inside store"),
        (["--output", "STORE"], "output inside store"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(run, store, options, reason):
    before = tree(store)
    options = [option.replace("STORE", str(store)) for option in options]
    code, out, err = run("migrate", "plan", "--data-root", store, *options)
    assert (code, out) == (2, "")
    assert reason in err
    assert tree(store) == before


def test_a_cohort_that_is_not_there(run, store):
    code, _, err = run("migrate", "plan", "--data-root", store, "--cohort", "c9", "--dry-run")
    assert code == 3
    assert "membership missing" in err


def test_nothing_is_changed_without_yes(run, store, planned):
    before = tree(store)
    for arguments in (("apply", planned), ("rollback",)):
        code, _, err = run("migrate", *arguments, "--data-root", store)
        assert code == 0
        assert "nothing was changed" in err
    assert tree(store) == before
    assert not (store / ".genaudit").exists()


def test_simulated_applied_and_undone(run, store, planned, tmp_path):
    before = tree(store)
    code, out, _ = run("migrate", "simulate", planned, "--into", tmp_path / "copy", "--data-root", store)
    assert code == 0
    assert out.count("ok: ") == 5
    assert tree(store) == before
    code, out, _ = run("migrate", "apply", planned, "--data-root", store, "--yes", "--format", "json")
    assert code == 0
    assert json.loads(out) == {
        "digest": json.loads(planned.read_bytes())["digest"],
        "renamed": 3,
        "edited": 8,
        "was_complete": False,
        "resumed": False,
    }
    assert content(store) == content(tmp_path / "copy")
    code, out, _ = run("migrate", "apply", planned, "--data-root", store, "--yes")
    assert code == 0
    assert "applied already" in out
    code, out, _ = run("migrate", "status", "--data-root", store, "--format", "json")
    assert code == 0
    assert json.loads(out)["is_interrupted"] is False
    code, out, _ = run("migrate", "rollback", "--data-root", store, "--yes")
    assert code == 0
    assert "3 generations renamed back, 8 files restored" in out
    assert tree(store) == before
    code, out, _ = run("migrate", "rollback", "--data-root", store, "--yes")
    assert (code, out) == (0, "no migration to undo\n")


def test_names_are_resolved_in_both_directions(run, store, planned):
    run("migrate", "apply", planned, "--data-root", store, "--yes")
    for old, new in ((LEGACY_DRAFT, NEW_DRAFT), (CASCADED, NEW_ESSAY), (LEGACY_EVALUATION, NEW_EVALUATION)):
        for gen_id in (old, new):
            code, out, _ = run("migrate", "resolve", gen_id, "--data-root", store, "--format", "json")
            assert code == 0
            assert [each["names"] for each in json.loads(out)] == [[old, new]]
    code, out, _ = run("migrate", "resolve", "e_sq5klak2lljyyom", "--data-root", store)
    assert (code, out) == (0, "essay e_sq5klak2lljyyom: no migration renamed it\n")


def test_a_simulation_that_does_not_hold_ends_with_1(run, store, planned, tmp_path, monkeypatch):
    # An apply that forgets to rename the essay.
    real = files_module.Files.rename
    monkeypatch.setattr(
        "genaudit.migration.simulate.apply",
        lambda files, plan, *_: real(files, f"gens/draft/{LEGACY_DRAFT}", f"gens/draft/{NEW_DRAFT}") or done(plan),
    )
    code, out, _ = run("migrate", "simulate", planned, "--into", tmp_path / "copy", "--data-root", store)
    assert code == 1
    assert out.count("no: ") == 5


def done(plan):
    from genaudit.migration.apply import Applied  # noqa: PLC0415

    return Applied(plan.digest, 1, 0)


@pytest.mark.parametrize("where", ["STORE/copy", "STORE", ".", "FULL", "FILE"])
def test_a_copy_has_a_place_of_its_own(run, store, planned, tmp_path, where):
    Path("x").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    into = where.replace("STORE", str(store)).replace("FULL", str(tmp_path / "full")).replace("FILE", str(planned))
    before = tree(tmp_path)
    code, _, _ = run("migrate", "simulate", planned, "--into", into, "--data-root", store)
    assert code == 2
    assert tree(tmp_path) == before


def test_a_store_that_drifted_ends_with_4(run, store, planned, tmp_path):
    write_generation(store, "draft", "d_more", {"combo_id": "c", "template_id": "t", "llm_model_id": "m"})
    before = tree(store)
    for arguments in (("apply", planned, "--yes"), ("simulate", planned, "--into", tmp_path / "copy")):
        code, _, err = run("migrate", *arguments, "--data-root", store)
        assert code == 4
        assert "store drifted" in err
    assert tree(store) == before


def test_a_rollback_over_additions_ends_with_4_unless_they_are_carried_over(run, store, planned):
    run("migrate", "apply", planned, "--data-root", store, "--yes")
    added = write_generation(store, "evaluation", "v_more", evaluation(NEW_ESSAY))
    code, out, _ = run("migrate", "rollback", "--data-root", store, "--format", "json")
    assert code == 0
    assert json.loads(out)["added_since"] == ["gens/evaluation/v_more/metadata.json"]
    code, _, err = run("migrate", "rollback", "--data-root", store, "--yes")
    assert code == 4
    assert "gens/evaluation/v_more/metadata.json" in err
    code, out, _ = run("migrate", "rollback", "--data-root", store, "--yes", "--carry-over")
    assert code == 0
    assert "carried over: gens/evaluation/v_more/metadata.json" in out
    assert json.loads((added / "metadata.json").read_text())["parent_gen_id"] == CASCADED


def test_an_interrupted_migration_ends_every_command_with_5_until_it_is_finished(run, store, planned, tmp_path):
    before = tree(store)
    interrupted(store, tmp_path / "beside")
    assert tree(store) != before
    code, out, _ = run("migrate", "status", "--data-root", store, "--format", "json")
    facts = json.loads(out)
    assert code == 5
    assert facts["is_interrupted"] is True
    assert facts["done"] == 8 + 1
    assert facts["open"] == 2
    assert facts["journal"] == ["begin", "edit", "rename"]
    _, _, err = run("audit", "--data-root", store, "--dry-run", "--fail-on", "never")
    assert f"migration {facts['digest'][:16]} was interrupted" in err
    other = tmp_path / "other.json"
    other.write_bytes(plan_of(migratable(tmp_path / "elsewhere"), excepted=[LEGACY_EVALUATION]).to_bytes())
    for arguments in (
        ("plan", "--dry-run"),
        ("simulate", planned, "--into", tmp_path / "copy"),
        ("apply", other, "--yes"),
    ):
        code, _, err = run("migrate", *arguments, "--data-root", store)
        assert code == 5, arguments
        assert "migration interrupted" in err
    code, out, _ = run("migrate", "apply", planned, "--data-root", store, "--yes")
    assert code == 0
    assert "resumed and applied: 2 generations renamed, 0 files edited" in out
    assert run("migrate", "status", "--data-root", store)[0] == 0
    assert run("migrate", "rollback", "--data-root", store, "--yes")[0] == 0
    assert tree(store) == before


def test_a_disk_that_is_full_midway_ends_with_5(run, store, planned, monkeypatch):
    before = tree(store)
    with monkeypatch.context() as patched:
        patched.setattr(files_module.Files, "replace", refuse)
        code, _, err = run("migrate", "apply", planned, "--data-root", store, "--yes")
    assert code == 5
    assert os.strerror(errno.ENOSPC) in err
    assert run("migrate", "rollback", "--data-root", store, "--yes")[0] == 0
    assert tree(store) == before


def refuse(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "file")


def test_no_store_ends_with_3(run, planned, tmp_path):
    for arguments in (
        ("plan", "--dry-run"),
        ("simulate", planned, "--into", tmp_path / "copy"),
        ("apply", planned, "--yes"),
        ("rollback", "--yes"),
        ("status",),
        ("resolve", "x"),
    ):
        code, _, err = run("migrate", *arguments, "--data-root", tmp_path / "nowhere")
        assert code == 3, arguments
        assert "no such root" in err


@pytest.mark.parametrize("command", ["plan", "simulate", "apply", "rollback", "status", "resolve"])
def test_every_command_lists_its_exit_codes(run, command):
    code, out, _ = run("migrate", command, "--help")
    assert code == 0
    assert "Exit codes" in out


def test_a_page_of_the_plan_lies_beside_it(planned):
    page = planned.with_suffix(".html").read_text()
    assert NEW_DRAFT in page
    assert "migration_plan.json" in page


@pytest.mark.parametrize("command", ["simulate", "apply", "rollback"])
def test_a_report_does_not_land_in_the_store(run, store, planned, tmp_path, command):
    before = tree(store)
    given = {"simulate": (planned, "--into", tmp_path / "copy"), "apply": (planned, "--yes"), "rollback": ("--yes",)}
    code, _, err = run("migrate", command, *given[command], "--data-root", store, "--output", store / "notes")
    assert code == 2
    assert "output inside store" in err
    assert tree(store) == before
    assert not (tmp_path / "copy").exists()


def test_reports_list_planned_and_completed_work(run, store, planned, tmp_path):
    out, digest = tmp_path / "out", json.loads(planned.read_bytes())["digest"]

    def reported(command, *given):
        assert run("migrate", command, *given, "--data-root", store, "--output", out)[0] == 0
        return json.loads((out / f"migration_{command}_{digest[:16]}.json").read_bytes())

    assert (
        run("migrate", "simulate", planned, "--into", tmp_path / "c", "--data-root", store, "--output", out)[0] == 0
    )
    assert json.loads((out / f"migration_simulation_{digest[:16]}.json").read_bytes())["holds"] is True
    would = reported("apply", planned)
    assert (would["applied"], would["renamed"]) == (False, {"draft": 1, "essay": 1, "evaluation": 1})
    done = reported("apply", planned, "--yes")
    assert (done["applied"], done["renamed"], done["edited"]) == (True, 3, 8)
    assert reported("rollback")["applied"] is False
    undone = reported("rollback", "--yes")
    assert (undone["applied"], undone["renamed"]) == (True, 3)
