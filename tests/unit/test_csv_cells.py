"""Cells of CSV reports: texts are only texts, numbers stay numbers."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.csv_cells import guarded, to_csv


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://example.org")', '\'=HYPERLINK("http://example.org")'),
        ("+cmd", "'+cmd"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\\tx"),
        ("\rx", "'\\rx"),
        ("'quoted", "''quoted"),
        ("''twice", "'''twice"),
        ("-3.5", "-3.5"),
        ("+2", "+2"),
        ("a\x1b[31mb\x00", "a\\x1b[31mb\\x00"),
        ("two\nlines", "two\\nlines"),
        ("right\u202eleft", "right\\u202eleft"),
        ("d_1=2-3", "d_1=2-3"),
        ("", ""),
    ],
)
def test_a_text(text, cell):
    assert guarded(text) == cell
    assert next(csv.reader(io.StringIO(to_csv(pd.DataFrame({"x": ["y", text]})).decode().split("\n", 2)[2]))) == (
        [cell] if cell else [""]
    )


def test_numbers_and_missing_values_stay():
    table = pd.DataFrame(
        {"n": [-1, 2], "f": [-0.5, None], "b": [True, False], "o": pd.Series([None, "-a"], dtype=object)}
    )
    assert to_csv(table) == b"n,f,b,o\n-1,-0.5,True,\n2,,False,'-a\n"


CELLS = st.one_of(st.none(), st.text(), st.sampled_from(["a,b", 'say "x"', "=1", "-2", "", " ", "d_1", "\n", "a\r"]))


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width))))
def test_a_table_equals_the_output_of_the_csv_module(rows):
    width = len(rows[0]) if rows else 2
    names = [f"c{place}" for place in range(width)]
    table = pd.DataFrame({name: pd.Series([row[n] for row in rows], dtype="str") for n, name in enumerate(names)})
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([guarded(cell) if cell else cell for cell in row] for row in rows)
    assert to_csv(table) == written.getvalue().encode()


def test_objects_of_other_types_are_no_formulas():
    table = pd.DataFrame({"o": pd.Series([-1e-5, "-1e-5", ["a", "b"], None], dtype=object)})
    assert to_csv(table) == b"o\n-1e-05\n'-1e-5\n\"['a', 'b']\"\n\"\"\n"
