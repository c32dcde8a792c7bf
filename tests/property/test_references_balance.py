"""The totals of a search balance, and its rows agree with a brute-force search, whatever lies in the folders."""

from __future__ import annotations

import gzip
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.audits.references import references
from genaudit.schemas import Treatment, rows
from genaudit.store.contents import Limits
from genaudit.store.snapshot import scan
from oracle.occurrences import line_and_column, occurrences_in

DRAFTS = ["d_5ezrffv9uf3lr37d", "d_5ezrffv9uf3lr37d-1", "the", "43ftibqi56628az1"]
ESSAYS = ["e_sq5klak2lljyyom", "43ftibqi56628az1"]
WORDS = [
    *DRAFTS,
    *ESSAYS,
    " ",
    "\n",
    ",",
    '"',
    "\\n",
    "\\u202e",
    "\\u0064_1",
    "/",
    ".",
    "-",
    "gens/draft/",
    "gen_id",
    "d_1",
    "é",
    "[",
    "]",
    "#",
    "\0",
]
NAMES = [
    "a.md",
    "b.csv",
    "c.json",
    "d.py",
    "cohorts/x/membership.csv",
    "reports/e.csv",
    "f.ipynb",
    "2_tasks/selected_essays.txt",
    "g.jsonl",
]

texts = st.lists(st.sampled_from(WORDS), max_size=20).map("".join)
tables = st.lists(st.lists(st.sampled_from(WORDS[:6]), min_size=2, max_size=2), max_size=4).map(
    lambda lines: "\n".join(["gen_id,x", *map(",".join, lines)])
)
coders = st.sampled_from([str.encode, lambda text: text.encode("utf-16"), lambda text: gzip.compress(text.encode())])
files = st.dictionaries(st.sampled_from(NAMES), st.tuples(texts | tables, coders), max_size=5)


def plain(data):
    data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    return data.decode("utf-16").encode() if data.startswith(b"\xff\xfe") else data


@given(files, st.integers(1, 50), st.sampled_from([10, 10_000]))
@settings(max_examples=150)
def test_totals_balance_and_references_are_those_of_the_brute_force_search(planned, chunk, whole):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for stage, names in (("draft", DRAFTS), ("essay", ESSAYS), ("evaluation", [])):
            (root / "gens" / stage).mkdir(parents=True)
            for name in names:
                (root / "gens" / stage / name).mkdir()
        contents = {name: coder(text) for name, (text, coder) in planned.items()}
        for name, data in contents.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        result = references(scan(root), limits=Limits(chunk=chunk, whole=whole))
    balance(result, contents)
    found = Counter()
    for row in rows(result.frame):
        if row.stages and row.reason != "written_differently" and "escaped" not in row.reason:
            found[row.path, row.offset, row.gen_id] += 1
            assert (row.line, row.column) == line_and_column(plain(contents[row.path]), row.offset)
    due = Counter()
    for name, data in contents.items():
        if b"\0" not in plain(data):
            for offset, gen_id, _ in occurrences_in(plain(data), {*DRAFTS, *ESSAYS}):
                due[name, offset, gen_id] += 1
    # Inside JSON the escape of a line break ends a word, which no search of bytes can see.
    escaped = {
        name for name, data in contents.items() if name.endswith(("json", "jsonl", "ipynb")) and b"\\" in plain(data)
    }
    assert {key: n for key, n in due.items() if key[0] not in escaped} == {
        key: n for key, n in found.items() if key[0] not in escaped
    }


def balance(result, contents):
    summary, table = result.summary, result.frame
    files = summary.files
    binary = sum(b"\0" in plain(data) for data in contents.values())
    assert files["seen"] == len(contents) == files["scanned"] + sum(files["unscanned"].values())
    assert files["unscanned"].get("binary", 0) == binary
    occurrences = int((table["treatment"] != Treatment.UNSCANNED).sum())
    assert summary.occurrences == occurrences == sum(summary.treatments.values())
    assert len(table) == occurrences + sum(files["unscanned"].values())
    for treatment, count in summary.treatments.items():
        assert count == sum(kind[treatment] for kind in summary.kinds.values())
        assert count == sum(summary.reasons[treatment].values())
    assert sum(kind["files"] for kind in summary.kinds.values()) == files["scanned"]
    assert sum(summary.handlers.values()) == summary.treatments[Treatment.REWRITE]
    assert sum(summary.dangling.values()) == summary.treatments[Treatment.DANGLING]
