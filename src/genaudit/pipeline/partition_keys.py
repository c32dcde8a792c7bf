"""Partition keys of a Dagster instance, for migrations."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EIO
from pathlib import Path
from sqlite3 import Error as SqliteError
from types import TracebackType
from typing import Final, Self

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from genaudit.decisions import Step
from genaudit.errors import DDError, Err, Reason
from genaudit.pipeline.partitions import add_partitions
from genaudit.pipeline.stage_runs import VERSION_TAG, asset_name
from genaudit.stages import stage_of_partitions

RENAMED_FROM: Final = "renamed_from"

_REFUSALS: Final = (dg.DagsterError, SQLAlchemyError, SqliteError)


class PartitionKeys:
    """The partition keys of an instance; all calls raise ``OSError`` if the instance fails.

    :param where: name of the instance in messages.
    """

    def __init__(self, instance: dg.DagsterInstance, where: str = "dagster") -> None:
        self._instance = instance
        self._where = where
        self._materialized: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        """Return the keys."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the instance."""
        self._instance.dispose()

    def keys(self, definition: str) -> Sequence[str]:
        """List the keys of a definition."""
        with self._reaching():
            return list(self._instance.get_dynamic_partitions(definition))

    def add(self, definition: str, keys: Sequence[str]) -> None:
        """Add keys in batches; existing keys are ignored."""
        with self._reaching():
            add_partitions(self._instance, stage_of_partitions(definition), keys)

    def delete(self, definition: str, keys: Sequence[str]) -> None:
        """Delete keys; missing keys are ignored."""
        with self._reaching():
            for key in keys:
                self._instance.delete_dynamic_partition(definition, key)

    def link(self, definition: str, old: str, new: str) -> None:
        """Continue the old key's history under the new key, asset by asset.

        A key that was never materialized has no history, so nothing is recorded for the new one.
        """
        with self._reaching():
            for step in Step:
                self._link(dg.AssetKey(asset_name(stage_of_partitions(definition), step)), old, new)

    def _link(self, asset: dg.AssetKey, old: str, new: str) -> None:
        name = asset.to_user_string()
        if name not in self._materialized:
            self._materialized[name] = set(self._instance.get_materialized_partitions(asset))
        if old not in self._materialized[name]:
            return
        latest = self._instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[old]), limit=1
        ).records
        tags = (latest[0].asset_materialization.tags if latest and latest[0].asset_materialization else None) or {}
        self._instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset,
                partition=new,
                metadata={RENAMED_FROM: old},
                # The text is unchanged, so results computed from it are not stale.
                tags={VERSION_TAG: tags[VERSION_TAG]} if VERSION_TAG in tags else None,
            )
        )

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except _REFUSALS as error:
            raise OSError(EIO, str(error).partition("\n")[0], self._where) from error


def open_keys(home: Path) -> PartitionKeys:
    """Open the keys of the instance in a ``DAGSTER_HOME``.

    :raises DDError: ``INVALID_CONFIG``, reason ``dagster_home_missing`` or ``dagster_home_not_readable``.
    """
    if not home.is_dir():
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.DAGSTER_HOME_MISSING, "path": str(home)})
    try:
        return PartitionKeys(dg.DagsterInstance.from_config(os.path.realpath(home)), str(home))
    except (*_REFUSALS, OSError) as error:
        ctx = {"reason": Reason.DAGSTER_HOME_NOT_READABLE, "path": str(home), "error": str(error).partition("\n")[0]}
        raise DDError(Err.INVALID_CONFIG, ctx) from error


def sandbox_keys(keys: Mapping[str, Iterable[str]]) -> PartitionKeys:
    """Create a temporary instance that disappears when it is closed.

    :param keys: its keys by definition.
    """
    made = PartitionKeys(dg.DagsterInstance.ephemeral(), "sandbox")
    for definition, each in keys.items():
        made.add(definition, list(each))
    return made
