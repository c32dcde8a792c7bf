import csv
import json

import pytest

from genaudit.sample import SampleOptions, write_sample
from helpers.trees import fingerprint


@pytest.fixture
def store(tmp_path):
    """A sample store, whose selection asks for essays of the store."""
    write_sample(tmp_path / "store", SampleOptions(drafts=12, seed=1))
    return tmp_path / "store"


@pytest.fixture(autouse=True)
def _no_flags(monkeypatch):
    monkeypatch.delenv("DD_SLIM_MEMBERSHIP", raising=False)
    monkeypatch.delenv("DD_DETERMINISTIC_GEN_IDS", raising=False)


def built(run, store, *options):
    code, out, _ = run("cohort", "build", "new-1", "--data-root", store, "--format", "json", *options)
    assert code == 0
    return json.loads(out)


def test_build_is_a_dry_run_by_default(run, store):
    before = fingerprint(store)
    code, out, err = run("cohort", "build", "new-1", "--data-root", store, "--preview", 2)
    assert code == 0
    assert "--apply writes" in err
    assert out.count("combo_v1_") == 2
    assert fingerprint(store) == before


def test_the_applied_cohort_equals_the_plan_and_the_output_of_show(run, store):
    planned = built(run, store, "--preview", 500)
    assert planned["artifacts"] == {}
    written = built(run, store, "--preview", 500, "--apply")
    assert written["preview"] == planned["preview"]
    assert written["artifacts"]["rows"] == written["row_count"] == len(planned["preview"])
    code, out, _ = run("cohort", "show", "new-1", "--data-root", store, "--format", "json")
    assert code == 0
    members = json.loads(out)["members"]
    keys = ("stage", "gen_id", "parent_gen_id", "combo_id", "template_id", "llm_model_id", "replicate", "mode")
    assert [[row[key] for key in keys] for row in members] == [
        [row[key] for key in keys] for row in planned["preview"]
    ]
    assert {row["source"] for row in members} == {"manifest"}


def test_show_prints_whole_ids_into_a_pipe(run, store):
    for folder in sorted((store / "cohorts").iterdir()):
        code, out, _ = run("cohort", "show", folder.name, "--data-root", store)
        assert code == 0
        listed = [line.split(",")[1] for line in (folder / "membership.csv").read_text().splitlines()[1:]]
        assert [line.split()[1] for line in out.splitlines()[1:]] == listed


def test_build_and_rebuild_plan_the_same_members_with_the_same_ids(run, tmp_path):
    root = tmp_path / "ac"
    assert run("sample", root, "--seed", 3, "--drafts", 12)[0] == 0
    (root / "2_tasks/selected_essays.txt").unlink()
    arguments = ("cohort", "build", "new-1", "--data-root", root, "--format", "json", "--preview", 10_000)
    code, out, err = run(*arguments)
    assert code == 0
    assert "DD_DETERMINISTIC_GEN_IDS=draft,essay,evaluation, DD_SLIM_MEMBERSHIP=on" in err
    planned = json.loads(out)
    assert planned["metadata"]["flags"] == {
        "DD_DETERMINISTIC_GEN_IDS": "draft,essay,evaluation",
        "DD_SLIM_MEMBERSHIP": True,
    }
    arguments = ("rebuild", "--data-root", root, "--modes", "cartesian", "--cohort", "new-1", "--output", tmp_path)
    code, out, err = run(*arguments, "--date", "2026-01-02", "--fail-on", "never")
    assert code == 0
    assert "DD_DETERMINISTIC_GEN_IDS=draft,essay,evaluation" in err
    with (tmp_path / "cohort_rebuild_2026-01-02.csv").open(newline="") as file:
        rows = {(row["stage"], row["gen_id"], row["in_store"] == "True") for row in csv.DictReader(file)}
    members = planned["preview"]
    assert rows == {(row["stage"], row["gen_id"], row["origin"] == "stored") for row in members}


def test_every_problem_of_a_selection_has_a_line(run, store):
    before = fingerprint(store)
    (store / "2_tasks" / "selected_essays.txt").write_text("e_unknown1\ne_unknown2\n")
    code, out, err = run("cohort", "build", "new-1", "--data-root", store, "--apply")
    assert (code, out) == (2, "")
    assert [("e_unknown1" in line, "e_unknown2" in line) for line in err.splitlines()[-2:]] == [
        (True, False),
        (False, True),
    ]
    (store / "2_tasks" / "selected_essays.txt").unlink()
    assert set(before) - set(fingerprint(store)) == {"2_tasks/selected_essays.txt"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("show", "nowhere"), 3),
        (("show", "../pilot"), 2),
        (("build", "../pilot"), 2),
        (("build", "a/b"), 2),
        (("build",), 2),
        (("build", "x", "--preview", "-1"), 2),
    ],
)
def test_calls_that_cannot_be_carried_out(run, store, arguments, expected):
    before = fingerprint(store)
    code, out, err = run("cohort", *arguments, "--data-root", store)
    assert (code, out) == (expected, "")
    assert err
    assert fingerprint(store) == before


def test_flag_that_means_nothing_is_named(run, store, monkeypatch):
    monkeypatch.setenv("DD_SLIM_MEMBERSHIP", "perhaps")
    code, _, err = run("cohort", "build", "new-1", "--data-root", store)
    assert code == 2
    assert "DD_SLIM_MEMBERSHIP" in err


@pytest.mark.parametrize("command", ["build", "show", "backfill-manifest", "slim"])
def test_help_lists_the_exit_codes(run, command):
    code, out, _ = run("cohort", command, "--help")
    assert code == 0
    assert "Exit codes" in out
