"""Join of planned generations with the stored ones by signature, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from genaudit.encoded import MISSING, Encoded, Numbers
from genaudit.ids import normal_texts

# A replicate has 31 bits.
_REPLICATES: Final = 2**31


class Bases:
    """Stored generations of a stage, grouped by their signature without the replicate.

    A group, a value and a generation are numbers; :data:`genaudit.encoded.MISSING` is none.

    :param fields: the parts of the signatures without the replicate, normalised; ids are sorted.
    :param replicates: the replicate of each generation.
    """

    def __init__(self, fields: Sequence[Encoded], replicates: Numbers) -> None:
        self.fields = fields
        self.replicates = replicates
        self._codes: list[Mapping[Any, int]] = [
            {value: place for place, value in enumerate(each.values)} for each in fields
        ]
        groups, self._levels = fields[0].places.astype(np.int64), list[Numbers]()
        for each in fields[1:]:
            known, groups = np.unique(groups * len(each.values) + each.places, return_inverse=True)
            self._levels.append(known)
        self.groups: Numbers = groups
        # Ids are sorted, and a stable sort keeps their order among equal replicates.
        self._order = np.lexsort((replicates, groups))
        self._keys = (groups * _REPLICATES + replicates)[self._order]
        ends = np.searchsorted(self._keys, np.arange(1, len(self) + 1) * _REPLICATES)
        # Behind each array that is looked into stands the value for none.
        self._highest = np.append(self._keys[ends - 1] % _REPLICATES, 0)
        self._starts = np.append(np.append(0, ends)[:-1], 0)
        self._sizes = np.append(ends, 0) - self._starts
        self._by_id = np.argsort(groups, kind="stable")
        self._keys, self._order = np.append(self._keys, MISSING), np.append(self._order, MISSING)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self._levels[-1]) if self._levels else len(self.fields[0].values)

    def pairs(self, level: int) -> tuple[Numbers, Numbers]:
        """Return the known pairs of a group of the first fields and a value of the next one, both sorted."""
        known, width = self._levels[level], max(len(self.fields[level + 1].values), 1)
        return known // width, known % width

    def codes(self, field: int, column: Encoded) -> Numbers:
        """Return the stored value of a field that equals each value of a column."""
        known = self._codes[field]
        places = [known.get(value or "", MISSING) for value in normal_texts(column.values)]
        return np.array([*places, MISSING], dtype=np.int64)[column.places]

    def code(self, field: int, value: str | None) -> int:
        """Return the stored value that equals a normalised one."""
        return self._codes[field].get(value, MISSING)

    def find(self, codes: Sequence[Numbers]) -> Numbers:
        """Return the group of each combination of values.

        :param codes: a column for each of the first fields; fewer give the groups of these alone.
        """
        groups = codes[0]
        for level, values in enumerate(codes[1:]):
            known, width = self._levels[level], len(self.fields[level + 1].values)
            groups = _found(known, np.where((groups < 0) | (values < 0), MISSING, groups * width + values))
        return groups

    def first(self, groups: Numbers, replicates: Numbers) -> Numbers:
        """Return the first generation of each group with a replicate."""
        return self._looked_up(groups, replicates, "left", 0)

    def last(self, groups: Numbers, replicates: Numbers) -> Numbers:
        """Return the last generation of each group with a replicate."""
        return self._looked_up(groups, replicates, "right", -1)

    def highest_of(self, groups: Numbers) -> Numbers:
        """Return the highest replicate of each group, 0 without a group."""
        return self._highest[groups]

    def members(self, groups: Numbers, most: int) -> tuple[Numbers, Numbers]:
        """Return the first generations of each group by id.

        :param most: the largest number of each group's.
        :returns: their number for each group, and all of them.
        """
        starts, counts = self._starts[groups], np.minimum(self._sizes[groups], most)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return counts, self._by_id[np.repeat(starts, counts) + offsets]

    def _looked_up(self, groups: Numbers, replicates: Numbers, side: Literal["left", "right"], step: int) -> Numbers:
        wanted = groups * _REPLICATES + replicates
        places = np.searchsorted(self._keys[:-1], wanted, side=side) + step
        return np.where((groups >= 0) & (self._keys[places] == wanted), self._order[places], MISSING)


def _found(known: Numbers, wanted: Numbers) -> Numbers:
    """Return the place of each number among sorted ones."""
    places = np.searchsorted(known, wanted)
    return np.where(np.append(known, MISSING - 1)[places] == wanted, places, MISSING)


def counted(groups: NDArray[Any], flags: NDArray[Any]) -> Numbers:
    """Count, for each row, the flagged rows of its group up to it."""
    order = np.argsort(groups, kind="stable")
    sums = np.cumsum(np.append(0, flags[order]).astype(np.int64))
    starts = np.searchsorted(groups[order], groups[order])
    counts = np.empty(len(order), dtype=np.int64)
    counts[order] = sums[1:] - sums[starts]
    return counts
