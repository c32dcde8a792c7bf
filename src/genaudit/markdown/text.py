"""Tables and cells in Markdown, safe to put the text of a store into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from genaudit.charts.text import legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "|": "\\|", "`": "\\`", "[": "\\[", "<": "&lt;", "&": "&amp;"})


def table(heads: Sequence[str], cells: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a table; whole numbers get separators."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in cells:
        yield f"| {' | '.join(f'{one:,}' if isinstance(one, int) else text(one) for one in row)} |"


def capped(heads: Sequence[str], cells: Sequence[Sequence[object]], most: int) -> Iterator[str]:
    """Write a table of so many rows at most, and say how many were left out."""
    yield from table(heads, cells[:most])
    if len(cells) > most:
        yield ""
        yield f"The first {most:,} of {len(cells):,}."


def amount(value: float | None, digits: int = 0) -> str:
    """Write a number that may be unknown."""
    return "unknown" if value is None else f"{value:,.{digits}f}"


def count(number: int, thing: str) -> str:
    """Write a number with its thing, in the plural where it is not one.

    >>> count(1, "link"), count(1200, "link")
    ('1 link', '1,200 links')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def text(value: object) -> str:
    r"""Write a value from a store so that it stays one cell and no markup.

    >>> text("a|b")
    'a\\|b'
    """
    return legible("" if value is None else str(value)).translate(_ESCAPED)


def words(name: object) -> str:
    """Write the name of a reason or kind as words."""
    return str(name).replace("_", " ")
