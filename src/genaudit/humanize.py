"""Formatting of numbers with words."""

from __future__ import annotations

import re
from typing import Final

_LEAST_SHOWN: Final = 0.1
_ENDS_IN_Y: Final = re.compile(r"[^aeiou]y\Z")
# A space that no line breaks at.
_PERCENT: Final = "\N{NO-BREAK SPACE}%"


def counted(number: int, thing: str) -> str:
    """Format a number with its noun, in the plural unless it is 1.

    >>> counted(1, "essay"), counted(1200, "essay")
    ('1 essay', '1,200 essays')
    """
    return f"{number:,} {noun(number, thing)}"


def noun(number: int, thing: str) -> str:
    """Write a thing in the number that a count needs.

    >>> noun(1, "summary"), noun(2, "summary"), noun(2, "essay")
    ('summary', 'summaries', 'essays')
    """
    if number == 1:
        return thing
    return f"{thing[:-1]}ies" if _ENDS_IN_Y.search(thing) else f"{thing}s"


def share(part: int, whole: int) -> str:
    r"""Format a share in percent; rounding turns neither one into none nor all but one into all.

    >>> share(0, 3), share(2, 3), share(1, 100_000), share(99_999, 100_000), share(2, 2)
    ('0\xa0%', '66.7\xa0%', 'under 0.1\xa0%', 'over 99.9\xa0%', '100\xa0%')
    """
    if not 0 < part < whole:
        return f"{100 if part else 0}{_PERCENT}"
    percent = 100 * part / whole
    if percent < _LEAST_SHOWN:
        return f"under {_LEAST_SHOWN}{_PERCENT}"
    return f"over {100 - _LEAST_SHOWN}{_PERCENT}" if percent > 100 - _LEAST_SHOWN else f"{percent:.1f}{_PERCENT}"
