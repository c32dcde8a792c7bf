"""Find every place that quotes a generation's id, and say how a rename would treat it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from genaudit.audits.cells import ESCAPED, MalformedError, cells_of
from genaudit.audits.kinds import Placed, generation_of, placed
from genaudit.audits.quotes import STRUCTURED, Quote, in_cell, in_text
from genaudit.audits.reference_report import ReferencesResult, report
from genaudit.layout import ARTIFACTS, is_safe_name
from genaudit.schemas import RefKind, Treatment
from genaudit.store.contents import Content, Cursor, Limits, UnscannedError, content_of, find_in_chunks
from genaudit.store.folders import open_file
from genaudit.store.records import UnreadableError
from genaudit.store.tokens import Hit, IdIndex, looks_like_an_id
from genaudit.store.walk import Entry, Root, roots_to_walk, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from genaudit.audits.cells import Cell
    from genaudit.store.snapshot import Snapshot

Occurrence = tuple[Any, ...]
# What may make a cell name an id that no quick look can find.
_TELLING: Final = (b"gen_id", b"copied_from", b"\\")
_SHOW_EVERY: Final = 256


@dataclass(slots=True)
class Looked:
    """What was looked at, and what was found.

    :param rows: the values of :data:`genaudit.schemas.REFERENCES`, row by row.
    :param unscanned: entries by the reason why they were not looked into.
    :param scanned: files by kind.
    :param entered: folders of generations.
    :param seen: everything but folders, and folders that could not be entered.
    :param read: bytes.
    """

    rows: list[Occurrence] = field(default_factory=list)
    unscanned: Counter[str] = field(default_factory=Counter)
    scanned: Counter[RefKind] = field(default_factory=Counter)
    entered: int = 0
    seen: int = 0
    read: int = 0


def references(
    snapshot: Snapshot,
    roots: Sequence[Path] = (),
    left_out: Sequence[Path] = (),
    *,
    more: Mapping[str, tuple[str, ...]] | None = None,
    passed_over: Callable[[str], bool] = lambda _: False,
    limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReferencesResult:
    """Search the data root, and further folders, for the ids of the snapshot.

    The frame has the columns of :data:`genaudit.schemas.REFERENCES`: a row for each occurrence, and for each file
    that was not searched one with the treatment ``unscanned``; root by root, in the order of paths and offsets.
    Offsets are those of the content as UTF-8, so those of the file unless it is compressed or UTF-16.

    :param roots: further folders; what several roots share is searched once.
    :param left_out: folders that are not searched.
    :param more: further ids to search for as if the store had them, each with its stages.
    :param passed_over: says of a path whether somebody else looks into it; such a file is not counted either.
    :param progress: called now and then with the generations searched so far and their total.
    :returns: findings ``REFERENCE_DANGLING``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root`` or ``root_is_no_folder``; ``IO_ERROR``, reason
        ``not_readable``.
    """
    held = _stages_by_id(snapshot)
    further = {name: (*held.get(name, ()), *stages) for name, stages in (more or {}).items()}
    index = IdIndex({**held, **{name: tuple(dict.fromkeys(stages)) for name, stages in further.items()}})
    walked = roots_to_walk([snapshot.root, *roots], left_out)
    looked = Looked()
    total, due = len(snapshot.generations), _SHOW_EVERY
    for root in walked:
        search = _Search(index, root, looked, limits or Limits(), in_store=root.given is snapshot.root)
        for entry in walk(root):
            if not passed_over(entry.path):
                search.look(entry)
            if progress and looked.entered >= due:
                progress(looked.entered, total)
                due += _SHOW_EVERY
    return report(snapshot, walked, looked)


def _stages_by_id(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for stage, by_name in snapshot.rows.items():
        for name in by_name:
            if is_safe_name(name):
                held[name] = (*held[name], stage)
    return held


class _Search:
    """Goes through the entries of one root."""

    def __init__(self, index: IdIndex, root: Root, looked: Looked, limits: Limits, *, in_store: bool) -> None:
        self._index = index
        self._root = str(root.given)
        self._looked = looked
        self._limits = limits
        self._in_store = in_store

    def look(self, entry: Entry) -> None:
        """Look at an entry's name, and for ids in a file."""
        self._look_at_name(entry)
        if entry.is_folder and not entry.refused:
            return
        place = placed(entry.path, in_store=self._in_store)
        self._looked.seen += 1
        try:
            self._looked.rows += self._scan(entry, place)
            self._looked.scanned[place.kind] += 1
        except UnscannedError as problem:
            self._looked.unscanned[problem.reason] += 1
            said = f"{problem.reason}: {problem.detail}" if problem.detail else problem.reason
            self._looked.rows.append(
                (self._root, entry.path, place.kind, *[None] * 6, Treatment.UNSCANNED, said, None)
            )

    def _look_at_name(self, entry: Entry) -> None:
        if entry.name in ARTIFACTS:
            return
        if self._in_store and entry.is_folder and generation_of(entry.path.split("/")):
            self._looked.entered += 1
            return
        place = Placed(RefKind.NAME, "")
        for hit in self._index.find(entry.name.encode("utf-8", "surrogateescape")):
            if hit.known:
                self._looked.rows.append(self._row(entry, place, hit, in_text(place, hit)))

    def _scan(self, entry: Entry, place: Placed) -> list[Occurrence]:
        handle = _opened(entry)
        content = Content(iter(()))
        try:
            content = content_of(handle, self._limits)
            return self._scan_content(entry, place, content)
        finally:
            os.close(handle)
            self._looked.read += content.read

    def _scan_content(self, entry: Entry, place: Placed, content: Content) -> list[Occurrence]:
        problem = None
        if place.kind in STRUCTURED:
            data = content.whole(self._limits.whole)
            if data is None:
                problem = "too_large_to_take_apart"
            elif place.kind is not RefKind.SELECTION and not self._may_hold(data):
                return []
            else:
                try:
                    return list(self._in_cells(entry, place, data, content.form))
                except MalformedError as error:
                    problem = error.reason
                    content.chunks = iter((data,))
        return [
            self._row(entry, place, hit, in_text(place, hit, problem), (line, column, hit.start), text=text)
            for hit, line, column, text in find_in_chunks(content.chunks, self._index)
        ]

    def _may_hold(self, data: bytes) -> bool:
        return any(word in data for word in _TELLING) or self._index.may_find(data)

    def _in_cells(self, entry: Entry, place: Placed, data: bytes, form: str) -> Iterator[Occurrence]:
        cursor = Cursor()
        for cell in cells_of(data, place):
            for hit, quote in self._quotes(place, cell, form):
                offset = cell.start if cell.problem == ESCAPED else cell.start + hit.start
                at = (*cursor.at(data, 0, offset), offset)
                yield self._row(
                    entry, place, hit, quote, at, text=cell.text[hit.start : hit.end], field=cell.field or None
                )

    def _quotes(self, place: Placed, cell: Cell, form: str) -> Iterator[tuple[Hit, Quote]]:
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
            yield hit, Quote(Treatment.AMBIGUOUS, "written_differently")
        elif looks_like_an_id(text):
            yield hit, in_cell(place, cell, hit, form)

    def _row(
        self,
        entry: Entry,
        place: Placed,
        hit: Hit,
        quote: Quote,
        at: tuple[int | None, int | None, int | None] = (None, None, None),
        *,
        text: bytes = b"",
        field: str | None = None,
    ) -> Occurrence:
        gen_id = hit.known.gen_id if hit.known else text.decode()
        stages = " ".join(hit.known.stages) if hit.known else None
        return (self._root, entry.path, place.kind, *at, gen_id, stages, field, *quote)


def _opened(entry: Entry) -> int:
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
