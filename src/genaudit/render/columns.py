"""Widths of the columns of a table on a terminal that is too narrow for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len

# Spaces between two columns.
GAP: Final = 2
# A longer word, such as a path, is broken.
_LONGEST_WHOLE: Final = 32


def fitted(columns: Sequence[Sequence[str]], fixed: Sequence[bool], room: int) -> list[int]:
    """Choose the widths of as many columns as fit, from the left; words stay whole.

    :param columns: the texts of each column, its heading included.
    :param fixed: whether a column has to be as wide as its texts; the first always has to.
    :param room: width of the terminal.
    :returns: the widths, of fewer columns if the room does not suffice for all.

    >>> fitted([["id", "d_1"], ["meaning", "a long sentence"], ["path", "x" * 40]], [True, False, False], 20)
    [3, 15]
    """
    wide = [max(map(cell_len, texts), default=0) for texts in columns]
    least = [
        width if place == 0 or is_fixed else min(width, _LONGEST_WHOLE, max(_words(texts), default=0))
        for place, (texts, is_fixed, width) in enumerate(zip(columns, fixed, wide, strict=True))
    ]
    count = len(columns)
    while count > 1 and sum(least[:count]) + GAP * (count - 1) > room:
        count -= 1
    widths = wide[:count]
    for _ in range(max(0, sum(widths) + GAP * (count - 1) - room)):
        place = max(range(count), key=lambda one: widths[one] - least[one])
        if widths[place] == least[place]:
            break
        widths[place] -= 1
    return widths


def _words(texts: Sequence[str]) -> Iterator[int]:
    return (cell_len(word) for text in texts for word in text.split())
