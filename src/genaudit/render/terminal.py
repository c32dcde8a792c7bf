"""Terminal renderer: sections as sentences, small tables and steps; whole lines in a pipe, no control characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from textwrap import wrap
from typing import Any, Final

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from genaudit.audits.finding_kinds import Kind
from genaudit.codes import Severity
from genaudit.page_model import Section, Table
from genaudit.render.columns import fitted
from genaudit.store.scan import shown

# Pages keep a number and its unit on one line; a terminal would show such a space as an escape.
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
# Text from a store is text, not markup.
_plain: Final = partial(Console, highlight=False, markup=False, emoji=False)
_INDENT: Final = "  "
_HANGING: Final = " " * 4
# The strokes of a drawn tree, for terminals of older encodings.
_IN_ASCII: Final = str.maketrans("├└│─", "|`|-")
_WIDE: Final = _plain(width=10_000)


def print_sections(sections: Iterable[Section], most: int = 0) -> None:
    """Print sections: title, sentences, lines or main numbers, and recommended steps.

    :param most: maximum number of rows of each further table; 0 leaves the tables out.
    """
    for section in sections:
        print_lines([section.title])
        for sentence in filter(None, (*section.sentences, section.good)):
            print_lines(wrapped(sentence, _INDENT))
        for line in section.lines:
            print_lines(wrapped(line, _INDENT))
        if section.overview and not section.lines:
            print_table(section.overview)
        for table in section.tables if most and not section.lines else ():
            _print_first(table, most)
        for action in section.actions:
            print_lines(wrapped(f"{action.purpose}: {action.reason}", "  To "))
            print_lines(f"    {line}" for line in action.lines)
        print_lines([""])


def print_kinds(kinds: Sequence[Kind], columns: Sequence[str], most: int | None = None) -> None:
    """Print the codes found, worst first, with their number.

    :param columns: the texts of each: ``title`` or ``fix``.
    :param most: maximum number of codes.
    """
    if not kinds:
        print_lines(["No findings."])
        return
    total = sum(kind.count for kind in kinds)
    shortened = most is not None and len(kinds) > most
    table = RichTable(
        title=f"Findings: {total:,}"
        + (f" in {len(kinds)} kinds, of which the worst {most} are" if shortened else ""),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for name in ("severity", "code"):
        table.add_column(name, no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    for name in columns:
        table.add_column({"title": "meaning"}.get(name, name), overflow="fold")
    for kind in kinds[:most]:
        severity = kind.code.severity
        # A code that hits most of a stage is one of its rules, not a list of cases.
        texts = [kind.with_extent(getattr(kind.code, columns[0]))]
        texts += [getattr(kind.code, name) for name in columns[1:]]
        table.add_row(Text(severity, _STYLES[severity]), kind.code.name, f"{kind.count:,}", *texts)
    _print(table)


def print_table(table: Table) -> None:
    """Print a table of a section."""
    rich = RichTable(title=table.caption, title_justify="left", box=None, pad_edge=False)
    for column in table.columns:
        rich.add_column(shown(column.label), justify="right" if column.kind == "number" else "left")
    for cells in table.cells:
        rich.add_row(*map(_cell, cells))
    _print(rich)


def _print_first(table: Table, most: int) -> None:
    if not table.cells:
        return
    print_table(replace(table, cells=table.cells[:most]))
    if table.total > most:
        print_lines([f"… and {table.total - most:,} more" + (f" in {table.source}" if table.source else "")])


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print plain rows below headings; a missing value is an empty cell."""
    rich = RichTable(*map(shown, heads), box=None, pad_edge=False)
    for row in rows:
        rich.add_row(*map(_cell, row))
    _print(rich)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    console = _plain()
    for line in lines:
        text = shown(line.replace(_NO_BREAK, " "))
        console.file.write(f"{text if _encodes(console.encoding, text) else text.translate(_IN_ASCII)}\n")


def _encodes(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def wrapped(sentence: str, label: str = "", margin: int = 0) -> list[str]:
    """Break a sentence into lines for a terminal, below each other after a label; in a pipe it stays whole.

    If the label fills half of the terminal, further lines begin below its first letters.

    :param margin: columns that the caller leaves free to the left of every line.
    """
    console = _plain()
    width = console.width - margin
    if not console.is_terminal or width <= len(_HANGING):
        return [f"{label}{sentence}"]
    indent = " " * len(label) if width > 2 * len(label) else _HANGING
    # Blanks of the label stay as they are.
    lines = wrap(
        sentence,
        width,
        initial_indent=label,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [label]


def _cell(value: Any) -> str:  # noqa: ANN401 (any value of a table cell)
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else shown(str(value))


def _print(table: RichTable) -> None:
    """Print a table as wide as its values; on a narrow terminal, columns but the first and names fold.

    Columns that do not fit even so are left out, and named below the table.
    """
    console = _plain()
    if table.title:
        print_lines(wrapped(str(table.title)))
        table.title = None
    texts = [[str(cell) for cell in (column.header, *column.cells)] for column in table.columns]
    width = max(table.__rich_measure__(_WIDE, _WIDE.options).maximum, 1)
    if not console.is_terminal or width <= console.width:
        for column in table.columns:
            column.no_wrap = True
        _plain(width=width).print(table)
        return
    widths = fitted(texts, [column.no_wrap for column in table.columns], console.width)
    left_out = [str(column.header) for column in table.columns[len(widths) :]]
    table.columns = table.columns[: len(widths)]
    for column, fit in zip(table.columns, widths, strict=True):
        column.width, column.overflow = fit, "fold"
    # The first column is whole, whatever the width of the terminal.
    _plain(width=max(console.width, widths[0])).print(table)
    if left_out:
        print_lines(wrapped(f"No room for {', '.join(left_out)}: widen the terminal, or pipe into less -S."))
