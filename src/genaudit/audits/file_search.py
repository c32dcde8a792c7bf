"""Search of the files of a root for references: names and contents, file by file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from genaudit.audits.cell_columns import CellColumns, Meaning
from genaudit.audits.file_types import FileType, generation_of, placed
from genaudit.audits.occurrences import FilePosition, Occurrence, Where
from genaudit.audits.reference_report import SearchStats
from genaudit.audits.reference_search import STRUCTURED, Classification, in_text, references_in, subject
from genaudit.audits.regular_tables import TableColumn, columns_of
from genaudit.audits.structured_files import ESCAPED, Cell, MalformedError, cells_of
from genaudit.layout import ARTIFACTS
from genaudit.schemas import RefKind, Treatment
from genaudit.store.contents import (
    Content,
    Cursor,
    Limits,
    UnscannedError,
    content_of,
    find_in_chunks,
    read_begin,
)
from genaudit.store.folders import open_file
from genaudit.store.records import UnreadableError
from genaudit.store.tokens import Hit, IdIndex
from genaudit.store.walk import FileEntry

# Bytes that may mark a cell as an id that a quick check cannot find.
_TELLING: Final = (b"gen_id", b"copied_from", b"\\")
# Parts of the path of a file in the folder of a generation.
_GENERATION_FILE: Final = 4


class FileSearch:
    """The search of one root.

    :param root: its number, and its name for reports.
    :param in_store: whether it is the data root.
    """

    def __init__(
        self,
        index: IdIndex,
        root: tuple[int, str],
        stats: SearchStats,
        limits: Limits,
        *,
        in_store: bool,
    ) -> None:
        self.index = index
        self._stages = index.stages
        self._number, self._root = root
        self.stats = stats
        self.columns = CellColumns(index, stats.rows)
        self.limits = limits
        self._in_store = in_store
        # Files of the current generation that the companion wants, with their largest sizes, and their bytes.
        self.wanted: Mapping[str, int] = {}
        self.read: dict[str, bytes] = {}

    def look(self, entry: FileEntry) -> None:
        """Search an entry's name, and the contents of a file."""
        self._look_at_name(entry)
        if entry.is_folder and not entry.refused:
            return
        place = placed(entry.path, in_store=self._in_store, stages=self._stages)
        self._search(entry, place, self._scan)

    def look_at(self, entry: FileEntry, place: FileType, data: bytes) -> None:
        """Search the whole content of a small file."""

        def scan(entry: FileEntry, place: FileType) -> list[Occurrence]:
            self.stats.read += len(data)
            return self._scan_content(entry, place, content_of(None, self.limits, data))

        self._search(entry, place, scan)

    def number(self, entry: FileEntry, place: FileType) -> int:
        """Number a file for its references."""
        return self.stats.rows.file(FilePosition(self._number, entry.parts), (self._root, entry.path, place.kind))

    def _search(
        self, entry: FileEntry, place: FileType, scan: Callable[[FileEntry, FileType], list[Occurrence]]
    ) -> None:
        self.stats.seen += 1
        try:
            self._add(entry, place, scan(entry, place))
            self.stats.scanned[place.kind] += 1
        except UnscannedError as problem:
            self.stats.unscanned[problem.reason] += 1
            why = f"{problem.reason}: {problem.detail}" if problem.detail else problem.reason
            self._add(entry, place, [(*[None] * 6, Treatment.UNSCANNED, why, None)])

    def _add(self, entry: FileEntry, place: FileType, found: Sequence[Occurrence]) -> None:
        position = FilePosition(self._number, entry.parts)
        self.stats.rows.add(position, (self._root, entry.path, place.kind), found)

    def _look_at_name(self, entry: FileEntry) -> None:
        if entry.name in ARTIFACTS:
            return
        if self._in_store and entry.is_folder and generation_of(entry.path.split("/"), self._stages):
            self.stats.entered += 1
            return
        place = FileType(RefKind.NAME, "")
        hits = self.index.find(entry.name.encode("utf-8", "surrogateescape"))
        self._add(entry, place, [_row(hit, in_text(place, hit)) for hit in hits if hit.known])

    def _scan(self, entry: FileEntry, place: FileType) -> list[Occurrence]:
        handle = _opened(entry)
        content = Content(iter(()))
        try:
            content = content_of(handle, self.limits, self._begin(entry, handle))
            return self._scan_content(entry, place, content)
        finally:
            os.close(handle)
            self.stats.read += content.read

    def _begin(self, entry: FileEntry, handle: int) -> bytes:
        """Read the bytes that the companion wants of a generation's file."""
        if entry.name not in self.wanted or len(entry.parts) != _GENERATION_FILE:
            return b""
        data = self.read[entry.name] = read_begin(handle, self.wanted[entry.name])
        return data

    def _scan_content(self, entry: FileEntry, place: FileType, content: Content) -> list[Occurrence]:
        problem = None
        if place.kind in STRUCTURED:
            data = content.whole(self.limits.whole)
            if data is None:
                problem = "too_large_to_take_apart"
            elif place.kind is not RefKind.SELECTION and not self._may_hold(data):
                return []
            else:
                if (table := columns_of(data, place, self._stages)) is not None:
                    self._add_columns(self.number(entry, place), place, content.form, table)
                    return []
                try:
                    return list(self._in_cells(place, data, content.form))
                except MalformedError as error:
                    problem = error.reason
                    content.chunks = iter((data,))
        return [
            _row(hit, in_text(place, hit, problem), (line, column, hit.start), text=text)
            for hit, line, column, text in find_in_chunks(content.chunks, self.index)
        ]

    def _add_columns(self, file: int, place: FileType, form: str, table: Iterable[TableColumn]) -> None:
        for cell, values, *at in table:
            where = partial(Where, np.full(len(values), file, dtype=np.int32), *at)
            self.columns.add(Meaning(place, form, cell), values, where)

    def _may_hold(self, data: bytes) -> bool:
        return any(word in data for word in _TELLING) or self.index.may_find(data)

    def _in_cells(self, place: FileType, data: bytes, form: str) -> Iterator[Occurrence]:
        cursor = Cursor()
        for cell in cells_of(data, place, self._stages):
            for hit, classification in references_in(self.index, place, cell, form):
                offset = cell.start if cell.problem == ESCAPED else cell.start + hit.start
                yield _row_of_cell(cell, hit, classification, (*cursor.at(data, 0, offset), offset))


def _row(
    hit: Hit,
    classification: Classification,
    at: tuple[int | None, int | None, int | None] = (None, None, None),
    *,
    text: bytes = b"",
    field: str | None = None,
) -> Occurrence:
    return (*at, *subject(hit.known, text), field, *classification)


def _row_of_cell(cell: Cell, hit: Hit, classification: Classification, at: tuple[int, int, int]) -> Occurrence:
    return _row(hit, classification, at, text=cell.text[hit.start : hit.end], field=cell.field or None)


def _opened(entry: FileEntry) -> int:
    if entry.refused:
        raise UnscannedError(f"folder_{entry.refused}" if entry.is_folder else entry.refused, entry.detail)
    try:
        return open_file(entry.name, entry.parent)
    except FileNotFoundError:
        raise UnscannedError("vanished") from None
    except UnreadableError as error:
        raise UnscannedError("special_file", error.detail) from None
    except OSError as error:
        raise UnscannedError("unreadable", os.strerror(error.errno or 0)) from None
