from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import pytest

from genaudit import schemas
from genaudit.codes import CODES
from genaudit.ids import IdForm
from genaudit.schemas import CATEGORIES, STATE_CODES, RecordState, frame, from_rows, rows
from genaudit.stages import RECORD_FIELDS

SCHEMAS = {
    name: value
    for name, value in vars(schemas).items()
    if isinstance(value, MappingProxyType) and name not in {"CATEGORIES", "CODES", "STATE_CODES"}
}


def test_published_columns():
    # The columns that reports promise by name.
    assert list(schemas.FINDINGS) == [
        *("audit", "code", "severity", "stage", "gen_id", "field"),
        *("expected", "actual", "path", "detail", "fix"),
    ]
    assert list(schemas.MAPPING) == [
        *("stage", "gen_id", "class", "form", "collision_index", "recomputed_id"),
        *("migrated_id", "cause", "problem", "metadata_path"),
    ]
    assert set(RECORD_FIELDS) <= set(schemas.SNAPSHOT)


def test_every_state_but_ok_has_a_code_of_its_own():
    assert set(STATE_CODES) == set(RecordState) - {RecordState.OK}
    assert len(set(STATE_CODES.values())) == len(STATE_CODES)
    audits = {state.value: CODES[code].audit for state, code in STATE_CODES.items()}
    inventory = {state for state, audit in audits.items() if audit == "inventory"}
    assert inventory == {"folder_empty", "folder_unreadable", "vanished"}
    assert {audit for state, audit in audits.items() if state not in inventory} == {"metadata"}


def test_words_of_the_categories():
    assert CATEGORIES["class"] == ("deterministic", "legacy", "mismatched", "unverifiable")
    assert CATEGORIES["form"] == tuple(IdForm)
    assert CATEGORIES["cause"] == ("none", "own", "cascade")
    assert CATEGORIES["stage"] == ("draft", "essay", "evaluation")
    assert CATEGORIES["severity"] == ("error", "warning", "info")


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_an_empty_frame_has_the_dtypes_all_the_same(name):
    schema = SCHEMAS[name]
    empty = from_rows(schema, [])
    assert list(empty.columns) == list(schema)
    assert len(empty) == 0
    for column, dtype in schema.items():
        if dtype in CATEGORIES:
            assert tuple(empty[column].cat.categories) == CATEGORIES[dtype]
        else:
            assert str(empty[column].dtype) == dtype


def test_rows_may_omit_missing_values():
    found = from_rows(schemas.STRAYS, [{"code": "SYMLINK", "path": "gens/x"}, {"stage": "draft"}])
    assert found.isna().to_numpy().tolist() == [
        [False, True, True, False, True],
        [True, False, True, True, True],
    ]
    assert found["path"].tolist()[0] == "gens/x"


def test_words_that_look_like_nothing_are_kept():
    words = ["nan", "None", "NaN", "null", "<NA>", "", "NA", None]
    found = frame({"word": "str"}, {"word": words})["word"]
    assert found.isna().tolist() == [False] * 7 + [True]
    assert found.tolist()[:7] == words[:7]


def test_missing_replicates_stay_whole_numbers():
    found = frame({"replicate": "Int32"}, {"replicate": [1, None, 2**31 - 1]})["replicate"]
    assert found.dtype == pd.Int32Dtype()
    assert [found[0], found[2]] == [1, 2**31 - 1]
    assert found.isna().tolist() == [False, True, False]


def test_columns_come_in_the_schemas_order_and_all_of_them():
    schema = {"b": "str", "a": "int64"}
    assert list(frame(schema, {"a": [1], "b": ["x"]}).columns) == ["b", "a"]
    with pytest.raises(KeyError):
        frame(schema, {"a": [1]})


def test_rows_are_python_values_with_none_for_missing_ones():
    table = pd.DataFrame(
        {
            "text": pd.Series(["a", None], dtype="str"),
            "number": [1, 2],
            "part": [0.5, float("nan")],
            "flag": [True, False],
            "maybe": pd.array([True, None], dtype="boolean"),
            "stage": pd.Categorical(["draft", None], categories=["draft", "essay"]),
            "a name": [[1], None],
            "time": pd.to_datetime(["2026-01-02", None]),
        }
    )
    first, second = rows(table)
    assert first == ("a", 1, 0.5, True, True, "draft", [1], pd.Timestamp("2026-01-02"))
    assert [type(value) for value in first[:6]] == [str, int, float, bool, bool, str]
    assert second == (None, 2, None, False, None, None, None, None)
    # As pandas itself names the columns of a row.
    assert first._fields == next(table.itertuples(index=False, name="Row"))._fields
    assert list(rows(table.iloc[:0])) == []
