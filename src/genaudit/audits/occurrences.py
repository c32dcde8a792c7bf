"""References as columns: each file, id and treatment is kept once, and an occurrence is a few numbers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.encoded import MISSING, Encoded
from genaudit.schemas import REFERENCES, RefKind, frame
from genaudit.stages import StageTable

# The columns that describe the file, the place in it, the id, and the treatment.
_FILE: Final = ("root", "path", "kind")
_PLACE: Final = ("line", "column", "offset")
_ID: Final = ("gen_id", "stages")
_CLASSIFIED: Final = ("field", "treatment", "reason", "handler")
# 32 bits, which numpy reads without a copy.
_SMALL: Final = "i"
_LARGE: Final = "q"

# The values of REFERENCES that describe a file, and those of one occurrence in it, in their order.
Described = tuple[str, str, RefKind]
Occurrence = tuple[Any, ...]


class FilePosition(NamedTuple):
    """The place of a file in the order of the search: the number of its root, and its path in parts."""

    root: int
    parts: tuple[str, ...]


class Occurrences:
    """References in the order in which they were found."""

    def __init__(self) -> None:
        self._files: dict[tuple[FilePosition, tuple[Any, ...]], int] = {}
        self._ids: dict[tuple[Any, ...], int] = {}
        self._classified: dict[tuple[Any, ...], int] = {}
        self._codes = (array(_SMALL), array(_SMALL), array(_SMALL))
        self._at = (array(_LARGE), array(_LARGE), array(_LARGE))

    def __len__(self) -> int:
        """Return the number of references."""
        return len(self._codes[0])

    def add(self, place: FilePosition, file: Described, found: Sequence[Occurrence]) -> None:
        """Add the references of a file, column by column.

        :param file: root, path and kind.
        :param found: the other values of :data:`genaudit.schemas.REFERENCES`, in order.
        """
        if not found:
            return
        *at, gen_ids, stages, field, treatment, reason, handler = zip(*found, strict=True)
        ids, classified = self._ids, self._classified
        number = self._files.setdefault((place, file), len(self._files))
        self._codes[0].extend([number] * len(found))
        self._codes[1].extend([ids.setdefault(one, len(ids)) for one in zip(gen_ids, stages, strict=True)])
        described = zip(field, treatment, reason, handler, strict=True)
        self._codes[2].extend([classified.setdefault(one, len(classified)) for one in described])
        for column, values in zip(self._at, at, strict=True):
            column.extend([MISSING if value is None else value for value in values])

    def extend(self, other: Occurrences) -> None:
        """Add the references that another process found."""
        for own, codes, known, others in zip(
            (self._files, self._ids, self._classified),
            self._codes,
            (other._files, other._ids, other._classified),
            other._codes,
            strict=True,
        ):
            _extend(own, codes, known, others)
        for column, more in zip(self._at, other._at, strict=True):
            column.extend(more)

    def frame(self, stages: StageTable) -> pd.DataFrame:
        """Build the frame of :data:`genaudit.schemas.REFERENCES`: root by root, in the order of paths and offsets."""
        files = [*self._files]
        order = sorted(range(len(files)), key=lambda number: files[number][0])
        ranks = np.empty(len(files), dtype=np.int32)
        ranks[order] = np.arange(len(files), dtype=np.int32)
        sorting = np.argsort(ranks[_numbers(self._codes[0])], kind="stable")
        columns: dict[str, Any] = {}
        for names, codes, rows in (
            (_FILE, self._codes[0], [row for _, row in files]),
            (_ID, self._codes[1], [*self._ids]),
            (_CLASSIFIED, self._codes[2], [*self._classified]),
        ):
            places = _numbers(codes)[sorting]
            for number, name in enumerate(names):
                values = [row[number] for row in rows]
                columns[name] = Encoded(places, [*range(len(values))]).derived(values)
        for name, numbers in zip(_PLACE, self._at, strict=True):
            taken = _numbers(numbers)[sorting]
            columns[name] = pd.arrays.IntegerArray(taken, taken == MISSING)
        return frame(REFERENCES, columns, stages)


def _extend(own: dict[Any, int], codes: array[int], known: dict[Any, int], others: array[int]) -> None:
    """Add coded values, with the codes of the values that both have already."""
    same = np.array([own.setdefault(value, len(own)) for value in known], dtype=np.int32)
    codes.frombytes(same[_numbers(others)].tobytes() if len(others) else b"")


def _numbers(column: array[int]) -> NDArray[Any]:
    return np.frombuffer(column, dtype=np.dtype(column.typecode)) if len(column) else np.empty(0, dtype=np.int32)
