"""Snapshot of a store, read once; the input of every audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.encoded import Encoded, concatenated, constant, encode
from genaudit.ids import SEPARATOR
from genaudit.layout import Layout, are_safe_names, is_safe_name
from genaudit.limits import NO_LIMITS, StoreLimits
from genaudit.schemas import SNAPSHOT, STRAYS, RecordState, frame, from_rows
from genaudit.stage_file import StoreSettings
from genaudit.stages import PARENT, REPLICATE, STAGES, StageTable
from genaudit.store.base_ids import other_ids, signature_texts
from genaudit.store.catalogs import CatalogIds, read_catalog_ids
from genaudit.store.gc_pause import without_gc
from genaudit.store.known import KnownGenerations, changed_names, with_kept
from genaudit.store.pool import Engine, Workers
from genaudit.store.reading import Reading
from genaudit.store.remote import source_of
from genaudit.store.scan import Shard, Stray, shown
from genaudit.store.settings import read_settings
from genaudit.store.source import LocalSource, Part, Source
from genaudit.store.stage_names import bad_names, stage_names, unusable_keys
from genaudit.store.usage import Usage


@dataclass(frozen=True)
class Snapshot:
    """The result of one scan.

    :param root: the data root.
    :param generations: one row per generation folder, whatever its state; columns of
        :data:`genaudit.schemas.SNAPSHOT`, record fields normalised, sorted by stage and id, numbered from 0.
    :param irregular: by row number, the record as stored where it differs from the normalised one.
    :param strays: misplaced entries; columns of :data:`genaudit.schemas.STRAYS`, sorted.
    :param catalogs: the ids that the store's catalogs know.
    :param stages: the store's table of stages.
    :param named: the data root as reports name it, if it is read from elsewhere.
    :param left_out: by name, the entries below ``gens/`` that ``[ignore]`` in ``genaudit.toml`` leaves out.
    :param limits: the limits that the store sets.
    :param source: where the files of its generations are; by default, below the root.
    :param scanned_ids: the scan's :attr:`other_ids`.
    :param usages: by row, the token counts in the reports of answers that the scan read.
    """

    root: Path
    generations: pd.DataFrame
    irregular: Mapping[int, Mapping[str, Any]]
    strays: pd.DataFrame
    catalogs: CatalogIds
    stages: StageTable = STAGES
    named: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    limits: StoreLimits = NO_LIMITS
    source: Source | None = field(default=None, repr=False, compare=False)
    scanned_ids: Mapping[int, str | None] | None = field(default=None, repr=False, compare=False)
    usages: Mapping[int, Usage] = field(default_factory=dict, repr=False, compare=False)
    _lists: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def layout(self) -> Layout:
        """The paths of the store."""
        return Layout(self.root, self.stages)

    @property
    def name(self) -> str:
        """The data root as reports name it."""
        return self.named or str(self.root)

    def batches(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[Sequence[str]]:
        """Cut generations of a stage into batches; their files can be read until the next one."""
        return self.source.batches(stage, names, files) if self.source else iter((names,))

    def at_hand(self, stage: str, names: Sequence[str], files: Collection[str]) -> AbstractContextManager[None]:
        """Hold files of generations readable below the root for a ``with`` block."""
        return self.source.at_hand(stage, names, files) if self.source else nullcontext()

    def whole(self, but: Mapping[str, Collection[str]] = MappingProxyType({})) -> AbstractContextManager[None]:
        """Hold every file of the data root readable below the root for a ``with`` block.

        :param but: by stage, generations that are left out.
        """
        return self.source.whole(but) if self.source else nullcontext()

    def whole_parts(self, *, with_parents: bool) -> list[Part]:
        """Cut the generations whose names can be paths into parts for readers of every file.

        Children of one parent follow each other, so that few parts need its text.

        :param with_parents: whether a part has the parsed texts of parents too.
        """
        names, parents = self.values("gen_id"), self.values(PARENT)
        ordered = {
            stage: [
                names[row]
                for row in sorted(span, key=lambda row: (parents[row] or "", row))
                if is_safe_name(names[row])
            ]
            for stage, span in self.spans.items()
        }

        def parent_of(stage: str, name: str) -> tuple[str, str] | None:
            above, parent = self.stages[stage].parent, parents[self.rows[stage][name]]
            return (above, parent) if above and parent else None

        source = self.source or LocalSource(self.root)
        return [*source.whole_parts(ordered, parent_of if with_parents else None)]

    def as_named(self, value: Any) -> Any:  # noqa: ANN401 (any plain value)
        """Return a path below the root as reports name it; any other value stays the same."""
        return self.name + value[len(str(self.root)) :] if str(value).startswith(str(self.root)) else value

    @cached_property
    def spans(self) -> Mapping[str, range]:
        """The row numbers of each stage, in stage order; they follow each other."""
        counts = self.generations["stage"].value_counts()
        ends = list(accumulate(int(counts[stage]) for stage in self.stages))
        return {stage: range(end - int(counts[stage]), end) for stage, end in zip(self.stages, ends, strict=True)}

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, int]]:
        """The row number of each generation, by stage and id."""
        names = self.values("gen_id")
        return {stage: {names[row]: row for row in span} for stage, span in self.spans.items()}

    @cached_property
    def parent_rows(self) -> NDArray[np.int64]:
        """For each row, that of the generation of the parent stage that its record names; -1 if there is none."""
        named, found = self.values(PARENT), np.full(len(self.generations), -1)
        for stage, span in self.spans.items():
            if above := self.stages[stage].parent:
                known = self.rows[above]
                rows = map(known.get, named[span.start : span.stop], repeat(-1))
                found[span.start : span.stop] = np.fromiter(rows, np.int64, len(span))
        return found

    @cached_property
    def other_ids(self) -> Mapping[int, str | None]:
        """By row, the id without collision index that its signature gives, if it is not the row's name.

        ``None`` without a signature.
        """
        if self.scanned_ids is not None:
            return self.scanned_ids
        names, found = self.values("gen_id"), dict[int, str | None]()
        for stage, span in self.spans.items():
            fields = (*self.stages[stage].signature, REPLICATE)
            columns = {name: encode(self.values(name)[span.start : span.stop]) for name in fields}
            others = other_ids(stage, names[span.start : span.stop], columns, self.stages)
            found.update((span.start + row, new) for row, new in others.items())
        return found

    @cached_property
    def signatures(self) -> list[str | None]:
        """The text that each row's id is hashed from, its parts joined; ``None`` if a part is missing."""
        texts: list[str | None] = []
        for stage, span in self.spans.items():
            fields = (*self.stages[stage].signature, REPLICATE)
            texts += signature_texts([self.values(name)[span.start : span.stop] for name in fields])
        return texts

    def signature_text(self, row: int) -> str:
        """Return the text that a row's id is hashed from; the row must have a signature."""
        return SEPARATOR.join(map(str, self.signature(row)))

    def signature(self, row: int) -> tuple[Any, ...]:
        """The parts of a row's signature: equal texts can hide a separator inside a part, equal parts cannot."""
        fields = (*self.stages[self.values("stage")[row]].signature, REPLICATE)
        return tuple(self.values(name)[row] for name in fields)

    def values(self, column: str) -> list[Any]:
        """Return a column of the generations as a read-only list, with ``None`` for missing values."""
        if column not in self._lists:
            series = self.generations[column]
            missing = series.isna()
            objects = series.astype(object).where(~missing, None) if missing.any() else series
            self._lists[column] = objects.tolist()
        return self._lists[column]

    def stored(self, row: int) -> dict[str, Any]:
        """Return the stored record of a row: every field of the file with its value.

        Empty if the record could not be read.
        """
        if row in self.irregular:
            return dict(self.irregular[row])
        if self.values("state")[row] != RecordState.OK:
            return {}
        record = {name: self.values(name)[row] for name in self.stages.record_fields}
        return {name: value for name, value in record.items() if value is not None}


def snapshot_columns(stages: StageTable) -> dict[str, str]:
    """Return :data:`genaudit.schemas.SNAPSHOT` with the fields that only this table's records have."""
    own = dict.fromkeys(stages.own_fields, "str")
    columns: dict[str, str] = {}
    for name, dtype in SNAPSHOT.items():
        if name == REPLICATE:
            columns |= own
        columns[name] = dtype
    return columns


def scan(
    store: Path | str | Source,
    progress: Callable[[int, int], None] | None = None,
    jobs: int | None = 1,
    engine: Engine | None = None,
    known: KnownGenerations | None = None,
) -> Snapshot:
    """Read a store in one pass without changing anything.

    :param store: the data root, a path or a URL, or the source that leads to it.
    :param progress: called after each part with the entries read so far and their total.
    :param jobs: the number of processes that read; ``None`` for one per core, if the store is large. The result is
        the same for any number.
    :param engine: reads the parts of the store elsewhere.
    :param known: generations that are not read again if they have not changed.
    :raises DDError: as :meth:`genaudit.store.source.Source.gens` and :func:`genaudit.store.settings.read_settings`.

    >>> snapshot = scan("store")
    >>> len(snapshot.generations)
    393
    """
    source = source_of(store) if isinstance(store, Path | str) else store
    strays = unusable_keys(source)
    with source.gens() as gens, without_gc():
        settings = read_settings(source.root)
        left_out: Counter[str] = Counter()
        names = stage_names(source, gens, strays, settings, left_out)
        kept = known.unchanged(source, settings) if known else {}
        shards = Reading(progress, Workers(jobs, engine)).shards(source, changed_names(names, kept), settings)
        return _assemble(source, with_kept(shards, kept, names), strays, settings, left_out)


def check_store(root: Path) -> None:
    """Check that a folder has a store in it, without reading the store.

    :raises DDError: as :func:`scan`.
    """
    with LocalSource(root).gens():
        pass


def _assemble(
    source: Source, shards: list[Shard], strays: list[Stray], settings: StoreSettings, left_out: Counter[str]
) -> Snapshot:
    stages = settings.stages
    sizes = [len(shard.names) for shard in shards]
    parts = [constant(shard.stage, size) for shard, size in zip(shards, sizes, strict=True)]
    names = [name for shard in shards for name in shard.names]
    columns: dict[str, Encoded | list[str]] = {
        "stage": concatenated(parts),
        "gen_id": names if are_safe_names(names) else [*map(shown, names)],
    }
    for name in snapshot_columns(stages):
        if name not in columns:
            columns[name] = concatenated([shard.columns[name] for shard in shards])
    irregular: dict[int, Mapping[str, Any]] = {}
    others: dict[int, str | None] = {}
    usages: dict[int, Usage] = {}
    for shard, end in zip(shards, accumulate(sizes), strict=True):
        first = end - len(shard.names)
        irregular.update((first + row, record) for row, record in shard.irregular.items())
        others.update((first + row, new) for row, new in shard.other_ids.items())
        usages.update((first + row, usage) for row, usage in shard.usages.items())
        strays.extend(shard.strays)
        left_out.update(shard.left_out)
    strays.extend(bad_names([shard.stage for shard in shards for _ in shard.names], names))
    rows = [
        {
            "code": stray.code,
            "stage": stray.stage,
            "name": stray.name,
            "path": stray.path,
            "detail": stray.detail,
        }
        # Every part of a missing stage reports it.
        for stray in dict.fromkeys(strays)
    ]
    return Snapshot(
        root=source.root,
        generations=frame(snapshot_columns(stages), columns, stages),
        irregular=MappingProxyType(irregular),
        strays=from_rows(STRAYS, rows).sort_values(["path", "code"], ignore_index=True),
        catalogs=read_catalog_ids(Layout(source.root, stages)),
        stages=stages,
        named=source.named,
        left_out=MappingProxyType(dict(sorted(left_out.items()))),
        limits=settings.limits,
        source=source,
        scanned_ids=MappingProxyType(others),
        usages=MappingProxyType(usages),
    )
