"""Text from a store, made fit to be looked at: such text is untrusted, and some of it is made to mislead."""

from __future__ import annotations

from typing import Final

MAX_CHARACTERS: Final = 300


def legible(text: str, most: int = MAX_CHARACTERS) -> str:
    r"""Write text so that a reader sees what is there: line breaks, marks of direction and the like escaped.

    :param most: text beyond so many characters is cut, and the cut said.

    >>> legible("two\nlines")
    'two\\nlines'
    """
    cut = text[:most]
    if not cut.isprintable():
        cut = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)
    return cut if len(text) <= most else f"{cut}… ({len(text):,} characters)"
