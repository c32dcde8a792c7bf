"""Columns that keep each distinct value once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.encoded import concatenated, constant, distinct, encode, encode_numbers, patched

VALUES = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "", "c"])))


def test_a_value_counts_once_and_none_is_missing():
    column = encode(["b", None, "a", "b"])
    assert (column.places.tolist(), column.values) == ([0, -1, 1, 0], ["b", "a"])
    assert column.take().tolist() == ["b", None, "a", "b"]
    assert column.take("-").tolist() == ["b", "-", "a", "b"]
    assert column.rows([0], 10) == [10, 13]
    assert column.rows([]) == []
    assert column.part(range(1, 3)).take().tolist() == [None, "a"]
    assert column.mapped(len, np.int8, 9).tolist() == [1, 9, 1, 1]


@pytest.mark.parametrize("value", [None, "a", 0, False, ("a", 1)])
def test_a_constant_column_equals_an_encoded_one(value):
    for column in (constant(value, 3), encode([value] * 3)):
        assert column.places.tolist() == [-1 if value is None else 0] * 3
        assert column.values == ([] if value is None else [value])
    assert len(column) == 3
    assert len(constant(value, 0).take()) == 0


@pytest.mark.parametrize("usual", ["a", None])
def test_a_column_with_the_usual_value_in_all_rows_but_some(usual):
    column = patched(usual, {3: "b", 1: None, 0: "a"}, 4)
    assert column.take().tolist() == ["a", None, usual, "b"]
    assert patched(usual, {}, 2).take().tolist() == [usual] * 2


def test_tuples_are_values_not_rows():
    assert encode([("a", 1), None, ("a", 1)]).take().tolist() == [("a", 1), None, ("a", 1)]


@given(st.lists(VALUES))
def test_columns_below_each_other_are_the_column_of_all_values(parts):
    joined = concatenated([encode(part) for part in parts])
    expected = encode([value for part in parts for value in part])
    assert joined.places.tolist() == expected.places.tolist()
    assert joined.values == expected.values


@given(VALUES, st.data())
def test_missing_values_are_filled_from_another_column(values, data):
    others = data.draw(st.lists(st.sampled_from([None, "a", "z"]), min_size=len(values), max_size=len(values)))
    filled = encode(values).filled(encode(others))
    expected = [other if value is None else value for value, other in zip(values, others, strict=True)]
    assert filled.take().tolist() == expected
    assert [filled.value(row) for row in range(len(values))] == expected


@given(st.lists(st.tuples(*[st.integers(-1, 3)] * 2, st.integers(-1, 2**31 - 2))), st.booleans())
def test_distinct_rows_are_numbered(rows, wide):
    columns = [np.array([row[place] for row in rows], dtype=np.int64) for place in range(3)]
    first, numbers = distinct(columns * 3 if wide else columns)
    assert sorted(rows[row] for row in first.tolist()) == sorted(set(rows))
    assert [rows[first[number]] for number in numbers.tolist()] == rows
    assert all(rows.index(rows[row]) == row for row in first.tolist())


def test_numbers_are_encoded_as_numbers():
    column = encode_numbers(np.array([7, 3, 7]))
    assert (column.places.tolist(), column.values) == ([1, 0, 1], [3, 7])
    assert column.at(np.array([2, 1])).take().tolist() == [7, 3]
    assert column.each(str).take().tolist() == ["7", "3", "7"]
