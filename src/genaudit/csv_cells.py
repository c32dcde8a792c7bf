"""Cells of CSV reports that no program takes for a formula, and no terminal for a command."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any, Final

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

# Spreadsheets take a cell with such a beginning for a formula, whatever the quotes around it.
_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_CONTROL: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]")
_ANY: Final = re.compile(f"^{_FORMULA.pattern}|{_CONTROL.pattern}")


def to_csv(table: pd.DataFrame) -> bytes:
    """Write a frame as CSV with a header row; a missing value is an empty cell.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or ``'`` gets a leading ``'``, and
    control characters are escaped; numbers stay.
    """
    columns: dict[Hashable, pd.Series[Any]] = {name: _guarded(table[name]) for name in table.columns}
    safe = pd.DataFrame(columns, index=table.index)
    return safe.to_csv(index=False, lineterminator="\n").encode()


def _guarded(column: pd.Series[Any]) -> pd.Series[Any]:
    if is_numeric_dtype(column) or is_bool_dtype(column):
        return column
    objects = column.astype(object)
    values = [guarded(value) if isinstance(value, str) else value for value in objects.tolist()]
    return pd.Series(values, index=column.index, dtype=object)


def guarded(text: str) -> str:
    r"""Write a text so that it is only text.

    >>> guarded("=1+1"), guarded("'already"), guarded("-3.5"), guarded("red \x1b[31m")
    ("'=1+1", "''already", '-3.5', 'red \\x1b[31m')
    """
    if not _ANY.search(text) or _NUMBER.fullmatch(text):
        return text
    shown = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return f"'{shown}" if _FORMULA.match(text) else shown
