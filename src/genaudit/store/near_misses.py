"""Search for ids that resemble a given one."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final

# Two random ids share their first eight digits once in 36**8 pairs.
NEAR_MISS_DIGITS: Final = 8
MOST_NEAR: Final = 3
_LEAST: Final = 3


class NearMisses:
    """Lookup of the ids that share the longest head or tail with a given one, by binary search."""

    def __init__(self, names: Iterable[str]) -> None:
        self._heads = sorted(names)
        self._tails = sorted(name[::-1] for name in self._heads)

    def find(self, name: str) -> str | None:
        """Return the closest id, or ``None`` if none shares :data:`NEAR_MISS_DIGITS` digits."""
        digits = _prefix_length(name)
        head, head_length = _nearest(self._heads, name)
        tail, tail_length = _nearest(self._tails, name[::-1])
        if max(head_length - digits, tail_length) < NEAR_MISS_DIGITS:
            return None
        return head if head_length - digits >= tail_length else tail[::-1]

    def around(self, name: str) -> list[str]:
        """Return the neighbours of an id in the order of heads, then in the order of tails."""
        heads = _around(self._heads, name, MOST_NEAR)
        return [*heads, *(tail[::-1] for tail in _around(self._tails, name[::-1], MOST_NEAR))]


def near_ids(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return at most :data:`MOST_NEAR` similar ids, closest first.

    An id is similar if it begins with the given text, or shares half of its digits as a head or a tail: a wrong
    character leaves one half intact.
    """
    digits = _prefix_length(name)
    enough = max((len(name) - digits) // 2, min(_LEAST, max(len(name) - digits, 1)))
    shared: dict[str, int] = {}
    for other in NearMisses(names).around(name):
        length = max(_shared(other, name) - digits, _shared(other[::-1], name[::-1]))
        if length >= enough:
            shared[other] = length
    ordered = sorted(shared, key=lambda other: (-shared[other], other))
    return tuple(ordered[:MOST_NEAR])


def _prefix_length(name: str) -> int:
    return len(name.partition("_")[0]) + 1 if "_" in name else 0


def _around(ordered: Sequence[str], name: str, most: int) -> Sequence[str]:
    place = bisect(ordered, name)
    return ordered[max(place - most, 0) : place + most]


def _nearest(ordered: Sequence[str], name: str) -> tuple[str, int]:
    length, other = max(((_shared(other, name), other) for other in _around(ordered, name, 1)), default=(0, ""))
    return other, length


def _shared(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
