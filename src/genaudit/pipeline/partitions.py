"""The dynamic partitions, one for each generation of a stage, and keeping them in step with the memberships."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import dagster as dg

from genaudit.stages import STAGES, partitions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Far below the number of keys at which one statement has too many variables for SQLite.
BATCH: Final = 5_000

PARTITIONS: Final[Mapping[str, dg.DynamicPartitionsDefinition]] = MappingProxyType(
    {stage.name: dg.DynamicPartitionsDefinition(name=stage.partitions) for stage in STAGES.values()}
)


def partitions_name(stage: str) -> str:
    """The name of a stage's partitions in the instance."""
    return partitions_of(stage)


def add_partitions(instance: dg.DagsterInstance, stage: str, gen_ids: Iterable[str]) -> int:
    """Register ids as partitions, those that are none yet; nothing is ever taken away here.

    :returns: how many were added.
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

    :param keys: the partitions, taken before the memberships were read: whoever registers an id has written its
        membership first, so that none of these can be listed only later.
    :param listed: the ids that memberships list.
    :returns: the keys that were deleted, sorted.
    """
    gone = sorted(set(keys).difference(listed))
    for key in gone:
        instance.delete_dynamic_partition(partitions_name(stage), key)
    return gone
