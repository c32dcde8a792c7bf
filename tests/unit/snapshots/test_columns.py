import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.schemas import from_rows
from genaudit.snapshots.columns import compress, decompress, pack, pack_lines, unpack, unpack_lines

SCHEMA = {"text": "str", "stage": "stage", "yes": "bool", "count": "int64", "maybe": "Int32", "mean": "float64"}
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(),
        "stage": st.none() | st.sampled_from(["draft", "essay", "evaluation"]),
        "yes": st.booleans(),
        "count": st.integers(-(2**63), 2**63 - 1),
        "maybe": st.none() | st.integers(-(2**31), 2**31 - 1),
        "mean": st.none() | st.floats(allow_nan=False),
    }
)


@given(st.lists(ROW))
def test_every_value_comes_back(rows):
    table = from_rows(SCHEMA, rows)
    data = pack(table)
    pd.testing.assert_frame_equal(unpack(data, SCHEMA), table)
    assert pack(unpack(data, SCHEMA)) == data


def test_missing_blank_and_escaped_texts_differ():
    table = from_rows({"text": "str"}, [{"text": text} for text in (None, "", "\\", "\\x", "a\r\nb", '"')])
    assert pack(table).decode() == 'text\r\n""\r\n\\\r\n\\\\\r\n\\\\x\r\n"a\r\nb"\r\n""""\r\n'


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "columns"), (b"other\n", "columns"), (b"text\na,b\n", "longer"), (b"\xff", "decode")],
)
def test_another_table_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        unpack(data, {"text": "str"})


def test_compression_is_stable_and_bounded():
    data = b"x" * 1000
    assert compress(data) == compress(data)
    assert decompress(compress(data), 1000) == data
    for size in (999, 1001):
        with pytest.raises(ValueError, match="expected"):
            decompress(compress(data), size)
    with pytest.raises(ValueError, match="ended before"):
        decompress(compress(data)[:-9], 1000)


def test_lines_of_values_come_back():
    values = [[1, {"b": None, "a": "ü\n"}], []]
    assert unpack_lines(pack_lines(values)) == values
