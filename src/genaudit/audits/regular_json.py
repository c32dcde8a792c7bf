"""Reader for JSON documents that repeat: most records of a store differ in their values alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Final

import orjson

from genaudit.audits.file_types import FileType
from genaudit.audits.structured_files import Cell, cells_of, is_json
from genaudit.stages import StageTable
from genaudit.store.tokens import IdIndex

# All up to a key's value, with the quote of a text; then the rest of a text, or a number. Without arrays and escapes
# every quote opens or closes a key or a value, so that each match begins where the last one ended.
_MEMBER: Final = re.compile(rb'([^"]*"[^"]*"\s*+:\s*+"?+)((?<=")[^"]*"|-?[0-9][0-9.eE+-]*+|)')
_NOT_REGULAR: Final = (b"[", b"\\")
_MOST_BYTES: Final = 1 << 13
_MOST_SHAPES: Final = 256

# By value, the cell's field, whether it is for ids, its stage and its problem; None for a value that is no text.
_Shape = tuple[tuple[str, bool, str | None, str | None] | None, ...]


class RegularJson:
    """Cells of JSON objects, by the shape that each shares with earlier ones.

    A shape is a document without its values, for a type of file. The first document of a shape is taken apart; of the
    others only the values are looked at.

    :param stages: the store's table of stages.
    """

    def __init__(self, index: IdIndex, stages: StageTable) -> None:
        self._index = index
        self._stages = stages
        self._shapes: dict[tuple[FileType, tuple[bytes, ...]], _Shape | None] = {}

    def cells_of(self, data: bytes, place: FileType) -> Iterator[Cell] | None:
        """Take a document apart.

        :returns: the cells that may hold an id, in the order of :func:`~genaudit.audits.structured_files.cells_of`;
            ``None`` if the document is not regular.
        """
        if not is_json(place) or len(data) > _MOST_BYTES or any(mark in data for mark in _NOT_REGULAR):
            return None
        members = _MEMBER.findall(data)
        if not members:
            return None
        heads, values = zip(*members, strict=True)
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError:
            return None
        shape = self._shape((place, heads), data, values)
        return None if shape is None else self._cells(members, shape)

    def _shape(
        self, key: tuple[FileType, tuple[bytes, ...]], data: bytes, values: tuple[bytes, ...]
    ) -> _Shape | None:
        if key not in self._shapes:
            if len(self._shapes) >= _MOST_SHAPES:
                return None
            self._shapes[key] = self._shape_of(data, key[0], values)
        return self._shapes[key]

    def _shape_of(self, data: bytes, place: FileType, values: tuple[bytes, ...]) -> _Shape | None:
        cells = cells_of(data, place, self._stages)
        shape: list[tuple[str, bool, str | None, str | None] | None] = []
        for value in values:
            if self._index.find_in_cell(next(cells).text):
                # The shape leaves keys out, and this one has an id.
                return None
            if value.endswith(b'"'):
                cell = next(cells)
                shape.append((cell.field, cell.names_ids, cell.stage, cell.problem))
            else:
                shape.append(None)
        return tuple(shape)

    def _cells(self, members: list[tuple[bytes, bytes]], shape: _Shape) -> Iterator[Cell]:
        ends: list[int] = []
        for number, ((_, value), known) in enumerate(zip(members, shape, strict=True)):
            if known is None:
                continue
            text = value[:-1]
            if known[1] or not self._index.is_barren(text):
                ends = ends or [*accumulate(map(len, chain.from_iterable(members)))]
                yield Cell(ends[2 * number], text, *known)
