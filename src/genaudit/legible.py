"""Display of text from a store, which is untrusted and may be meant to mislead."""

from __future__ import annotations

from typing import Final

MAX_CHARACTERS: Final = 300


def legible(text: str, most: int = MAX_CHARACTERS) -> str:
    r"""Escape line breaks, marks of direction and other invisible characters, so that a reader sees the real text.

    :param most: maximum number of characters; a cut is marked.

    >>> legible("two\nlines")
    'two\\nlines'
    """
    cut = text[:most]
    if not cut.isprintable():
        cut = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)
    return cut if len(text) <= most else f"{cut}… ({len(text):,} characters)"
