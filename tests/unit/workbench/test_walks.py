from __future__ import annotations

from pathlib import Path

import pytest

from genaudit.audits.run import run_audits
from genaudit.errors import DDError
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from genaudit.workbench.walks import Walk
from helpers.trees import fingerprint

OPTIONS = SampleOptions(drafts=4, seed=1)


@pytest.fixture
def store(tmp_path):
    return write_sample(tmp_path / "store", SampleOptions(drafts=6, seed=2)).path


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("DAYDREAMING_DATA_ROOT", raising=False)


def counted(root):
    return {stage: len(list((root / "gens" / stage).iterdir())) for stage in ("draft", "essay", "evaluation")}


def test_a_walk_starts_with_its_sample():
    walk = Walk(None, OPTIONS)
    assert walk.generations == counted(walk.root)
    assert walk.generations["draft"] == 4


def test_a_data_root_outranks_the_environment_and_that_the_sample(store, tmp_path, monkeypatch):
    before = fingerprint(store)
    assert Walk(store, OPTIONS).generations == counted(store)
    monkeypatch.setenv("DAYDREAMING_DATA_ROOT", str(store))
    assert Walk(None, OPTIONS).root == store
    other = write_sample(tmp_path / "other", OPTIONS).path
    assert Walk(str(other), OPTIONS).root == other
    assert fingerprint(store) == before


def test_reports_are_written_only_into_a_folder_that_is_given(store, tmp_path):
    walk = Walk(store, OPTIONS)
    run = run_audits(scan(store), ["inventory"])
    before = fingerprint(tmp_path)
    assert walk.write(run, None) == []
    assert fingerprint(tmp_path) == before
    paths = walk.write(run, tmp_path / "out")
    assert [Path(path).suffix for path in paths] == [".json", ".md"]
    assert sorted(str(found) for found in (tmp_path / "out").iterdir()) == sorted(paths)
    with pytest.raises(DDError) as refused:
        walk.write(run, store / "gens" / "reports")
    assert refused.value.ctx["reason"] == "output_inside_store"
