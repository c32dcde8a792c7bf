"""The sample's references, counted independently: every file split into words, and the words counted."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from genaudit.audits.references import references
from genaudit.sample import SampleOptions, write_sample
from genaudit.schemas import Treatment
from genaudit.store.snapshot import scan
from helpers.trees import fingerprint

# The sample's ids have no other dash than that of a collision.
WORDS = re.compile(r"[A-Za-z0-9_]+(?:-[1-4]\b)?")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "store"
    write_sample(root, SampleOptions(drafts=30, seed=3))
    return root


def counted_by_words(root):
    ids = {path.name for path in root.glob("gens/*/*")}
    found = Counter()
    for path in root.rglob("*"):
        if path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                for word in WORDS.findall(line):
                    if word in ids:
                        found[path.relative_to(root).as_posix(), number, word] += 1
    return found


def test_the_same_references_are_counted_word_by_word(sample):
    table = references(scan(sample)).frame
    found = Counter(zip(table["path"], table["line"], table["gen_id"], strict=True))
    assert found == counted_by_words(sample)
    assert {path.split("/")[0] for path, *_ in found} == {"gens", "cohorts", "2_tasks", "7_cross_experiment", "notes"}


def test_offsets_lead_to_the_ids(sample):
    before = fingerprint(sample)
    table = references(scan(sample)).frame
    assert fingerprint(sample) == before
    for path, rows in table.groupby("path"):
        data = (sample / path).read_bytes()
        for offset, gen_id in zip(rows["offset"], rows["gen_id"], strict=True):
            assert data[offset : offset + len(gen_id)] == gen_id.encode()


def test_a_clean_sample_can_be_rewritten_but_for_its_notes(sample):
    result = references(scan(sample))
    table = result.frame
    assert set(table.loc[table["treatment"] != Treatment.REWRITE, "path"]) == {"notes/reading_log.md"}
    assert result.findings.empty
    assert result.summary.dangling == {}
    assert result.summary.files["unscanned"] == {}
    assert result.summary.bytes == sum(path.stat().st_size for path in sample.rglob("*") if path.is_file())
