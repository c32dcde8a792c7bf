"""Folders that a command must not write into, and names that no file system takes."""

import pytest

from genaudit.sample import SampleOptions, write_sample
from helpers.trees import fingerprint

LONG = "x" * 300


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("outputs") / "store"
    write_sample(path, SampleOptions(drafts=2, light=True))
    return path


@pytest.mark.parametrize(
    "place",
    [
        ".",
        "gens/x",
        "cohorts",
        "cohorts/a/reports",
        "1_raw",
        "2_tasks/x",
        "7_cross_experiment",
        ".genaudit",
        "x/../gens",
    ],
)
def test_no_report_lands_among_the_files_of_a_store(run, store, place):
    before = fingerprint(store)
    code, _, err = run("inventory", "--data-root", store, "--output", store / place)
    assert code == 2
    assert "output inside store" in err
    assert fingerprint(store) == before


@pytest.mark.parametrize("command", ["inventory --output", "migrate plan --output", "sample"])
def test_a_name_that_is_too_long_is_an_error(run, store, tmp_path, command):
    arguments = command.split()
    root = () if command == "sample" else ("--data-root", store)
    code, _, err = run(*arguments, tmp_path / LONG, *root)
    assert code in {2, 3}
    assert "File name too long" in err
    assert "Traceback" not in err


def test_a_copy_cannot_get_a_name_that_is_too_long(run, store, tmp_path):
    assert run("migrate", "plan", "--data-root", store, "--output", tmp_path / "plan")[0] == 0
    plan = tmp_path / "plan" / "migration_plan.json"
    arguments = ("--into", tmp_path / LONG, "--data-root", store, "--output", tmp_path / "out")
    code, _, err = run("migrate", "simulate", plan, *arguments)
    assert code in {2, 3}
    assert "File name too long" in err
