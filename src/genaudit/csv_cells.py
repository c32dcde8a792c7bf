"""Cells of CSV reports that no program takes for a formula, and no terminal for a command."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

# Spreadsheets take a cell with such a beginning for a formula, whatever the quotes around it.
_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_CONTROL: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]")
# Rows that are formatted together: all lines of a large table would take as much memory again as its cells.
_BLOCK: Final = 1 << 14
# Separates the texts of a column.
_END: Final = "|"
_QUOTED: Final = re.compile(r'[",\r\n]')
_ANY: Final = re.compile(f"^{_FORMULA.pattern}|{_CONTROL.pattern}")


def _kind(character: str) -> str:
    if character == _END:
        return _END
    if _QUOTED.match(character) or (character.isascii() and _CONTROL.match(character)):
        return "q"
    return "f" if _FORMULA.match(character) else "x"


# A letter for each byte of a text, so that two plain searches look at a whole column: "q" for a byte that makes a
# cell quoted or escaped, "f" for one that begins a formula. Bytes of characters beyond ASCII are neither.
_KINDS: Final = "".join(map(_kind, map(chr, range(256)))).encode()


def to_csv(table: pd.DataFrame) -> bytes:
    """Write a frame as CSV with a header row; a missing value is an empty cell.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or ``'`` gets a leading ``'``, and
    control characters are escaped; numbers stay.
    """
    header = [_quoted(str(name)) for name in table.columns]
    cells = [_cells(table[name]) for name in table.columns]
    if len(cells) == 1:
        # A line without any character would be no row.
        cells = [[cell or '""' for cell in cells[0]]]
    blocks = [",".join(header).encode() + b"\n"]
    for start in range(0, len(table), _BLOCK):
        lines = map(",".join, zip(*(column[start : start + _BLOCK] for column in cells), strict=True))
        blocks.append("\n".join([*lines, ""]).encode())
    return b"".join(blocks)


def _cells(column: pd.Series[Any]) -> list[str]:
    """Format the cells of a column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # The last cell is that of a missing value, whose code is -1.
        known = np.array([*_texts(column.cat.categories.tolist()), ""], dtype=object)
        taken: list[str] = known[column.cat.codes.to_numpy()].tolist()
        return taken
    values = column.tolist()
    missing = np.flatnonzero(column.isna().to_numpy()).tolist()
    if is_numeric_dtype(column) or is_bool_dtype(column):
        cells = [*map(str, values)]
        for row in missing:
            cells[row] = ""
        return cells
    for row in missing:
        values[row] = ""
    return _texts(values)


def _texts(values: list[Any]) -> list[str]:
    """Guard and quote texts; other values are only quoted."""
    try:
        joined = _END + _END.join(values)
    except TypeError:
        return [_quoted(guarded(value) if isinstance(value, str) else str(value)) for value in values]
    if _is_plain(joined):
        # The usual column: no text needs a guard or a quote. Plain searches are many times faster than a pattern.
        return values
    known = {text: _quoted(guarded(text)) for text in set(values)}
    return [known[text] for text in values]


def _is_plain(joined: str) -> bool:
    """Return whether no text of a column needs a guard or a quote, each behind a separator."""
    kinds = joined.encode(errors="surrogatepass").translate(_KINDS)
    return b"q" not in kinds and b"|f" not in kinds and (joined.isascii() or joined.isprintable())


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def guarded(text: str) -> str:
    r"""Write a text so that it is only text.

    >>> guarded("=1+1"), guarded("'already"), guarded("-3.5"), guarded("red \x1b[31m")
    ("'=1+1", "''already", '-3.5', 'red \\x1b[31m')
    """
    if not _ANY.search(text) or _NUMBER.fullmatch(text):
        return text
    shown = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return f"'{shown}" if _FORMULA.match(text) else shown
