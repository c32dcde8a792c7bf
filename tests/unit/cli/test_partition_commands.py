"""The keys of a Dagster home follow the migration commands; without Dagster all else works."""

import json
import subprocess
import sys

import pytest

from genaudit.pipeline.partition_keys import open_keys
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, migratable, plan_of

WITHOUT_DAGSTER = """
import sys
sys.modules["dagster"] = None
sys.argv = ["genaudit", *sys.argv[1:]]
from genaudit.cli import main
main()
"""


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


@pytest.fixture
def planned(store, tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(plan_of(store).to_bytes())
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    made = tmp_path / "home"
    made.mkdir()
    with open_keys(made) as keys:
        keys.add("draft_gens", [LEGACY_DRAFT, "stays"])
    return made


def drafts(home):
    with open_keys(home) as keys:
        return set(keys.keys("draft_gens"))


@pytest.fixture(params=["option", "variable"])
def where(request, home, monkeypatch):
    """Name the home in either way."""
    if request.param == "option":
        return ("--dagster-home", home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return ()


def test_keys_follow_an_apply_and_a_rollback(run, store, planned, home, where):
    assert run("migrate", "apply", planned, "--data-root", store, *where)[0] == 0
    assert drafts(home) == {LEGACY_DRAFT, "stays"}
    assert run("migrate", "apply", planned, "--data-root", store, "--yes", *where)[0] == 0
    assert drafts(home) == {NEW_DRAFT, "stays"}
    assert run("migrate", "rollback", "--data-root", store, "--yes", *where)[0] == 0
    assert drafts(home) == {LEGACY_DRAFT, "stays"}


def test_a_simulation_only_reads_the_home(run, store, planned, home, tmp_path):
    into = ("--into", tmp_path / "copy", "--data-root", store, "--format", "json")
    code, out, _ = run("migrate", "simulate", planned, *into, "--dagster-home", home)
    assert code == 0
    assert json.loads(out)["checks"][-1]["checked"] == 2
    assert drafts(home) == {LEGACY_DRAFT, "stays"}


def test_a_home_that_is_not_there_is_refused_before_anything_is_done(run, store, planned, tmp_path):
    code, out, err = run(
        "migrate", "apply", planned, "--data-root", store, "--yes", "--dagster-home", tmp_path / "none"
    )
    assert (code, out) == (2, "")
    assert "dagster home missing" in err
    assert not (store / ".genaudit").exists()


def test_without_dagster_the_store_is_migrated_and_a_home_is_refused(store, planned, home, tmp_path):
    def call(*arguments):
        command = [sys.executable, "-c", WITHOUT_DAGSTER, *map(str, arguments), "--data-root", str(store)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    tried = call("migrate", "simulate", planned, "--into", tmp_path / "copy")
    assert tried.returncode == 0
    assert tried.stdout.count("ok: ") == 4
    assert "not installed" in tried.stderr
    refused = call("migrate", "apply", planned, "--yes", "--dagster-home", home)
    assert refused.returncode == 2
    assert "extra missing" in refused.stderr
    assert not (store / ".genaudit").exists()
    assert call("migrate", "apply", planned, "--yes").returncode == 0
    assert (store / "gens" / "draft" / NEW_DRAFT).is_dir()
