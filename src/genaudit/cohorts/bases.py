"""Join of planned generations with the stored ones by signature, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genaudit.encoded import MISSING, Encoded, encode
from genaudit.ids import normal_name

Numbers = NDArray[np.int64]

# A replicate has 31 bits.
_REPLICATES: Final = 2**31


class Bases:
    """Stored generations of a stage, grouped by their signature without the replicate.

    A group, a value and a generation are numbers; :data:`genaudit.encoded.MISSING` is none.

    :param names: the ids, sorted.
    :param fields: the parts of the signatures without the replicate, normalised.
    :param replicates: the replicate of each generation.
    """

    def __init__(self, names: Sequence[str], fields: Sequence[Encoded], replicates: Sequence[int]) -> None:
        self.names = names
        self.fields = fields
        self.replicates = np.array(replicates, dtype=np.int64)
        self._codes: list[Mapping[Any, int]] = [
            {value: place for place, value in enumerate(each.values)} for each in fields
        ]
        groups, self._levels = fields[0].places.astype(np.int64), list[Numbers]()
        for each in fields[1:]:
            known, groups = np.unique(groups * len(each.values) + each.places, return_inverse=True)
            self._levels.append(known)
        self.groups: Numbers = groups
        # Ids are sorted, and a stable sort keeps their order among equal replicates.
        self._order = np.lexsort((self.replicates, groups))
        self._keys = (groups * _REPLICATES + self.replicates)[self._order]
        ends = np.searchsorted(self._keys, np.arange(1, len(self) + 1) * _REPLICATES)
        self.highest: Numbers = self._keys[ends - 1] % _REPLICATES

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
        return column.mapped(lambda value: known.get(normal_name(value) or "", MISSING), np.int64, MISSING)

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
        places = np.searchsorted(self._keys, groups * _REPLICATES + replicates)
        return self._if_equal(places, groups, replicates)

    def last(self, groups: Numbers, replicates: Numbers) -> Numbers:
        """Return the last generation of each group with a replicate."""
        places = np.searchsorted(self._keys, groups * _REPLICATES + replicates, side="right") - 1
        return self._if_equal(places, groups, replicates)

    def highest_of(self, groups: Numbers) -> Numbers:
        """Return the highest replicate of each group, 0 without a group."""
        return np.append(self.highest, 0)[groups]

    def _if_equal(self, places: Numbers, groups: Numbers, replicates: Numbers) -> Numbers:
        keys, order = np.append(self._keys, MISSING), np.append(self._order, MISSING)
        wanted = groups * _REPLICATES + replicates
        return np.where((groups >= 0) & (keys[places] == wanted), order[places], MISSING)


def _found(known: Numbers, wanted: Numbers) -> Numbers:
    """Return the place of each number among sorted ones."""
    places = np.searchsorted(known, wanted)
    return np.where(np.append(known, MISSING - 1)[places] == wanted, places, MISSING)


def bases_of(keys: Mapping[str, tuple[tuple[str, ...], int]], parts: int) -> Bases:
    """Group generations.

    :param keys: the signatures, by sorted ids.
    :param parts: number of parts of a signature without the replicate.
    """
    columns = list(zip(*(base for base, _ in keys.values()), strict=True)) or [()] * parts
    return Bases(list(keys), list(map(encode, columns)), [replicate for _, replicate in keys.values()])
