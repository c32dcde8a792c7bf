"""Cells of CSV reports: texts are only texts, numbers stay numbers."""

import csv
import io

import pandas as pd
import pytest

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
