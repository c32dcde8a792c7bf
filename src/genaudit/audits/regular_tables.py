"""Reader for tables without quotes, whose rows all have as many cells as their header: column by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genaudit.audits.file_types import FileType
from genaudit.audits.structured_files import COLUMN_NAME, TABLES, Cell, delimiter_of, names_ids
from genaudit.stages import StageTable
from genaudit.store.tokens import could_be_a_word

# A quote or a carriage return needs the reader of cells.
_NOT_REGULAR = (b'"', b"\r")
_LINE_BREAK = 10


class TableColumn(NamedTuple):
    """Cells of one meaning.

    :param cell: the first of them.
    :param values: their texts, none of them blank.
    :param lines: the lines of the cells.
    :param columns: the columns of their first characters.
    :param offsets: the offsets of their first characters.
    """

    cell: Cell
    values: Sequence[bytes]
    lines: NDArray[np.int64]
    columns: NDArray[np.int64]
    offsets: NDArray[np.int64]


def columns_of(data: bytes, place: FileType, stages: StageTable) -> Iterator[TableColumn] | None:
    """Take a table apart.

    :returns: the cells of :func:`~genaudit.audits.structured_files.cells_of`, those of a column with one meaning
        together; ``None`` if the table is not regular.
    """
    if place.kind not in TABLES or not data.isascii() or any(mark in data for mark in _NOT_REGULAR):
        return None
    if data.startswith(b"\n"):
        # The header comes after the blank lines.
        return None
    mark = delimiter_of(place)
    names = [name.decode() for name in data.partition(b"\n")[0].split(mark)]
    starts = _starts(data, mark, len(names))
    if starts is None or not all(could_be_a_word(name, stages) for name in names):
        return None
    cells = data.removesuffix(b"\n").replace(b"\n", mark).split(mark)
    return _columns([cells[number :: len(names)] for number in range(len(names))], starts, place, stages)


def _starts(data: bytes, mark: bytes, width: int) -> NDArray[np.int64] | None:
    """Find the offset of each cell, row by row; ``None`` if the rows have different numbers of cells."""
    characters = np.frombuffer(data.removesuffix(b"\n") + b"\n", dtype=np.uint8)
    ends = np.flatnonzero((characters == mark[0]) | (characters == _LINE_BREAK))
    if len(ends) % width:
        return None
    is_last = (characters[ends] == _LINE_BREAK).reshape(-1, width)
    if not is_last[:, -1].all() or is_last[:, :-1].any():
        return None
    return np.concatenate(([0], ends[:-1] + 1)).reshape(-1, width)


def _columns(
    columns: list[list[bytes]], starts: NDArray[np.int64], place: FileType, stages: StageTable
) -> Iterator[TableColumn]:
    names = [values[0].decode() for values in columns]
    own: Sequence[str | None] = [place.stage] * (len(columns[0]) - 1)
    if "stage" in names:
        own = [value.decode().strip() for value in columns[names.index("stage")][1:]]
    for number, (name, values) in enumerate(zip(names, columns, strict=True)):
        known = {stage: names_ids(name, stage if stage in stages else None, stages) for stage in dict.fromkeys(own)}
        rows: dict[tuple[bool, str | None], list[int]] = defaultdict(list)
        if len(set(known.values())) == 1:
            rows[known[own[0]]] = [row for row, value in enumerate(values) if value and row]
        else:
            for row, stage in enumerate(own, 1):
                if values[row]:
                    rows[known[stage]].append(row)
        header = Cell(0, values[0], name, names_ids=False, stage=None, problem=COLUMN_NAME)
        yield _column(header, [0], number, values, starts)
        for (ids_here, stage), some in rows.items():
            if some:
                yield _column(Cell(0, b"", name, ids_here, stage), some, number, values, starts)


def _column(cell: Cell, rows: list[int], number: int, values: list[bytes], starts: NDArray[np.int64]) -> TableColumn:
    lines = np.array(rows, dtype=np.int64)
    offsets = starts[lines, number]
    return TableColumn(cell, [values[row] for row in rows], lines + 1, offsets - starts[lines, 0] + 1, offsets)
