"""Lines and tables on stdout, as wide as what they hold: what is cut would be no use in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from genaudit.store.scan import shown as printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WIDE = Console(width=10_000)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, control characters escaped."""
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def print_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table with a line for each row; what is missing stays blank."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if row[name] is None else printable(str(row[name])) for name in columns))
    width = max(table.__rich_measure__(_WIDE, _WIDE.options).maximum, 1)
    Console(highlight=False, markup=False, width=width).print(table)
