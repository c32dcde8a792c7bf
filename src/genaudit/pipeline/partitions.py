"""Dynamic partitions, one per generation of a stage, in step with the memberships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import dagster as dg

from genaudit.stages import STAGES, partitions_of

# Well below the number of variables that SQLite allows in a statement.
BATCH: Final = 5_000

PARTITIONS: Final[Mapping[str, dg.DynamicPartitionsDefinition]] = MappingProxyType(
    {stage.name: dg.DynamicPartitionsDefinition(name=stage.partitions) for stage in STAGES.values()}
)


def partitions_name(stage: str) -> str:
    """The name of a stage's partitions in the instance."""
    return partitions_of(stage)


def add_partitions(instance: dg.DagsterInstance, stage: str, gen_ids: Iterable[str]) -> int:
    """Register new ids as partitions. Nothing is deleted.

    :returns: the number of added partitions.
    """
    name = partitions_name(stage)
    known = set(instance.get_dynamic_partitions(name))
    new = [gen_id for gen_id in dict.fromkeys(gen_ids) if gen_id not in known]
    for start in range(0, len(new), BATCH):
        instance.add_dynamic_partitions(name, new[start : start + BATCH])
    return len(new)


def prune_partitions(
    instance: dg.DagsterInstance, stage: str, keys: Iterable[str], listed: Iterable[str]
) -> list[str]:
    """Delete the partitions that no membership lists.

    :param keys: the partitions, listed before the memberships were read. A membership is written before its ids are
        registered, so none of these keys can be listed only later.
    :param listed: the ids in memberships.
    :returns: the deleted keys, sorted.
    """
    gone = sorted(set(keys).difference(listed))
    for key in gone:
        instance.delete_dynamic_partition(partitions_name(stage), key)
    return gone
