"""References audit: finds every reference to a generation's id, and its treatment by a rename."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from genaudit.audits.file_search import FileSearch
from genaudit.audits.generation_search import GenerationSearch
from genaudit.audits.reference_companion import Companion
from genaudit.audits.reference_report import ReferencesResult, SearchStats, report
from genaudit.audits.regular_json import RegularJson
from genaudit.layout import GENS, is_safe_name
from genaudit.store.contents import Limits
from genaudit.store.pool import ALONE, Workers
from genaudit.store.snapshot import Snapshot
from genaudit.store.source import Part
from genaudit.store.tokens import IdIndex
from genaudit.store.walk import Root, roots_to_walk, walk


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
    workers: Workers = ALONE,
) -> ReferencesResult:
    """Search the data root, and further folders, for the ids of the snapshot.

    The frame has the columns of :data:`genaudit.schemas.REFERENCES`: one row per reference, and one with the
    treatment ``unscanned`` per file that was not searched; root by root, in the order of paths and offsets. Offsets
    are those of the content as UTF-8, so those of the file unless it is compressed or UTF-16.

    :param roots: further folders; overlaps are searched once.
    :param left_out: folders that are not searched.
    :param more: further ids to search for as if the store had them, each with its stages.
    :param passed_over: returns whether another search covers a path outside the folders of generations; such a file
        is not counted either.
    :param progress: called from time to time with the generations searched so far and their total.
    :param companion: also gets the bytes of the generations' files that it wants.
    :param workers: the processes that search; files outside the folders of generations are searched on this machine.
    :returns: findings ``REFERENCE_DANGLING``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root`` or ``root_is_no_folder``; ``IO_ERROR``, reason
        ``not_readable``.
    """
    held = _stages_by_id(snapshot)
    further = {name: (*held.get(name, ()), *own) for name, own in (more or {}).items()}
    everything = {**held, **{name: tuple(dict.fromkeys(own)) for name, own in further.items()}}
    walked = roots_to_walk([snapshot.root, *roots], left_out)
    parts = [part for part in snapshot.whole_parts(with_parents=companion is not None) if _enters(walked[0], part)]
    searching = _Searching(snapshot.name, walked, IdIndex(everything, snapshot.stages), limits or Limits(), companion)
    searching.apart = _apart(parts)
    searching.passed_over = passed_over
    found: dict[int, _Found] = {}
    done, total = 0, len(snapshot.generations)
    # The processes of a pool end with the iterator.
    numbered = workers.over(parts, searching.part, total, range(len(walked)))
    with snapshot.whole(searching.apart), closing(numbered):
        for number, one in numbered:
            found[number] = one
            done += one.stats.entered
            if progress and one.stats.entered:
                progress(done, total)
    return report(snapshot, walked, _joined(found, walked, companion))


def _stages_by_id(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for stage, by_name in snapshot.rows.items():
        for name in by_name:
            if is_safe_name(name):
                held[name] = (*held[name], stage)
    return held


def _enters(root: Root, part: Part) -> bool:
    gens = root.real / GENS
    return root.left_out.isdisjoint((gens, gens / part.stage))


def _apart(parts: Iterable[Part]) -> dict[str, set[str]]:
    """List the generations of parts by stage."""
    apart: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        apart[part.stage].update(part.names)
    return apart


class _Found(NamedTuple):
    """The results of a part: of its root, with the folders that were not entered, and of the companion."""

    stats: SearchStats
    root: int
    skipped: dict[tuple[str, ...], str]
    taken: Any = None


class _Searching:
    """The search of all roots, part by part; a copy of it works in each process.

    :param name: the data root, the first of the roots, as reports name it.
    """

    def __init__(
        self, name: str, roots: Sequence[Root], index: IdIndex, limits: Limits, companion: Companion | None
    ) -> None:
        self._shared = (name, roots, index, limits, companion)
        self._names = [name, *(str(root.given) for root in roots[1:])]
        self._roots = roots
        self._limits = limits
        self._index = index
        self._companion = companion
        self._regular = RegularJson(index, index.stages)
        # The companion keeps results of a part: threads of a worker take turns.
        self._lock = Lock()
        self.apart: Mapping[str, set[str]] = {}
        self.passed_over: Callable[[str], bool] = lambda _: False

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave out what only a search of whole roots needs."""
        return _Searching, self._shared

    def part(self, part: Part | int) -> _Found:
        """Search a part of the data root, or all of a root that is in no part."""
        if isinstance(part, int):
            return self._rest(part)
        with part.whole() as path, self._lock:
            return self._generations(part, path)

    def _rest(self, number: int) -> _Found:
        root, stats = replace(self._roots[number], skipped={}), SearchStats()
        search = self._search(number, stats)
        for entry in walk(root, self.apart if number == 0 else {}):
            if not self.passed_over(entry.path):
                search.look(entry)
        return _Found(stats, number, root.skipped)

    def _generations(self, part: Part, path: Path) -> _Found:
        root = replace(self._roots[0], real=Path(os.path.realpath(path)), skipped={})
        stats, companion = SearchStats(), self._companion
        search = GenerationSearch(self._search(0, stats), self._regular, part.stage)
        if companion is None:
            search.look(root, part.names, None)
            return _Found(stats, 0, root.skipped)
        with companion.opened(path):
            search.look(root, part.names, companion)
            companion.finish(part.stage, part.names)
        return _Found(stats, 0, root.skipped, companion.taken())

    def _search(self, number: int, stats: SearchStats) -> FileSearch:
        return FileSearch(self._index, (number, self._names[number]), stats, self._limits, in_store=number == 0)


def _joined(found: Mapping[int, _Found], roots: Sequence[Root], companion: Companion | None) -> SearchStats:
    """Put the results of parts together."""
    stats = SearchStats()
    skipped: dict[int, dict[tuple[str, ...], str]] = defaultdict(dict)
    for _, one in sorted(found.items()):
        stats.extend(one.stats)
        skipped[one.root] |= one.skipped
        if companion and one.taken is not None:
            companion.join(one.taken)
    for number, paths in skipped.items():
        roots[number].skipped.update(sorted(paths.items()))
    return stats
