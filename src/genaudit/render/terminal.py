"""Terminal renderer: sections as sentences, small tables and steps; whole lines in a pipe, no control characters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from genaudit.codes import CODES, SEVERITIES, Severity
from genaudit.page_model import Section, Table
from genaudit.store.scan import shown

# Pages keep a number and its unit on one line; a terminal would show such a space as an escape.
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
# Text from a store is text, not markup.
_plain: Final = partial(Console, highlight=False, markup=False, emoji=False)
_WIDE: Final = _plain(width=10_000)


def print_sections(sections: Iterable[Section]) -> None:
    """Print sections: title, sentences, main numbers and recommended steps."""
    for section in sections:
        print_lines([section.title])
        print_lines(f"  {sentence}" for sentence in (*section.sentences, section.good) if sentence)
        if section.overview:
            print_table(section.overview)
        for action in section.actions:
            print_lines([f"  To {action.purpose}: {action.reason}", *(f"    {line}" for line in action.lines)])
        print_lines([""])


def print_findings(findings: pd.DataFrame) -> None:
    """Print the codes found, worst first, with their number and fix."""
    if findings.empty:
        print_lines(["No findings."])
        return
    counts = findings["code"].value_counts()
    table = RichTable(title=f"Findings: {len(findings):,}", title_justify="left", box=None, pad_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("code", no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("fix", overflow="fold")
    for code in sorted(counts.index, key=lambda code: (SEVERITIES.index(CODES[code].severity), code)):
        severity = CODES[code].severity
        table.add_row(Text(severity, _STYLES[severity]), code, f"{counts[code]:,}", CODES[code].fix)
    console = _plain()
    # A pipe gets whole lines, whatever the width of the terminal that is not there.
    (console if console.is_terminal else _fitting(table)).print(table)


def print_table(table: Table) -> None:
    """Print a table as wide as its longest values: cut cells would be no use in a pipe."""
    rich = RichTable(title=table.caption, title_justify="left", box=None, pad_edge=False)
    for column in table.columns:
        rich.add_column(shown(column.label), justify="right" if column.kind == "number" else "left", no_wrap=True)
    for cells in table.cells:
        rich.add_row(*map(_cell, cells))
    _fitting(rich).print(rich)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    console = _plain()
    for line in lines:
        console.file.write(f"{shown(line.replace(_NO_BREAK, ' '))}\n")


def _cell(value: Any) -> str:  # noqa: ANN401 (whatever a table holds)
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else shown(str(value))


def _fitting(table: RichTable) -> Console:
    return _plain(width=max(table.__rich_measure__(_WIDE, _WIDE.options).maximum, 1))
