"""Columns that keep each distinct value once: small to send between processes, and checked value by value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import ne
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MISSING: Final = -1

Numbers = NDArray[np.int64]
_MOST_CODES: Final = 2**62


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column.

    :param places: for each row, the place of its value in ``values``, or :data:`MISSING`.
    :param values: the distinct values, in the order of their first rows.
    """

    places: NDArray[np.int32]
    values: list[Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.places)

    def take(self, missing: object = None) -> NDArray[np.object_]:
        """Return the value of each row.

        :param missing: replacement for a missing value.
        """
        values = np.empty(len(self.values) + 1, dtype=object)
        values[:-1] = self.values
        values[-1] = missing
        taken: NDArray[np.object_] = values[self.places]
        return taken

    def value(self, row: int) -> Any:  # noqa: ANN401 (a column holds any type)
        """Return the value of a row, ``None`` if it is missing."""
        place = self.places[row]
        return None if place == MISSING else self.values[place]

    def mapped(self, change: Callable[[Any], Any], dtype: type, missing: object) -> NDArray[Any]:
        """Return a number for each row, computed once for each distinct value.

        :param missing: the number for a missing value.
        """
        return np.array([*map(change, self.values), missing], dtype=dtype)[self.places]

    def rows(self, wanted: Collection[int], first: int = 0) -> list[int]:
        """Return the numbers of the rows whose values have these places.

        :param first: the number of the first row.
        """
        found: list[int] = (np.flatnonzero(np.isin(self.places, [*wanted])) + first).tolist()
        return found

    def derived(self, values: Sequence[Any]) -> Encoded:
        """Return a column computed from this one.

        :param values: for each distinct value, the one to put in its place.
        """
        changed = encode(values)
        return Encoded(np.array([*changed.places, MISSING], dtype=np.int32)[self.places], changed.values)

    def each(self, change: Callable[[Any], Any]) -> Encoded:
        """Return a column computed from this one, once for each distinct value."""
        return self.derived(list(map(change, self.values)))

    def part(self, span: range) -> Encoded:
        """Return some rows, with the same values."""
        return Encoded(self.places[span.start : span.stop], self.values)

    def at(self, rows: NDArray[Any]) -> Encoded:
        """Return the rows with some numbers or flags, with the same values."""
        return Encoded(self.places[rows], self.values)

    def filled(self, other: Encoded) -> Encoded:
        """Return a column with the values of another one in place of missing ones."""
        both = concatenated([self, other])
        own, others = both.places[: len(self)], both.places[len(self) :]
        return Encoded(np.where(own == MISSING, others, own), both.values)


def encode(values: Sequence[Any]) -> Encoded:
    """Encode a column; ``None`` is missing. Values that are equal but of different types count as one."""
    different = dict.fromkeys(values)
    if len(different) == 1:
        return constant(values[0], len(values))
    distinct = [value for value in different if value is not None]
    places = {value: place for place, value in enumerate(distinct)} | {None: MISSING}
    return Encoded(np.fromiter(map(places.__getitem__, values), np.int32, len(values)), distinct)


def distinct(columns: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the distinct combinations of some columns.

    :param columns: whole numbers from :data:`MISSING` up, all of one length.
    :returns: the first row of each combination, and for each row the number of its combination.
    """
    codes, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        width = int(column.max(initial=MISSING)) + 2
        if size * width > _MOST_CODES:
            known, codes = np.unique(codes, return_inverse=True)
            size = len(known)
        codes, size = codes * width + column + 1, size * width
    _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
    return first, numbers


def encode_numbers(values: NDArray[Any]) -> Encoded:
    """Encode a column of numbers without missing ones; its distinct values are sorted."""
    known, places = np.unique(values, return_inverse=True)
    return Encoded(places.astype(np.int32), known.tolist())


def constant(value: object, rows: int) -> Encoded:
    """Encode a column with the same value in all rows."""
    if value is None:
        return Encoded(np.full(rows, MISSING, dtype=np.int32), [])
    return Encoded(np.zeros(rows, dtype=np.int32), [value])


def unequal(some: Sequence[Any], others: Sequence[Any]) -> list[int]:
    """Return the places at which two sequences of one length differ."""
    differ = np.fromiter(map(ne, some, others), bool, len(some))
    rows: list[int] = np.flatnonzero(differ).tolist()
    return rows


def patched(usual: object, others: Mapping[int, object], rows: int) -> Encoded:
    """Encode a column with the usual value in all rows but some."""
    column = constant(usual, rows)
    if others:
        numbers = np.fromiter(others, np.int64, len(others))
        changed = encode([usual, *others.values()])
        column = Encoded(np.repeat(changed.places[:1], rows), changed.values)
        column.places[numbers] = changed.places[1:]
    return column


def concatenated(parts: Sequence[Encoded]) -> Encoded:
    """Put columns below each other."""
    if len(parts) == 1:
        return parts[0]
    places: dict[Any, int] = {}
    rows = [np.empty(0, dtype=np.int32)]
    for part in parts:
        own = [places.setdefault(value, len(places)) for value in part.values]
        rows.append(np.array([*own, MISSING], dtype=np.int32)[part.places])
    return Encoded(np.concatenate(rows), [*places])
