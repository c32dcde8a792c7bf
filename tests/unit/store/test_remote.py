"""Stores behind a URL, by fsspec's file system in memory."""

from __future__ import annotations

import gc
import json
import os
import pickle
import uuid
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Reason
from genaudit.stage_file import DEFAULTS
from genaudit.store import bucket, remote, source
from genaudit.store.bucket import Bucket
from genaudit.store.reading import read_part
from genaudit.store.remote import RemoteSource
from genaudit.store.snapshot import scan
from genaudit.store.source import LocalSource, fetch_generation

DRAFT = {"stage": "draft", "gen_id": "d_1", "template_id": "t", "combo_id": "c", "llm_model_id": "m", "replicate": 1}


@pytest.fixture
def url():
    address = f"memory://{uuid.uuid4().hex}/store"
    yield address
    fsspec.filesystem("memory").rm(address, recursive=True)


@pytest.fixture
def put(url):
    files = fsspec.filesystem("memory")

    def add(key, content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        files.pipe_file(f"{url.removeprefix('memory:/')}/{key}", data)

    return add


def test_records_texts_and_strays_are_read_as_from_a_folder(url, put, tmp_path):
    contents = {
        "gens/draft/d_1/metadata.json": DRAFT,
        "gens/draft/d_1/raw.txt": b"answer",
        "gens/draft/d_1/parsed.txt": b"",
        "gens/draft/d_1/raw_metadata.json": b"[]",
        "gens/draft/d_1/replaced/1/raw.txt": b"old",
        "gens/draft/d_2/metadata.json": b'{"big": "' + b"x" * (1 << 20) + b'"}',
        "gens/draft/back\\slash/metadata.json": DRAFT,
        "gens/draft/line\nbreak/metadata.json": DRAFT,
        "gens/draft/a*b/metadata.json": {**DRAFT, "gen_id": "a*b"},
        "gens/draft/stray.txt": b"x",
        "gens/essay/e_1/prompt.txt": b"p",
        "gens/notes.txt": b"x",
        "gens/outline/o_1/metadata.json": b"{}",
        "combo_mappings.csv": b"combo_id\nc\n",
    }
    for key, content in contents.items():
        put(key, content)
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    far, near = scan(url), scan(tmp_path)
    assert len(near.generations) == 6
    pd.testing.assert_frame_equal(far.generations, near.generations)
    pd.testing.assert_frame_equal(far.strays, near.strays)
    assert far.irregular == near.irregular
    assert far.catalogs == near.catalogs
    assert far.name == url


def test_keys_that_are_no_paths_are_findings_and_leave_the_folder_alone(url, put):
    put("gens/draft/d_1/metadata.json", DRAFT)
    bad = ["gens/draft/../../../escape.txt", "1_raw//llm_models.csv", "cohorts/../../x"]
    for key in bad:
        put(key, b"x")
    found = scan(url)
    assert found.generations["gen_id"].tolist() == ["d_1"]
    reported = found.strays[found.strays["detail"].str.startswith("no path")]
    assert sorted(reported["path"]) == sorted(bad)
    assert set(reported["code"]) == {"STRAY_FILE"}
    assert not list(found.root.parent.glob("*.txt"))


def test_the_coverage_lists_the_limits_of_an_object_store(url, put, tmp_path):
    put("gens/draft/d_1/metadata.json", DRAFT)
    (tmp_path / "gens" / "draft").mkdir(parents=True)
    far = run_audits(scan(url), ["inventory"]).inventory.coverage
    near = run_audits(scan(tmp_path), ["inventory"]).inventory.coverage
    assert far.skipped[remote.UNSUPPORTED] == 1
    assert remote.UNSUPPORTED not in near.skipped


def test_one_listing_and_bulk_reads(url, put, monkeypatch):
    for number in range(25):
        put(f"gens/draft/d_{number}/metadata.json", {**DRAFT, "gen_id": f"d_{number}"})
        put(f"gens/draft/d_{number}/raw.txt", b"never read by a scan")
    put("1_raw/llm_models.csv", b"id\nm\n")
    put("7_cross_experiment/large.csv", b"never read by a scan")
    calls = {"find": 0, "keys": []}
    memory = type(fsspec.filesystem("memory"))
    find, cat = memory.find, memory.cat_ranges

    def counted_find(self, *args, **options):
        calls["find"] += 1
        return find(self, *args, **options)

    def counted_cat(self, paths, *args, **options):
        calls["keys"].append(len(paths))
        return cat(self, paths, *args, **options)

    monkeypatch.setattr(memory, "find", counted_find)
    monkeypatch.setattr(memory, "cat_ranges", counted_cat)
    assert len(scan(url).generations) == 25
    assert calls == {"find": 1, "keys": [1, 25]}


@pytest.mark.parametrize("size", [1, 3])
def test_where_parts_end_makes_no_difference(url, put, monkeypatch, size):
    for number in range(7):
        put(f"gens/draft/d_{number}/metadata.json", {**DRAFT, "gen_id": f"d_{number}"})
    whole = scan(url)
    monkeypatch.setattr(remote, "PART_NAMES", size)
    monkeypatch.setattr(remote, "PART_BYTES", 200)
    pd.testing.assert_frame_equal(scan(url).generations, whole.generations)


def test_a_part_for_readers_of_every_file_has_its_own_files_and_the_texts_of_parents(url, put, monkeypatch):
    put("gens/draft/d_1/parsed.txt", b"parsed")
    put("gens/draft/d_1/raw.txt", b"raw")
    for number, size in enumerate((40, 70, 30, 40)):
        put(f"gens/essay/e_{number}/notes/x.txt", b"x" * size)
    monkeypatch.setattr(source, "TEXT_BYTES", 100)
    parts = RemoteSource(url).whole_parts({"essay": [f"e_{n}" for n in range(4)]}, lambda *_: ("draft", "d_1"))
    sizes = []
    for part in pickle.loads(pickle.dumps([*parts])):  # noqa: S301
        with part.whole() as root:
            files = {path.relative_to(root).as_posix(): path.stat().st_size for path in root.rglob("*.txt")}
        assert not root.exists()
        assert files.pop("gens/draft/d_1/parsed.txt") == 6
        sizes.append(sorted(files.items()))
    assert sizes == [
        [("gens/essay/e_0/notes/x.txt", 40)],
        [("gens/essay/e_1/notes/x.txt", 70), ("gens/essay/e_2/notes/x.txt", 30)],
        [("gens/essay/e_3/notes/x.txt", 40)],
    ]


def test_a_local_part_has_so_many_bytes_by_the_sizes_of_some_generations(tmp_path, monkeypatch):
    for number in range(10):
        for name, size in (("raw.txt", 30), ("prompt.txt", 20)):
            path = tmp_path / f"gens/draft/d_{number}/{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * size)
    monkeypatch.setattr(source, "TEXT_BYTES", 210)
    parts = [*LocalSource(tmp_path).whole_parts({"draft": [f"d_{n}" for n in range(10)]})]
    assert [len(part.names) for part in parts] == [4, 4, 2]


def test_a_part_can_be_read_by_another_process(url, put):
    put("gens/draft/d_1/metadata.json", DRAFT)
    source = RemoteSource(url)
    (part,) = source.parts({"draft": ["d_1"]})
    shard = read_part(*pickle.loads(pickle.dumps((part, DEFAULTS))))  # noqa: S301
    assert shard.stage == "draft"
    assert "d_1" in str(shard.columns["gen_id"])


def test_files_of_a_generation_are_there_when_they_are_asked_for(url, put):
    put("gens/draft/d_1/metadata.json", DRAFT)
    put("gens/draft/d_1/raw.txt", b"answer")
    source = RemoteSource(url)
    raw = source.root / "gens/draft/d_1/raw.txt"
    with source.at_hand("draft", ["d_1", "../x", "d_9"], ["raw.txt"]):
        assert raw.read_bytes() == b"answer"
    assert not raw.exists()
    assert os.listdir(source.root / "gens/draft") == []
    fetch_generation(source.root, "draft", "d_1")
    assert raw.read_bytes() == b"answer"
    with source.whole():
        assert raw.exists()
    assert raw.exists()


def test_the_copy_goes_away_with_the_source(url, put):
    put("gens/draft/d_1/metadata.json", DRAFT)
    snapshot = scan(url)
    copied: Path = snapshot.root
    assert copied.exists()
    del snapshot
    gc.collect()
    assert not copied.parent.exists()


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (FileNotFoundError("The specified bucket does not exist"), Reason.NO_SUCH_ROOT),
        (PermissionError("Access Denied"), Reason.ACCESS_DENIED),
        (ConnectionError("https://user:secret@host?token=secret"), Reason.STORE_UNREACHABLE),
        (RuntimeError("secret"), Reason.STORE_UNREACHABLE),
    ],
)
def test_an_error_of_the_library_is_one_clear_line_without_secrets(raised, reason, monkeypatch):
    def fail(*_args, **_options):
        raise raised

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "find", fail)
    with pytest.raises(DDError) as stopped:
        scan("memory://user:secret@host/store?token=secret")
    assert stopped.value.reason is reason
    assert "secret" not in f"{stopped.value} {stopped.value!r}"
    assert "\n" not in str(stopped.value)
    assert stopped.value.__cause__ is None


def test_a_file_that_must_not_be_read_stops_the_scan_and_is_named(url, put, monkeypatch):
    put("gens/draft/d_1/metadata.json", DRAFT)
    memory = type(fsspec.filesystem("memory"))
    monkeypatch.setattr(
        memory, "cat_ranges", lambda _self, paths, *_args, **_options: [PermissionError()] * len(paths)
    )
    with pytest.raises(DDError) as stopped:
        scan(url)
    assert stopped.value.reason is Reason.ACCESS_DENIED
    assert stopped.value.ctx["key"] == "gens/draft/d_1/metadata.json"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("memory://nothing-here", Reason.NO_SUCH_ROOT),
        ("nonsense://x", Reason.SCHEME_UNKNOWN),
        ("gs://bucket/x", Reason.EXTRA_MISSING),
    ],
)
def test_a_url_that_leads_nowhere(address, reason):
    with pytest.raises(DDError) as stopped:
        scan(address)
    assert stopped.value.reason is reason


def test_a_store_without_gens(url, put):
    put("1_raw/x", b"x")
    with pytest.raises(DDError) as stopped:
        scan(url)
    assert stopped.value.reason is Reason.NO_STORE
    put("gens", b"x")
    with pytest.raises(DDError) as stopped:
        scan(url)
    assert stopped.value.reason is Reason.GENS_IS_NO_FOLDER


def test_a_bucket_does_not_show_its_secrets():
    assert repr(Bucket("s3://key:secret@bucket")) == "Bucket('s3://***@bucket')"
    assert bucket.BULK == 1000
