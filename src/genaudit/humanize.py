"""Numbers in words that keep their meaning."""

from __future__ import annotations

from typing import Final

_LEAST_SHOWN: Final = 0.1
# A space that no line breaks at.
_PERCENT: Final = "\N{NO-BREAK SPACE}%"


def counted(number: int, thing: str) -> str:
    """Write a number with its thing, in the plural where it is not one.

    >>> counted(1, "essay"), counted(1200, "essay")
    ('1 essay', '1,200 essays')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def share(part: int, whole: int) -> str:
    r"""Write a share in percent, so that rounding turns neither one into none nor all but one into all.

    >>> share(0, 3), share(2, 3), share(1, 100_000), share(99_999, 100_000), share(2, 2)
    ('0\xa0%', '66.7\xa0%', 'under 0.1\xa0%', 'over 99.9\xa0%', '100\xa0%')
    """
    if not 0 < part < whole:
        return f"{100 if part else 0}{_PERCENT}"
    percent = 100 * part / whole
    if percent < _LEAST_SHOWN:
        return f"under {_LEAST_SHOWN}{_PERCENT}"
    return f"over {100 - _LEAST_SHOWN}{_PERCENT}" if percent > 100 - _LEAST_SHOWN else f"{percent:.1f}{_PERCENT}"
