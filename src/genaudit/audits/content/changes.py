"""Differences between two versions of a text, small enough to read."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final, NamedTuple

_MOST_LINES: Final = 3
_MOST_CHARACTERS: Final = 160
# Longer stretches are not aligned: the time would grow with their square.
_MOST_ALIGNED: Final = 200


class Change(NamedTuple):
    """The lines in which a text differs from another.

    Blank lines count only if no other line differs.

    :param removed: lines only of the first, the first few and cut to a readable length.
    :param added: lines only of the second, likewise.
    :param lines: the number of lines that differ, both texts together.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    lines: int


def normal_lines(text: str) -> str:
    r"""Write a text with ``\n`` at the end of lines, and without newlines at its own end.

    >>> normal_lines("a\r\nb\r\n\n")
    'a\nb'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def change(before: str, after: str) -> Change:
    r"""Compare two texts line by line.

    >>> change("a\nb\nc", "a\nx\nc")
    Change(removed=('b',), added=('x',), lines=2)
    """
    old, new = normal_lines(before).split("\n"), normal_lines(after).split("\n")
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) <= _MOST_ALIGNED:
        old, new = _unaligned(old, new)
    if any(map(str.strip, (*old, *new))):
        # Blank lines depend on how the text of a parent ends, and would tell the same edit apart.
        old, new = ([line for line in lines if line.strip()] for lines in (old, new))
    return Change(_shown(old), _shown(new), len(old) + len(new))


def _unaligned(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    removed: list[str] = []
    added: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += old[a:b]
            added += new[c:d]
    return removed, added


def _shown(lines: list[str]) -> tuple[str, ...]:
    return tuple(
        line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}…" for line in lines[:_MOST_LINES]
    )
