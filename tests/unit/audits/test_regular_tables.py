"""Tables that are read column by column have the same cells as tables that are taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.audits.file_types import placed
from genaudit.audits.regular_tables import columns_of
from genaudit.audits.structured_files import MalformedError, cells_of
from genaudit.stages import STAGES

PLACES = [placed(path, in_store=True) for path in ("cohorts/c/membership.csv", "a.tsv", "aggregated_scores.csv")]
texts = st.sampled_from(["stage", "gen_id", "parent_gen_id", "essay_gen_id", "draft", " essay ", "x", "", "d_1", "7"])
others = st.sampled_from(["é", '"a"', "a\r", "d_5ezrffv9uf3lr37d", "\t", ",", "\n"])


def taken_apart(data, place):
    """Each cell with a text, with its line and column."""
    cells = []
    for cell in cells_of(data, place):
        before = data[: cell.start].decode().split("\n")
        cells.append((cell, len(before), len(before[-1]) + 1))
    return sorted(one for one in cells if one[0].text)


def by_columns(table):
    return sorted(
        (cell._replace(start=offset, text=text), line, column)
        for cell, values, *at in table
        for text, line, column, offset in zip(values, *(numbers.tolist() for numbers in at), strict=True)
        if text
    )


@given(st.integers(1, 4), st.lists(texts, min_size=4, max_size=40), st.sampled_from(PLACES), st.booleans())
def test_a_regular_table_has_the_cells_of_one_that_is_taken_apart(width, cells, place, ends):
    mark = "\t" if place.suffix == "tsv" else ","
    rows = [mark.join(cells[at : at + width]) for at in range(0, len(cells) - width + 1, width)]
    data = "\n".join([*rows, ""] if ends else rows).encode()
    table = columns_of(data, place, STAGES)
    assert table is not None
    assert by_columns(table) == taken_apart(data, place)


@given(st.lists(texts | others, min_size=1, max_size=12), st.sampled_from(PLACES))
def test_any_other_table_is_left_or_has_the_same_cells(cells, place):
    data = ",".join(cells).encode()
    table = columns_of(data, place, STAGES)
    if table is not None:
        assert by_columns(table) == taken_apart(data, place)


@pytest.mark.parametrize(
    "data", [b'a,b\n"1",2\n', b"a,b\r\n1,2\r\n", b"a,b\n1\n", b"a,b\n1,2,3\n", "a\né\n".encode()]
)
def test_tables_that_are_taken_apart(data):
    assert columns_of(data, PLACES[0], STAGES) is None


@pytest.mark.parametrize("data", [b"\ngen_id\nd_1\n", b"\n\nx\n7\n", b"\n"])
def test_a_header_after_blank_lines_is_left_to_the_reader_of_cells(data):
    assert columns_of(data, PLACES[0], STAGES) is None


def test_a_table_without_a_header_is_left_to_the_reader_of_cells():
    data = b"d_5ezrffv9uf3lr37d,1\n"
    assert columns_of(data, PLACES[0], STAGES) is None
    with pytest.raises(MalformedError):
        [*cells_of(data, PLACES[0])]


def test_a_document_is_no_table():
    assert columns_of(b"{}", placed("a.json", in_store=True), STAGES) is None
