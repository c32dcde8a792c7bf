"""Ids are found where the brute-force search finds them, however the bytes are cut into chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genaudit.store.contents import find_in_chunks
from genaudit.store.tokens import IdIndex
from oracle.occurrences import line_and_column, occurrences_in

BASES = [
    "d_5ezrffv9uf3lr37d",
    "d_5ezrffv9uf3lr",
    "e_sq5klak2lljyyom",
    "43ftibqi56628az1",
    "the",
    "a",
    "a.b",
    "x_",
    "_x",
]
IDS = [*BASES, "d_5ezrffv9uf3lr37d-1", "43ftibqi56628az1-2", "a-b", "v_1", "d_5ezrffv9uf3lr37dz", "b.", "c-"]
GLUE = [
    " ",
    "\n",
    "\r\n",
    "/",
    '"',
    ",",
    ".",
    "..",
    "-",
    "--",
    "-1",
    "-2",
    "-10",
    "_",
    "__",
    "é",
    "見",
    "*",
    "x",
    "7",
    ". ",
    "gens/draft/",
]

ids = st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS))
texts = st.lists(st.sampled_from([*IDS, *GLUE, *GLUE]), max_size=30).map("".join)


def found(data, known, size):
    index = IdIndex(dict.fromkeys(known, ("draft",)))
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    return [
        (hit.start, hit.known.gen_id, hit.is_part, line, column, text)
        for hit, line, column, text in find_in_chunks(chunks, index)
        if hit.known
    ]


@given(texts, ids, st.integers(1, 60))
def test_the_same_references_are_found_with_any_chunk_size(text, known, size):
    data = text.encode()
    due = occurrences_in(data, known)
    seen = found(data, known, size)
    assert {(start, gen_id, is_part) for start, gen_id, is_part, *_ in seen} == due
    assert len(seen) == len(due)
    for start, gen_id, _, line, column, shown in seen:
        assert (line, column) == line_and_column(data, start)
        assert shown == gen_id.encode()
    assert seen == sorted(seen)


@given(st.binary(max_size=200), ids, st.integers(1, 40))
def test_any_bytes_can_be_searched(data, known, size):
    seen = found(data, known, size)
    assert {(start, gen_id, is_part) for start, gen_id, is_part, *_ in seen} == occurrences_in(data, known)


@given(texts, st.integers(1, 60))
def test_ids_are_found_in_the_same_places_with_any_chunk_size(text, size):
    data = text.encode()
    index = IdIndex({})
    whole = [hit for hit, *_ in find_in_chunks([data], index)]
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    assert [hit for hit, *_ in find_in_chunks(cut, index)] == whole
