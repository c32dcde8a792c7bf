"""Reader for JSON documents that repeat: most records of a store differ in their values alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from genaudit.audits.file_types import FileType
from genaudit.audits.structured_files import Cell, cells_of, is_json
from genaudit.stages import StageTable
from genaudit.store.contents import Cursor, characters
from genaudit.store.tokens import IdIndex

# All up to a key's value, with the quote of a text; then the rest of a text, or a number. Without arrays and escapes
# every quote opens or closes a key or a value, so that each match begins where the last one ended.
_MEMBER: Final = re.compile(rb'([^"]*"[^"]*"\s*+:\s*+"?+)((?<=")[^"]*"|-?[0-9][0-9.eE+-]*+|)')
_NOT_REGULAR: Final = (b"[", b"\\")
_MOST_BYTES: Final = 1 << 13
_MOST_SHAPES: Final = 32
# Any text and any number that JSON allows, but a text with an escape.
_TEXT: Final = rb'([^"\\\x00-\x1f]*+)"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"


class Slot(NamedTuple):
    """A text value of a shape.

    :param cell: the cell in the first document of the shape.
    :param line: the line of the value.
    :param column: the column of its first character; ``None`` if it depends on the values before.
    """

    cell: Cell
    line: int
    column: int | None

    def column_in(self, match: re.Match[bytes], group: int) -> int:
        """Return the column of the value in a document."""
        if self.column is not None:
            return self.column
        start = match.start(group)
        return characters(match.string[match.string.rfind(b"\n", 0, start) + 1 : start]) + 1


@dataclass(frozen=True, slots=True)
class Shape:
    """A document without its values.

    :param pattern: matches exactly the documents of the shape; its groups are the text values.
    :param slots: one for each group; ``None`` if a key has an id, so that the keys must be looked at too.
    """

    pattern: re.Pattern[bytes]
    slots: tuple[Slot, ...] | None


class RegularJson:
    """JSON objects by the shape that each shares with earlier ones.

    The first document of a shape is taken apart; the others are matched as a whole, and only their text values are
    looked at.

    :param stages: the store's table of stages.
    """

    def __init__(self, index: IdIndex, stages: StageTable) -> None:
        self._index = index
        self._stages = stages
        # By file type; the shape of the last document comes first.
        self._shapes: dict[FileType, list[Shape]] = {}

    def match(self, data: bytes, place: FileType) -> tuple[Shape, re.Match[bytes]] | None:
        """Match a document with its shape.

        :returns: ``None`` if the document is not regular, or has an id among its keys.
        """
        if len(data) > _MOST_BYTES or not is_json(place):
            return None
        shapes = self._shapes.setdefault(place, [])
        for number, shape in enumerate(shapes):
            if match := shape.pattern.fullmatch(data):
                if number:
                    shapes.insert(0, shapes.pop(number))
                break
        else:
            learnt = self._learn(data, place) if len(shapes) < _MOST_SHAPES else None
            match = learnt.pattern.fullmatch(data) if learnt else None
            if learnt is None or match is None:
                return None
            shapes.insert(0, shape := learnt)
        return None if shape.slots is None or not _is_utf8(data) else (shape, match)

    def _learn(self, data: bytes, place: FileType) -> Shape | None:
        """Derive the shape of a document, or return ``None`` for one that is not regular."""
        if any(mark in data for mark in _NOT_REGULAR):
            return None
        members = [*_MEMBER.finditer(data)]
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError:
            return None
        if not members:
            return None
        parts = []
        for head, value in (member.groups() for member in members):
            parts += [re.escape(head), _TEXT if value.endswith(b'"') else _NUMBER if value else b""]
        pattern = re.compile(b"".join([*parts, re.escape(data[members[-1].end() :])]))
        return Shape(pattern, self._slots(data, place, members))

    def _slots(self, data: bytes, place: FileType, members: list[re.Match[bytes]]) -> tuple[Slot, ...] | None:
        cells = cells_of(data, place, self._stages)
        cursor, slots = Cursor(), []
        is_fixed = True
        for number, member in enumerate(members):
            if self._index.find_in_cell(next(cells).text):
                # The shape leaves keys out, and this one has an id.
                return None
            # A line break after the last value makes the column independent of it.
            is_fixed = b"\n" in member[1] or (is_fixed and not (number and members[number - 1][2]))
            if member[2].endswith(b'"'):
                cell = next(cells)
                line, column = cursor.at(data, 0, cell.start)
                slots.append(Slot(cell, line, column if is_fixed else None))
        return tuple(slots)


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False
