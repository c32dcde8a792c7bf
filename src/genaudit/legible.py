"""Display of text from a store, which is untrusted and may be meant to mislead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
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


def code_points(text: str) -> str:
    r"""Write the characters beyond ASCII as their code points.

    >>> code_points("caf\u00e9"), code_points("cafe\u0301")
    ('caf<U+00E9>', 'cafe<U+0301>')
    """
    return "".join(char if char.isascii() else f"<U+{ord(char):04X}>" for char in text)


def twins(texts: Iterable[str]) -> dict[str, str]:
    """Find texts that look like others, though their code points differ: one composed, one decomposed.

    :returns: by text, the first of the others in order of code points.
    """
    alike: dict[str, set[str]] = {}
    for text in texts:
        alike.setdefault(unicodedata.normalize("NFC", text), set()).add(text)
    return {text: min(same - {text}) for same in alike.values() if len(same) > 1 for text in same}


def difference_of_twins(text: str, other: str) -> str:
    """Describe two texts that look the same by their code points."""
    return f"{code_points(text)} looks the same as {code_points(other)}"
