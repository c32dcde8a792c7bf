"""Partition keys for the migration commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from genaudit.cli.extras import has_pipeline, load
from genaudit.cli.terminal import log
from genaudit.migration.partitions import Partitions
from genaudit.stages import partitions_of
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import scan

_MODULE: Final = "pipeline.partition_keys"


@contextmanager
def keys_of(home: Path | None) -> Iterator[Partitions | None]:
    """Open the keys of a Dagster instance.

    :param home: its folder; without one there are no keys.
    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing``, ``dagster_home_missing`` or
        ``dagster_home_not_readable``.
    """
    if home is None:
        yield None
        return
    with load(_MODULE).open_keys(home) as keys:
        yield keys


@contextmanager
def sandbox_of(root: Path, home: Path | None) -> Iterator[Partitions | None]:
    """Create keys for a simulation: those of a Dagster instance, else one per generation of a store.

    :raises DDError: as :func:`keys_of` and :func:`genaudit.store.snapshot.scan`.
    """
    if home is None and not has_pipeline():
        log.info("Dagster is not installed: changes of partition keys are not tried")
        yield None
        return
    if home is None:
        snapshot = scan(root)
        names = {partitions_of(stage): list(rows) for stage, rows in snapshot.rows.items()}
    else:
        with keys_of(home) as keys:
            definitions = map(partitions_of, read_settings(root).stages)
            names = {name: list(keys.keys(name)) for name in definitions} if keys else {}
    with load(_MODULE).sandbox_keys(names) as sandbox:
        yield sandbox
