"""Generations that an earlier scan read, for one that reads the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from genaudit.encoded import concatenated, encode
from genaudit.stage_file import StoreSettings
from genaudit.store.scan import Shard
from genaudit.store.source import Source
from genaudit.store.usage import Usage


class KnownGenerations(Protocol):
    """Source of generations that an earlier scan read."""

    def unchanged(self, source: Source, settings: StoreSettings) -> Mapping[str, Shard]:
        """Return the generations that are as they were, by stage."""


def changed_names(names: Mapping[str, Sequence[str]], kept: Mapping[str, Shard]) -> dict[str, Sequence[str]]:
    """Return the names of each stage that are not among the kept generations."""
    others: dict[str, Sequence[str]] = {}
    for stage, own in names.items():
        known = frozenset(kept[stage].names) if stage in kept else frozenset()
        others[stage] = [name for name in own if name not in known] if known else own
    return others


def with_kept(shards: list[Shard], kept: Mapping[str, Shard], names: Mapping[str, Sequence[str]]) -> list[Shard]:
    """Add kept generations to those that were read, all in the order of their names."""
    if not kept:
        return shards
    of_stage = {stage: [one for one in (*kept.values(), *shards) if one.stage == stage] for stage in names}
    return [_in_order(own, names[stage]) for stage, own in of_stage.items() if own]


def _in_order(shards: Sequence[Shard], names: Sequence[str]) -> Shard:
    places = {name: place for place, name in enumerate(names)}
    ids = [name for one in shards for name in one.names]
    order = sorted(range(len(ids)), key=lambda row: places[ids[row]])
    rows = {ids[row]: number for number, row in enumerate(order)}
    irregular: dict[int, dict[str, Any]] = {}
    others: dict[int, str | None] = {}
    usages: dict[int, Usage] = {}
    for one in shards:
        own = one.names
        irregular.update((rows[own[row]], record) for row, record in one.irregular.items())
        others.update((rows[own[row]], new) for row, new in one.other_ids.items())
        usages.update((rows[own[row]], usage) for row, usage in one.usages.items())
    columns = {name: concatenated([one.columns[name] for one in shards]).take()[order] for name in shards[0].columns}
    return Shard(
        shards[0].stage,
        {name: encode(values.tolist()) for name, values in columns.items()},
        dict(sorted(irregular.items())),
        [stray for one in shards for stray in one.strays],
        sum((one.left_out for one in shards), Counter()),
        dict(sorted(others.items())),
        usages,
    )
