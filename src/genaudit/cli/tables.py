"""Printing of values from a store: whole lines in a pipe, and without control characters."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from genaudit.store.scan import shown as printable

# Text from a store is text, not markup.
_plain: Final = partial(Console, highlight=False, markup=False, emoji=False)
_WIDE: Final = _plain(width=10_000)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a table; a missing value is an empty cell.

    :param rows: a value for each column.
    """
    table = Table(*map(printable, columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if row[name] is None else printable(str(row[name])) for name in columns))
    print_whole(table)


def print_whole(table: Table) -> None:
    """Print a table as wide as its longest values: cut cells would be no use in a pipe."""
    width = max(table.__rich_measure__(_WIDE, _WIDE.options).maximum, 1)
    _plain(width=width).print(table)
