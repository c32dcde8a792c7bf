"""The command of the rebuild audit."""

from __future__ import annotations

import csv
import json

import pytest

from genaudit.sample import SampleOptions, write_sample
from helpers.trees import fingerprint

COLUMNS = "selection_id,mode,stage,gen_id,in_store,decision,destroys,causes,root,would_reuse_if,calls,tokens"
MODES = ["regenerate", "reuse-drafts", "reuse-essays", "reuse-essays+skip-existing", "reuse-drafts+reuse-existing"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("rebuild") / "store"
    write_sample(root, SampleOptions(drafts=10, seed=6))
    return root


@pytest.fixture
def rebuild(run, store, tmp_path):
    def call(*args):
        return run("rebuild", "--data-root", store, "--output", tmp_path / "out", "--date", "2026-01-02", *args)

    return call


def test_the_files_and_their_promised_columns(rebuild, store, tmp_path):
    before = fingerprint(store)
    code, out, _ = rebuild()
    assert code == 0
    assert fingerprint(store) == before
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "cohort_rebuild_2026-01-02.json",
        "cohort_rebuild_2026-01-02.csv",
        "cohort_rebuild_2026-01-02.md",
        "cohort_rebuild_2026-01-02.html",
        "selected_essays_2026-01-02.txt",
    }
    with (tmp_path / "out/cohort_rebuild_2026-01-02.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ",".join(rows[0]).startswith(COLUMNS)
    assert list(dict.fromkeys(row["mode"] for row in rows)) == MODES
    assert all(json.loads(row["causes"]) for row in rows if row["decision"] != "reuse")
    report = json.loads((tmp_path / "out/cohort_rebuild_2026-01-02.json").read_text())
    assert report["audit"] == "rebuild"
    assert report["settings"]["DD_DETERMINISTIC_GEN_IDS"] == "draft,essay,evaluation"
    for mode in MODES:
        assert mode in out


def test_json_for_programs(rebuild):
    code, out, _ = rebuild("--format", "json", "--sample", "3", "--seed", "5", "--fail-on", "warning", "--dry-run")
    summary = json.loads(out)["rebuild"]
    assert summary["selection"] | {"first": []} == {
        "stage": "essay",
        "how": "sample",
        "source": "essays",
        "selected": 3,
        "first": [],
        "repeated": 0,
        "chosen_from": 9,
        "seed": 5,
        "left_out": {},
        "mode": None,
        "skip_existing": False,
        "reuse": [],
    }
    differ = sum(summary["replicate_rules_differ"].values())
    assert code == (1 if differ else 0)
    assert sum(summary["findings_by_code"].values()) > 0


def test_a_dry_run_writes_nothing(rebuild, tmp_path):
    _, out, err = rebuild("--dry-run")
    assert not (tmp_path / "out").exists()
    assert "would write" in err
    assert "regenerate" in out


def test_ids_and_modes_with_commas(rebuild, store):
    names = sorted(path.name for path in (store / "gens/essay").iterdir())
    _, out, _ = rebuild(
        *("--ids", f"{names[0]},{names[1]}", "--ids", names[2]),
        *("--modes", "regenerate,cartesian", "--modes", "spec:second-look-2025-10"),
        *("--deterministic-ids", "draft", "--cohort", "mine", "--format", "json"),
    )
    summary = json.loads(out)["rebuild"]
    assert summary["selection"]["selected"] == 3
    assert list(summary["modes"]) == ["regenerate", "cartesian", "spec:second-look-2025-10"]
    assert summary["settings"] == {"cohort_id": "mine", "DD_DETERMINISTIC_GEN_IDS": "draft", "forced": False}


def test_prices_give_money(rebuild, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text("model,prompt_per_million,completion_per_million\nharbor_large,1,2\n")
    _, out, _ = rebuild("--prices", prices)
    assert "money" in out
    prices.write_text("model,prompt_per_million,completion_per_million\nharbor_large,cheap,2\n")
    code, _, err = rebuild("--prices", prices)
    assert code == 2
    assert "line 2" in err
    assert "'cheap'" in err


def test_selected_drafts(rebuild, store):
    name = min(path.name for path in (store / "gens/draft").iterdir())
    _, out, _ = rebuild("--ids", name, "--stage", "draft", "--format", "json")
    assert list(json.loads(out)["rebuild"]["modes"]) == [*MODES[:2], MODES[4]]


def test_all_problems_at_once_and_nothing_written(rebuild, store, tmp_path):
    draft = min(path.name for path in (store / "gens/draft").iterdir())
    code, _, err = rebuild("--ids", f"e_unheard,{draft}", "--modes", "regenarate,all")
    assert code == 2
    for word in ("e_unheard", draft, "wrong_stage", "regenarate", "nearest 'regenerate'"):
        assert word in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--legacy", "--ids", "e_1"), "contradicting options"),
        (("--sample", "0"), "invalid sample size"),
        (("--deterministic-ids", "essay"), "stages out of order"),
        (("--cohort", "../up"), "unsafe id"),
        (("--select", "nowhere.txt"), "selection missing"),
        (("--date", "soon"), "invalid date"),
    ],
)
def test_options_that_make_no_sense(rebuild, args, word):
    code, _, err = rebuild(*args)
    assert code == 2
    assert word in err


def test_an_unplannable_mode_is_reported(rebuild):
    code, out, _ = rebuild("--modes", "all,spec:nowhere")
    assert code == 0
    assert "Mode spec:nowhere cannot be planned: spec not found." in out


def test_no_store(run, tmp_path):
    assert run("rebuild", "--data-root", tmp_path / "none", "--output", tmp_path / "out")[0] == 3


def test_an_audit_reports_errors_of_the_selection_and_continues(run, tmp_path):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=3))
    (root / "2_tasks/selected_essays.txt").write_text("e_unheard\n")
    code, out, _ = run("audit", "--data-root", root, "--output", tmp_path / "out", "--only", "rebuild")
    assert code == 2
    assert "The selection cannot be planned: invalid selection" in out
    assert "e_unheard" in out
    assert (tmp_path / "out").exists()


def test_a_larger_plan_than_the_limit_is_refused(rebuild, run, store, tmp_path):
    code, _, err = rebuild("--sample", "3", "--seed", "5", "--max-members", "2")
    assert code == 2
    assert "design too large" in err
    assert "limit 2" in err
    code, _, _ = run("audit", "--data-root", store, "--output", tmp_path, "--max-members", "2", "--dry-run")
    assert code == 2
    assert rebuild("--sample", "3", "--seed", "5", "--max-members", "1000", "--dry-run")[0] == 0
