"""Documents that are read by their shape have the same cells as documents that are taken apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.audits.file_types import placed
from genaudit.audits.regular_json import RegularJson
from genaudit.audits.structured_files import cells_of
from genaudit.stages import STAGES
from genaudit.store.tokens import IdIndex

KNOWN = "d_5ezrffv9uf3lr37d"
RECORD = placed("gens/draft/d_1/metadata.json", in_store=True)
keys = st.sampled_from(["gen_id", "parent_gen_id", "draft", "essay_gen_id", "a:", "{", "~/", KNOWN, "é", ""])
leaves = st.sampled_from([KNOWN, f"gens/draft/{KNOWN}/x", "d_1", "plain", ":", "{}", "", 'q"', 7, -1.5e3, None, True])
values = st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(inner, max_size=2))
documents = st.lists(st.dictionaries(keys, values, max_size=5), min_size=1, max_size=5)


def cells_in(regular, data, place=RECORD):
    """The cells of a document that is matched as a whole, with their lines and columns."""
    if (found := regular.match(data, place)) is None:
        return None
    shape, match = found
    return [
        (slot.cell._replace(start=match.start(group), text=match[group]), slot.line, slot.column_in(match, group))
        for group, slot in enumerate(shape.slots, 1)
    ]


def telling(cells, index):
    """The cells that can lead to a reference."""
    return [cell for cell in cells if index.find_in_cell(cell.text) or (cell.names_ids and cell.text)]


@given(documents, st.sampled_from([None, 1]), st.booleans())
def test_the_same_cells_come_of_a_shape_as_of_a_whole_document(many, indent, is_ascii):
    index = IdIndex({KNOWN: ("draft",)})
    regular = RegularJson(index, STAGES)
    for document in [*many, *many]:
        data = json.dumps(document, indent=indent, ensure_ascii=is_ascii).encode()
        found = cells_in(regular, data)
        if found is not None:
            assert telling([cell for cell, *_ in found], index) == telling(cells_of(data, RECORD), index)
            for cell, line, column in found:
                before = data[: cell.start].decode().split("\n")
                assert (line, column) == (len(before), len(before[-1]) + 1)
            assert all(data[cell.start :].startswith(cell.text) for cell in cells_of(data, RECORD))


def test_documents_of_one_shape_are_taken_apart_once():
    index = IdIndex({KNOWN: ("draft",)})
    regular = RegularJson(index, STAGES)
    first = b'{"gen_id": "d_1", "usage": {"n": 1}, "note": "plain"}'
    second = first.replace(b"plain", KNOWN.encode()).replace(b": 1}", b": 23}")
    assert [cell.text for cell, *_ in cells_in(regular, first)] == [b"d_1", b"plain"]
    assert regular.match(first, RECORD)[0] is regular.match(second, RECORD)[0]
    (cell,) = [cell for cell, *_ in cells_in(regular, second)][1:]
    assert (cell.field, cell.text) == ("/note", KNOWN.encode())
    assert second[cell.start : cell.start + len(cell.text)] == KNOWN.encode()


@pytest.mark.parametrize(
    "data", [b'{"a": [1]}', b'{"a": "\\n"}', b'{"a": 01}', b'{"a": "\xff"}', b"{}", b"7", b'{"a"']
)
def test_other_documents_are_left_to_the_reader_of_cells(data):
    assert RegularJson(IdIndex({}), STAGES).match(data, RECORD) is None


@pytest.mark.parametrize(
    "value",
    [b'"\\n"', b'"\n"', b'"\xff"', b'"a', b'"a" "b"', b"01", b"1.", b".5", b"+1", b"NaN", b"7, 7", b"tru", b"[]"],
)
def test_a_document_that_only_looks_like_an_earlier_one_is_left_to_the_reader_of_cells(value):
    regular = RegularJson(IdIndex({}), STAGES)
    for usual in (b'"x"', b"7", b"null"):
        assert regular.match(b'{"gen_id": %s}' % usual, RECORD) is not None
    assert regular.match(b'{"gen_id": %s}' % value, RECORD) is None


def test_shapes_are_bounded():
    regular = RegularJson(IdIndex({}), STAGES)
    documents = [b'{"k%d": "x"}' % number for number in range(40)]
    read = [regular.match(document, RECORD) is not None for document in documents]
    assert read == [True] * 32 + [False] * 8


def test_a_table_is_no_document():
    place = placed("notes.csv", in_store=True)
    assert RegularJson(IdIndex({}), STAGES).match(b'{"gen_id": "d_1"}', place) is None
