"""Search of generations for references: their usual files many at a time, all others one by one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genaudit.audits.cell_columns import Meaning
from genaudit.audits.file_search import FileSearch
from genaudit.audits.file_types import FileType, placed
from genaudit.audits.occurrences import Where
from genaudit.audits.reference_companion import Companion
from genaudit.audits.regular_json import RegularJson, Shape, Slot
from genaudit.layout import ARTIFACTS, GENS
from genaudit.schemas import RefKind
from genaudit.store.contents import is_plain
from genaudit.store.folders import read_small
from genaudit.store.tokens import MAX_RUN
from genaudit.store.walk import FileEntry, Root, below, generations

# Larger files are searched alone: a run of characters as long as this is cut.
_SMALL: Final = MAX_RUN
# Bytes that are searched together.
_MOST_BYTES: Final = 1 << 22
_USUAL: Final = frozenset(ARTIFACTS)

_Numbered = list[tuple[int, re.Match[bytes]]]


class GenerationSearch:
    """The search of generations of one stage.

    :param search: searches files that are not usual.
    """

    def __init__(self, search: FileSearch, regular: RegularJson, stage: str) -> None:
        self._search = search
        self._regular = regular
        self._stage = stage
        stages = search.index.stages
        self._places = {name: placed(f"{GENS}/{stage}/x/{name}", in_store=True, stages=stages) for name in ARTIFACTS}
        self._is_batched = min(search.limits.chunk, search.limits.whole) >= _SMALL
        self._texts: list[tuple[FileEntry, str, bytes]] = []
        self._documents: dict[tuple[str, Shape], _Numbered] = defaultdict(list)
        self._size = 0

    def look(self, root: Root, names: Iterable[str], companion: Companion | None) -> None:
        """Search the folders of generations.

        :param companion: also gets the bytes of the files that it wants.
        """
        for entry, handle in generations(root, self._stage, names):
            self._search.look(entry)
            if handle is None:
                continue
            files = read_small(handle, _USUAL, _SMALL) if self._is_batched else None
            if files is None:
                files = self._look_alone(root, entry, handle, companion)
            else:
                self._add(entry, files)
            if companion:
                companion.take(self._stage, entry.name, files)
        self._flush()

    def _look_alone(self, root: Root, entry: FileEntry, handle: int, companion: Companion | None) -> dict[str, bytes]:
        """Search the folder of a generation file by file, and return the files that the companion wants."""
        self._search.wanted = companion.wanted(self._stage, entry.name) if companion else {}
        for inner in below(root, handle, entry.parts):
            self._search.look(inner)
        files, self._search.read, self._search.wanted = self._search.read, {}, {}
        return files

    def _add(self, entry: FileEntry, files: dict[str, bytes]) -> None:
        """Add the usual files of a generation to those that are searched together."""
        for name, data in files.items():
            place = self._places[name]
            if place.kind is RefKind.TEXT and is_plain(data):
                self._texts.append((entry, name, data))
            elif found := self._regular.match(data, place):
                shape, match = found
                self._note(place, data)
                number = self._search.number(_file(entry, name), place)
                self._documents[name, shape].append((number, match))
            else:
                self._search.look_at(_file(entry, name), place, data)
            self._size += len(data)
        if self._size > _MOST_BYTES:
            self._flush()

    def _note(self, place: FileType, data: bytes) -> None:
        stats = self._search.stats
        stats.seen += 1
        stats.read += len(data)
        stats.scanned[place.kind] += 1

    def _flush(self) -> None:
        """Search the files that were added."""
        # No id begins in one text and ends in the next.
        if self._search.index.may_find(b"\n".join([data for _, _, data in self._texts])):
            for entry, name, data in self._texts:
                self._search.look_at(_file(entry, name), self._places[name], data)
        else:
            for _, name, data in self._texts:
                self._note(self._places[name], data)
        for (name, shape), found in self._documents.items():
            numbers, matches = zip(*found, strict=True)
            files = np.array(numbers, dtype=np.int32)
            columns = zip(*[match.groups() for match in matches], strict=True)
            for group, (slot, values) in enumerate(zip(shape.slots or (), columns, strict=True), 1):
                where = partial(_where, files, matches, slot, group)
                self._search.columns.add(Meaning(self._places[name], "plain", slot.cell), values, where)
        self._texts.clear()
        self._documents.clear()
        self._size = 0


def _file(entry: FileEntry, name: str) -> FileEntry:
    """Return the entry of a file in the folder of a generation; its name is a usual one."""
    return entry._replace(path=f"{entry.path}/{name}", name=name, is_folder=False, parts=(*entry.parts, name))


def _where(files: NDArray[np.int32], matches: tuple[re.Match[bytes], ...], slot: Slot, group: int) -> Where:
    """Return the positions of a value in documents of one shape."""
    count = len(matches)
    offsets = np.fromiter((match.start(group) for match in matches), np.int64, count)
    if slot.column is None:
        columns = np.fromiter((slot.column_in(match, group) for match in matches), np.int64, count)
    else:
        columns = np.full(count, slot.column)
    return Where(files, np.full(count, slot.line), columns, offsets)
