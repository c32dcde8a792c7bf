from __future__ import annotations

import json

import pytest

from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from genaudit.store.usage import usage_in


@pytest.mark.parametrize(
    ("report", "usage"),
    [
        ({"usage": {"prompt_tokens": 3, "completion_tokens": 0, "total": 3}}, (3, 0)),
        ({"usage": {"prompt_tokens": 3}}, None),
        ({"usage": {"prompt_tokens": True, "completion_tokens": 2}}, None),
        ({"usage": {"prompt_tokens": 3.0, "completion_tokens": 2}}, None),
        ({"usage": {"prompt_tokens": -1, "completion_tokens": 2}}, None),
        ({"usage": {"prompt_tokens": "3", "completion_tokens": 2}}, None),
        ({"usage": [3, 2]}, None),
        ({"usage": None}, None),
        ({}, None),
    ],
)
def test_both_counts_or_none(report, usage):
    assert usage_in(report) == usage


def test_the_scan_keeps_the_counts_of_each_readable_report(tmp_path):
    write_sample(tmp_path / "store", SampleOptions(drafts=3))
    snapshot = scan(tmp_path / "store")
    paths = sorted((tmp_path / "store").glob("gens/*/*/raw_metadata.json"))
    rows = {(stage, name): row for stage, known in snapshot.rows.items() for name, row in known.items()}
    expected = {}
    for path in paths:
        counts = json.loads(path.read_bytes())["usage"]
        row = rows[path.parts[-3], path.parts[-2]]
        expected[row] = (counts["prompt_tokens"], counts["completion_tokens"])
    assert dict(snapshot.usages) == expected != {}
