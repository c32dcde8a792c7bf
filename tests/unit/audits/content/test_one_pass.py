"""Content and references together: the results of each alone, and every file opened once."""

import os
from collections import Counter

import pytest

from genaudit.audits.content import stored
from genaudit.audits.run import run_audits
from genaudit.layout import ARTIFACTS, PARSED
from genaudit.reports import reports_of
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.store.contents import UnscannedError, read_begin
from genaudit.store.snapshot import scan
from helpers.workshop import make_workshop, put

BOTH = ("content", "references")


def reports(*runs):
    return {
        f"{one.name}.{one.suffix}": one.content() for run in runs for one in reports_of(run, "2026-01-01", page=False)
    }


@pytest.fixture
def faulty(tmp_path):
    write_sample(tmp_path / "data", SampleOptions(drafts=12, faults=parse_faults("all")))
    return tmp_path / "data"


def assert_the_same(root, jobs=1):
    together = run_audits(scan(root), BOTH, jobs=jobs)
    assert [*together.results] == [*BOTH]
    alone = reports(*(run_audits(scan(root), [name]) for name in BOTH))
    assert reports(together) == alone
    return alone


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_the_results_are_those_of_each_alone(faulty, jobs):
    found = assert_the_same(faulty, jobs)
    assert found["content_drift.json"].count(b'"code"') > 10


def test_files_outside_the_search_are_read_by_the_audit(tmp_path, monkeypatch):
    root = make_workshop(tmp_path / "data")
    put(root, "draft", "d_1", {"parsed.txt": "One.\nTwo.", "raw.txt": "x" * 400, "prompt.txt": "Stale."})
    put(root, "essay", "e_1", {"prompt.txt": "Write it out.\n\nOne.\nTwo.", "parsed.txt": "", "raw.txt": "\0"})
    put(root, "evaluation", "v_1", {"raw.txt": "no score", "parsed.txt": "7"})
    put(root, "draft", "d 2", {"prompt.txt": "x"})
    put(root, "draft", "d_3")
    (root / "gens/draft/d_1/notes.txt").write_text("d_1")
    (root / "gens/evaluation/v_1/prompt.txt").symlink_to("raw.txt")
    for limit in (10, 399, 400, 1 << 20):
        monkeypatch.setattr(stored, "MAX_TEXT_BYTES", limit)
        assert_the_same(root)
    monkeypatch.setattr(stored, "_MOST_KEPT", 3)
    assert_the_same(root)
    assert_the_same(root, 2)


def test_every_file_is_opened_once(tmp_path, monkeypatch):
    write_sample(tmp_path / "data", SampleOptions(drafts=8))
    snapshot = scan(tmp_path / "data")
    there = Counter(path.name for path in (tmp_path / "data").rglob("*") if path.is_file())
    opened: Counter[str] = Counter()
    real = os.open

    def counting(name, flags, *args, **more):
        opened[name] += 1
        return real(name, flags, *args, **more)

    monkeypatch.setattr(os, "open", counting)
    run_audits(snapshot, BOTH)
    assert there[PARSED] > 50
    assert {name: opened[name] for name in ARTIFACTS} == {name: there[name] for name in ARTIFACTS}


def test_a_file_is_read_to_its_end_or_past_the_limit(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x" * 50_000)
    handle = os.open(path, os.O_RDONLY)
    assert len(read_begin(handle, 60_000)) == 50_000
    os.lseek(handle, 0, os.SEEK_SET)
    assert 20_000 < len(read_begin(handle, 20_000)) <= 50_000
    os.close(handle)
    with pytest.raises(UnscannedError):
        read_begin(handle, 10)
