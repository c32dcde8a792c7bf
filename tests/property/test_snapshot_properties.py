"""Any record: the result of `stored` and the row, compared with the file itself."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.stages import RECORD_FIELDS
from genaudit.store import source
from genaudit.store.snapshot import scan

words = st.sampled_from(["t", "T", " t ", "d_1", "nan", "None", "<NA>", "", " ", "llm", "LLM", "a|b", "\u00e9", "0"])
texts = words | st.text(st.characters(codec="utf-8"), max_size=8)
numbers = st.sampled_from([0, 1, 2, 2**31 - 1, 2**31, 2**64 - 1, -1]) | st.floats(
    allow_nan=False, allow_infinity=False
)
plain = st.none() | st.booleans() | numbers | texts
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2))
fields = st.sampled_from([*RECORD_FIELDS, "draft_template", "essay_template", "evaluation_template", "note"])
right = st.fixed_dictionaries(
    {
        "stage": st.just("essay"),
        "gen_id": st.just("e_1"),
        "template_id": st.sampled_from(["t", "u"]),
        "parent_gen_id": st.sampled_from(["d_1", "d_2"]),
        "replicate": st.integers(1, 3),
    },
    optional={
        "mode": st.sampled_from(["llm", "copy"]),
        "origin_cohort_id": st.just("C7"),
        "llm_model_id": st.just("m"),
    },
)


@st.composite
def records(draw):
    record = draw(right) if draw(st.booleans()) else {}
    record |= draw(st.dictionaries(fields, values, max_size=3))
    return {name: record[name] for name in draw(st.permutations(sorted(record)))}


def exact(record):
    """Return a text that differs for 1, 1.0 and true."""
    return json.dumps(record, sort_keys=True)


def store_of(folder, written):
    for index, record in enumerate(written):
        home = Path(folder, "gens", "essay", f"e_{index}")
        home.mkdir(parents=True)
        (home / "metadata.json").write_text(json.dumps(record))
    return Path(folder)


@given(st.lists(records(), min_size=1, max_size=8))
@settings(max_examples=150)
def test_stored_returns_the_content_of_the_file(written):
    with tempfile.TemporaryDirectory() as folder:
        found = scan(store_of(folder, written))
    assert found.values("state") == ["ok"] * len(written)
    assert [exact(found.stored(row)) for row in range(len(written))] == [exact(record) for record in written]


@given(st.lists(records(), min_size=1, max_size=8), st.integers(1, 4))
@settings(max_examples=50)
def test_shards_and_neighbours_make_no_difference(written, size):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = store_of(folder, written)
        whole = scan(root)
        patch.setattr(source, "SHARD_SIZE", size)
        found = scan(root)
    pd.testing.assert_frame_equal(found.generations, whole.generations)
    assert found.irregular.keys() == whole.irregular.keys()
