"""A scan that takes unchanged records from a snapshot."""

from __future__ import annotations

import json
import os
import shutil

import pandas as pd
import pytest

from genaudit.audits.run import run_audits
from genaudit.sample import SampleOptions, write_sample
from genaudit.snapshots.reuse import Unchanged
from genaudit.snapshots.taking import take
from genaudit.store.bucket import Bucket
from genaudit.store.remote import source_of
from genaudit.store.snapshot import scan

DATE = "2026-01-01"


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "store"
    write_sample(path, SampleOptions(drafts=6))
    return path


@pytest.fixture
def read(monkeypatch):
    """The keys that were read."""
    keys = []
    whole = Bucket.read

    def counted(self, some):
        keys.extend(some)
        return whole(self, some)

    monkeypatch.setattr(Bucket, "read", counted)
    return keys


def _again(root, saved):
    known = Unchanged(saved)
    found = scan(source_of(root, known.contents), known=known)
    whole = scan(root)
    pd.testing.assert_frame_equal(found.generations, whole.generations)
    pd.testing.assert_frame_equal(found.strays, whole.strays)
    assert found.irregular == whole.irregular
    return known, found


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_an_unchanged_store_is_not_read_again(store, form):
    root = form.format(store)
    known, found = _again(root, take(scan(root), date=DATE))
    assert known.reused == len(found.generations) > 0


def test_the_second_audit_of_a_remote_store_costs_its_listing(store, read):
    root = f"file://{store}"
    saved = take(scan(root), date=DATE)
    assert len(read) > len(saved.generations)
    read.clear()
    known = Unchanged(saved)
    found = scan(source_of(root, known.contents), known=known)
    run = run_audits(found)
    assert read == []
    assert known.reused == len(found.generations)
    assert run.inventory.summary == run_audits(scan(root), ["inventory"]).inventory.summary


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_only_changed_records_are_read(store, form, read):
    root = form.format(store)
    first = scan(root)
    saved = take(first, date=DATE)
    names = first.generations.loc[first.generations["stage"] == "evaluation", "gen_id"].tolist()
    changed, gone, longer, linked = (store / "gens/evaluation" / name for name in names[:4])
    record = json.loads((changed / "metadata.json").read_text())
    before = (changed / "metadata.json").stat()
    (changed / "metadata.json").write_text(json.dumps({**record, "note": "x"}))
    os.utime(changed / "metadata.json", ns=(before.st_atime_ns, before.st_mtime_ns))
    shutil.rmtree(gone)
    (longer / "raw.txt").write_text("another answer")
    (linked / "link").symlink_to("raw.txt")
    (store / "gens/draft/new").mkdir()
    (store / "gens/draft/new/metadata.json").write_text("{}")
    read.clear()
    known, found = _again(root, saved)
    assert known.reused == len(found.generations) - 4
    assert found.generations["gen_id"].isin(["new"]).sum() == 1


def test_nothing_is_reused_if_the_settings_changed(store):
    saved = take(scan(store), date=DATE)
    (store / "genaudit.toml").write_text('[ignore]\nnames = ["x"]\n')
    known, _ = _again(store, saved)
    assert known.reused == 0
