from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import genaudit
from genaudit.audits.registry import AUDITS
from genaudit.audits.run import AuditRun, run_audits
from genaudit.layout import GENS
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan

LAZY = """
import sys
import genaudit
heavy = {"pandas", "numpy", "altair", "networkx", "rich_click"}
print(sorted(heavy & sys.modules.keys()), sorted(name for name in sys.modules if name.startswith("genaudit")))
genaudit.DDError, genaudit.Reason
print(sorted(heavy & sys.modules.keys()))
genaudit.Snapshot
print("pandas" in sys.modules)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("api") / "store"
    write_sample(root, SampleOptions(drafts=8, light=True))
    return root


def test_importing_the_package_imports_nothing_else():
    printed = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, check=True, text=True)
    assert printed.stdout.splitlines() == ["[] ['genaudit']", "[]", "True"]


def test_every_name_is_listed_once_and_leads_somewhere():
    assert sorted(genaudit.__all__) == sorted(genaudit._MODULES)
    assert len(genaudit.__all__) <= 16
    for name in genaudit.__all__:
        value = getattr(genaudit, name)
        assert value.__name__ == name
        assert (value.__doc__ or "").strip()
        assert name in dir(genaudit)


def test_names_for_type_checkers_are_those_at_run_time():
    tree = ast.parse(Path(genaudit.__file__).read_text("utf-8"))
    imports = {
        alias.name: node.module.removeprefix("genaudit.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("genaudit.")
        for alias in node.names
    }
    assert imports == genaudit._MODULES


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'genaudit' has no attribute 'scam'"):
        genaudit.scam  # noqa: B018


def test_functions_take_a_path_a_text_or_a_snapshot(store):
    runs = [genaudit.audit(given, ["recompute"]) for given in (store, str(store), genaudit.scan(store))]
    assert [run.recompute.frame.equals(runs[0].recompute.frame) for run in runs] == [True] * 3


def test_results_are_attributes(store):
    run = genaudit.audit(store)
    expected = run_audits(scan(store))
    assert {*run.results} == {*expected.results} == {name for name in dir(run) if name in AUDITS}
    for name in run.results:
        assert getattr(run, name) is run.results[name]
    with pytest.raises(AttributeError, match="did you mean 'parents'"):
        run.parent  # noqa: B018


def test_typed_results_are_audits():
    [results] = AuditRun.__mro__[1:-1]
    assert {*results.__annotations__} <= {*AUDITS}


def test_answers_change_nothing_in_the_store(store):
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    snapshot = genaudit.scan(store)
    genaudit.rebuild(snapshot, genaudit.RebuildRequest(legacy=True))
    genaudit.references(snapshot)
    genaudit.plan_migration(snapshot)
    genaudit.build_cohort(store, "new-cohort")
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


def test_a_cohort_is_written_on_demand(tmp_path):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=8))
    result = genaudit.build_cohort(root, "new-cohort", dry_run=False)
    lines = (root / "cohorts" / "new-cohort" / "membership.csv").read_text("utf-8").splitlines()
    assert result.row_count == len(lines) - 1


def test_an_error_has_its_reason(tmp_path):
    with pytest.raises(genaudit.DDError) as caught:
        genaudit.audit(tmp_path)
    assert caught.value.reason is genaudit.Reason.NO_STORE
    (tmp_path / GENS).touch()
    with pytest.raises(genaudit.DDError) as caught:
        genaudit.scan(str(tmp_path))
    assert caught.value.reason is genaudit.Reason.GENS_IS_NO_FOLDER
