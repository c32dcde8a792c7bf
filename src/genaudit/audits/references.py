"""References audit: finds every reference to a generation's id, and its treatment by a rename."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from genaudit.audits.file_types import FileType, generation_of, placed
from genaudit.audits.occurrences import FilePosition, Occurrence
from genaudit.audits.reference_companion import Companion
from genaudit.audits.reference_report import ReferencesResult, SearchStats, report
from genaudit.audits.reference_search import STRUCTURED, Classification, in_cell, in_text
from genaudit.audits.regular_json import RegularJson
from genaudit.audits.structured_files import ESCAPED, Cell, MalformedError, cells_of
from genaudit.layout import ARTIFACTS, is_safe_name
from genaudit.schemas import RefKind, Treatment
from genaudit.stages import StageTable
from genaudit.store.contents import (
    Content,
    Cursor,
    Limits,
    UnscannedError,
    characters,
    content_of,
    find_in_chunks,
    read_begin,
)
from genaudit.store.folders import open_file
from genaudit.store.pool import processes, share_out
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.tokens import Hit, IdIndex, looks_like_an_id
from genaudit.store.walk import WHOLE, FileEntry, Root, Share, roots_to_walk, walk

# Bytes that may mark a cell as an id that a quick check cannot find.
_TELLING: Final = (b"gen_id", b"copied_from", b"\\")
_SHOW_EVERY: Final = 256
# Parts of a store for each process, so that the last one does not wait long for the others.
_PARTS_EACH: Final = 4


def references(
    snapshot: Snapshot,
    roots: Sequence[Path] = (),
    left_out: Sequence[Path] = (),
    *,
    more: Mapping[str, tuple[str, ...]] | None = None,
    passed_over: Callable[[str], bool] = lambda _: False,
    limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None,
    companion: Companion | None = None,
    jobs: int | None = 1,
) -> ReferencesResult:
    """Search the data root, and further folders, for the ids of the snapshot.

    The frame has the columns of :data:`genaudit.schemas.REFERENCES`: one row per reference, and one with the
    treatment ``unscanned`` per file that was not searched; root by root, in the order of paths and offsets. Offsets
    are those of the content as UTF-8, so those of the file unless it is compressed or UTF-16.

    :param roots: further folders; overlaps are searched once.
    :param left_out: folders that are not searched.
    :param more: further ids to search for as if the store had them, each with its stages.
    :param passed_over: returns whether another search covers a path; such a file is not counted either.
    :param progress: called from time to time with the generations searched so far and their total.
    :param companion: also gets the bytes of the store's files that it wants.
    :param jobs: the number of processes that search; ``None`` for one per core, if the store is large. The result is
        the same for any.
    :returns: findings ``REFERENCE_DANGLING``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root`` or ``root_is_no_folder``; ``IO_ERROR``, reason
        ``not_readable``.
    """
    held = _stages_by_id(snapshot)
    further = {name: (*held.get(name, ()), *own) for name, own in (more or {}).items()}
    everything = {**held, **{name: tuple(dict.fromkeys(own)) for name, own in further.items()}}
    index = IdIndex(everything, snapshot.stages)
    walked = roots_to_walk([snapshot.root, *roots], left_out)
    searching = _Searching(snapshot, index, walked, limits or Limits(), passed_over, companion)
    number = processes(jobs, len(snapshot.generations))
    with snapshot.whole():
        stats = _shared(searching, number, progress) if number > 1 else searching.all(progress)
    return report(snapshot, walked, stats)


class _Part(NamedTuple):
    """A root, or a share of the data root."""

    root: int
    share: Share = WHOLE


@dataclass(frozen=True, slots=True)
class _Searching:
    """The search of all roots, whole or in parts."""

    snapshot: Snapshot
    index: IdIndex
    roots: Sequence[Root]
    limits: Limits
    passed_over: Callable[[str], bool]
    companion: Companion | None

    def parts(self, shares: int) -> list[_Part]:
        """List the parts of a search, the shares of the data root first."""
        named = [number for number, root in enumerate(self.roots) if root.given is self.snapshot.root]
        shared = [_Part(number, Share(place, shares)) for number in named for place in range(shares)]
        return [*shared, *(_Part(number) for number in range(len(self.roots)) if number not in named)]

    def all(self, progress: Callable[[int, int], None] | None) -> SearchStats:
        """Search all roots in this process."""
        stats = SearchStats()
        for number in range(len(self.roots)):
            self._search(_Part(number), stats, progress)
        return stats

    def part(self, part: _Part) -> tuple[SearchStats, dict[tuple[str, ...], str], Any]:
        """Search a part, and return its hits, the folders that it did not enter, and what the companion found."""
        stats = SearchStats()
        self.roots[part.root].skipped.clear()
        self._search(part, stats, None)
        return stats, self.roots[part.root].skipped, self.companion.taken() if self.companion else None

    def _search(self, part: _Part, stats: SearchStats, progress: Callable[[int, int], None] | None) -> None:
        root = self.roots[part.root]
        in_store = root.given is self.snapshot.root
        name = self.snapshot.name if in_store else str(root.given)
        search = _Search(self.index, (part.root, name), stats, self.limits, self.snapshot.stages, in_store=in_store)
        search.companion = self.companion if in_store else None
        total, due = len(self.snapshot.generations), stats.entered + _SHOW_EVERY
        for entry in walk(root, part.share):
            if not self.passed_over(entry.path):
                search.look(entry)
            if progress and stats.entered >= due:
                progress(stats.entered, total)
                due += _SHOW_EVERY


def _shared(searching: _Searching, jobs: int, progress: Callable[[int, int], None] | None) -> SearchStats:
    """Search in several processes; the order of parts does not matter, because references are sorted by file."""
    parts = searching.parts(jobs * _PARTS_EACH)
    done: dict[int, SearchStats] = {}
    skipped: dict[int, dict[tuple[str, ...], str]] = defaultdict(dict)
    companions: dict[int, Any] = {}
    # The processes of a pool end with the iterator.
    with closing(share_out(parts, searching.part, jobs)) as shares:
        for number, (stats, left_out, taken) in shares:
            done[number] = stats
            companions[number] = taken
            skipped[parts[number].root] |= left_out
            if progress:
                progress(sum(one.entered for one in done.values()), len(searching.snapshot.generations))
    for number, paths in skipped.items():
        searching.roots[number].skipped.update(sorted(paths.items()))
    found = SearchStats()
    for number in sorted(done):
        found.extend(done[number])
        if searching.companion:
            searching.companion.join(companions[number])
    return found


def _stages_by_id(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for stage, by_name in snapshot.rows.items():
        for name in by_name:
            if is_safe_name(name):
                held[name] = (*held[name], stage)
    return held


class _Search:
    """The search of one root."""

    def __init__(
        self,
        index: IdIndex,
        root: tuple[int, str],
        stats: SearchStats,
        limits: Limits,
        stages: StageTable,
        *,
        in_store: bool,
    ) -> None:
        self._index = index
        self._stages = stages
        self._number, self._root = root
        self._stats = stats
        self._limits = limits
        self._in_store = in_store
        self.companion: Companion | None = None
        self._regular = RegularJson(index, stages)

    def look(self, entry: FileEntry) -> None:
        """Search an entry's name, and the contents of a file."""
        self._look_at_name(entry)
        if entry.is_folder and not entry.refused:
            return
        place = placed(entry.path, in_store=self._in_store, stages=self._stages)
        self._stats.seen += 1
        try:
            self._add(entry, place, self._scan(entry, place))
            self._stats.scanned[place.kind] += 1
        except UnscannedError as problem:
            self._stats.unscanned[problem.reason] += 1
            why = f"{problem.reason}: {problem.detail}" if problem.detail else problem.reason
            self._add(entry, place, [(*[None] * 6, Treatment.UNSCANNED, why, None)])

    def _add(self, entry: FileEntry, place: FileType, found: Sequence[Occurrence]) -> None:
        position = FilePosition(self._number, entry.parts)
        self._stats.rows.add(position, (self._root, entry.path, place.kind), found)

    def _look_at_name(self, entry: FileEntry) -> None:
        if entry.name in ARTIFACTS:
            return
        if self._in_store and entry.is_folder and generation_of(entry.path.split("/"), self._stages):
            self._stats.entered += 1
            return
        place = FileType(RefKind.NAME, "")
        hits = self._index.find(entry.name.encode("utf-8", "surrogateescape"))
        self._add(entry, place, [_row(hit, in_text(place, hit)) for hit in hits if hit.known])

    def _scan(self, entry: FileEntry, place: FileType) -> list[Occurrence]:
        handle = _opened(entry)
        content = Content(iter(()))
        try:
            content = content_of(handle, self._limits, self._shared(entry, handle))
            return self._scan_content(place, content)
        finally:
            os.close(handle)
            self._stats.read += content.read

    def _shared(self, entry: FileEntry, handle: int) -> bytes:
        """Read what the companion wants of a file, and hand it over."""
        if self.companion is None or not self.companion.wants(entry.path):
            return b""
        data = read_begin(handle, self.companion.limit)
        self.companion.take(entry.path, data)
        return data

    def _scan_content(self, place: FileType, content: Content) -> list[Occurrence]:
        problem = None
        if place.kind in STRUCTURED:
            data = content.whole(self._limits.whole)
            if data is None:
                problem = "too_large_to_take_apart"
            elif place.kind is not RefKind.SELECTION and not self._may_hold(data):
                return []
            else:
                try:
                    return list(self._in_cells(place, data, content.form))
                except MalformedError as error:
                    problem = error.reason
                    content.chunks = iter((data,))
        return [
            _row(hit, in_text(place, hit, problem), (line, column, hit.start), text=text)
            for hit, line, column, text in find_in_chunks(content.chunks, self._index)
        ]

    def _may_hold(self, data: bytes) -> bool:
        return any(word in data for word in _TELLING) or self._index.may_find(data)

    def _in_cells(self, place: FileType, data: bytes, form: str) -> Iterator[Occurrence]:
        if (regular := self._regular.cells_of(data, place)) is not None:
            for cell, line, column in regular:
                for hit, classification in self._classified(place, cell, form):
                    at = (line, column + characters(cell.text[: hit.start]), cell.start + hit.start)
                    yield _row_of_cell(cell, hit, classification, at)
            return
        cursor = Cursor()
        for cell in cells_of(data, place, self._stages):
            for hit, classification in self._classified(place, cell, form):
                offset = cell.start if cell.problem == ESCAPED else cell.start + hit.start
                yield _row_of_cell(cell, hit, classification, (*cursor.at(data, 0, offset), offset))

    def _classified(self, place: FileType, cell: Cell, form: str) -> Iterator[tuple[Hit, Classification]]:
        hits = self._index.find_in_cell(cell.text)
        for hit in hits:
            yield hit, in_cell(place, cell, hit, form)
        if hits or not cell.names_ids:
            return
        text = cell.text.strip()
        start = cell.text.index(text)
        known = self._index.meant(text)
        hit = Hit(start, start + len(text), known, is_part=False, folder_of=None)
        if known:
            yield hit, Classification(Treatment.AMBIGUOUS, "written_differently")
        elif looks_like_an_id(text, self._stages):
            yield hit, in_cell(place, cell, hit, form)


def _row(
    hit: Hit,
    classification: Classification,
    at: tuple[int | None, int | None, int | None] = (None, None, None),
    *,
    text: bytes = b"",
    field: str | None = None,
) -> Occurrence:
    if hit.known:
        return (*at, hit.known.gen_id, " ".join(hit.known.stages), field, *classification)
    return (*at, text.decode(), None, field, *classification)


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
