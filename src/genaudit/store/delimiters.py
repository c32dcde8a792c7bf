"""Detection of CSV files that spreadsheets wrote with another delimiter than a comma."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_FOREIGN: Final = (";", "\t")


def foreign_delimiter(header: str, columns: Collection[str]) -> str | None:
    """Return the delimiter by which a header line has the columns, if that is no comma.

    >>> foreign_delimiter("stage;gen_id", ("stage", "gen_id"))
    ';'
    """
    for delimiter in _FOREIGN:
        if {heading.strip().strip('"') for heading in header.split(delimiter)}.issuperset(columns):
            return delimiter
    return None
