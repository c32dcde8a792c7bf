"""References as columns: each file, id and treatment is kept once, and an occurrence is a few numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
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


class Where(NamedTuple):
    """Positions of cells or references: the numbers of their files, lines, columns and offsets."""

    files: NDArray[np.int32]
    lines: NDArray[np.int64]
    columns: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def at(self, rows: list[int]) -> Where:
        """Return some of the positions."""
        return Where(self.files[rows], self.lines[rows], self.columns[rows], self.offsets[rows])

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield the positions one by one."""
        return zip(*(column.tolist() for column in self), strict=True)

    def moved(self, by: int) -> Where:
        """Return positions so many ASCII characters later."""
        return self._replace(columns=self.columns + by, offsets=self.offsets + by)


class Occurrences:
    """References, file by file in any order; those of one file are put in the order of their offsets."""

    def __init__(self) -> None:
        self._files: list[tuple[FilePosition, Described]] = []
        self._ids: dict[tuple[Any, ...], int] = {}
        self._classified: dict[tuple[Any, ...], int] = {}
        self._codes = (array(_SMALL), array(_SMALL), array(_SMALL))
        self._at = (array(_LARGE), array(_LARGE), array(_LARGE))

    def __len__(self) -> int:
        """Return the number of references."""
        return len(self._codes[0])

    def file(self, position: FilePosition, described: Described) -> int:
        """Number a file.

        :param described: root, path and kind.
        """
        self._files.append((position, described))
        return len(self._files) - 1

    def identity(self, gen_id: str | None, stages: str | None) -> int:
        """Number an id with its stages."""
        return self._ids.setdefault((gen_id, stages), len(self._ids))

    def classification(self, field: str | None, classified: tuple[Any, ...]) -> int:
        """Number a field with a treatment, its reason and its handler."""
        return self._classified.setdefault((field, *classified), len(self._classified))

    def add(self, position: FilePosition, described: Described, found: Sequence[Occurrence]) -> None:
        """Add the references of a file.

        :param described: root, path and kind.
        :param found: the other values of :data:`genaudit.schemas.REFERENCES`, in order.
        """
        if not found:
            return
        number = self.file(position, described)
        for *at, gen_id, stages, field, treatment, reason, handler in found:
            self.append(
                (number, self.identity(gen_id, stages), self.classification(field, (treatment, reason, handler))),
                [MISSING if value is None else value for value in at],
            )

    def append(self, codes: Sequence[int], at: Sequence[int]) -> None:
        """Add a reference: the numbers of its file, id and classification, and its line, column and offset."""
        for column, value in zip((*self._codes, *self._at), (*codes, *at), strict=True):
            column.append(value)

    def add_columns(self, where: Where, ids: Sequence[int], classified: Sequence[int]) -> None:
        """Add references column by column.

        :param ids: numbers of :meth:`identity`.
        :param classified: numbers of :meth:`classification`.
        """
        for column, values in zip(self._codes, (where.files, ids, classified), strict=True):
            column.frombytes(np.asarray(values, dtype=np.int32).tobytes())
        for place, positions in zip(self._at, where[1:], strict=True):
            place.frombytes(np.asarray(positions, dtype=np.int64).tobytes())

    def extend(self, other: Occurrences) -> None:
        """Add the references that another process found."""
        files = _numbers(other._codes[0]) + len(self._files)
        self._files += other._files
        self._codes[0].frombytes(files.astype(np.int32).tobytes())
        _extend(self._ids, self._codes[1], other._ids, other._codes[1])
        _extend(self._classified, self._codes[2], other._classified, other._codes[2])
        for column, more in zip(self._at, other._at, strict=True):
            column.extend(more)

    def frame(self, stages: StageTable) -> pd.DataFrame:
        """Build the frame of :data:`genaudit.schemas.REFERENCES`: root by root, in the order of paths and offsets."""
        # Files with references alone; one that has them in its name and its content is there twice.
        used, files = np.unique(_numbers(self._codes[0]), return_inverse=True)
        described = [self._files[number] for number in used.tolist()]
        order = sorted(range(len(described)), key=lambda number: described[number][0])
        ranks = np.empty(len(described), dtype=np.int32)
        ranks[order] = _ranks([described[number][0] for number in order])
        sorting = np.lexsort((_numbers(self._at[2]), ranks[files]))
        columns: dict[str, Any] = {}
        for names, codes, rows in (
            (_FILE, files.astype(np.int32), [row for _, row in described]),
            (_ID, _numbers(self._codes[1]), [*self._ids]),
            (_CLASSIFIED, _numbers(self._codes[2]), [*self._classified]),
        ):
            places = codes[sorting]
            for number, name in enumerate(names):
                values = [row[number] for row in rows]
                columns[name] = Encoded(places, [*range(len(values))]).derived(values)
        for name, numbers in zip(_PLACE, self._at, strict=True):
            taken = _numbers(numbers)[sorting]
            columns[name] = pd.arrays.IntegerArray(taken, taken == MISSING)
        return frame(REFERENCES, columns, stages)


def _ranks(positions: Sequence[FilePosition]) -> NDArray[np.int32]:
    """Number sorted positions; equal ones have the same number."""
    new = [position != before for position, before in zip(positions[1:], positions[:-1], strict=True)]
    return np.cumsum([0, *new][: len(positions)], dtype=np.int32)


def _extend(own: dict[Any, int], codes: array[int], known: dict[Any, int], others: array[int]) -> None:
    """Add coded values, with the codes of the values that both have already."""
    same = np.array([own.setdefault(value, len(own)) for value in known], dtype=np.int32)
    codes.frombytes(same[_numbers(others)].tobytes() if len(others) else b"")


def _numbers(column: array[int]) -> NDArray[Any]:
    return np.frombuffer(column, dtype=np.dtype(column.typecode)) if len(column) else np.empty(0, dtype=np.int32)
