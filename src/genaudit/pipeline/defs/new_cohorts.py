"""Job that plans a cohort, and a sensor that starts it for every new spec."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import dagster as dg

from genaudit.cohorts.membership import MEMBERSHIP_NAME
from genaudit.cohorts.repository import FileSpecRepository
from genaudit.cohorts.safe_paths import open_below
from genaudit.cohorts.spec_file import read_below
from genaudit.layout import Layout, is_safe_name
from genaudit.pipeline.boundary import failures
from genaudit.pipeline.defs.cohort_assets import cohort_id, cohort_membership, register_cohort_partitions
from genaudit.pipeline.resources import DataRoot
from genaudit.store.records import UnreadableError

PLAN_JOB: Final = dg.define_asset_job(
    "plan_cohort",
    selection=dg.AssetSelection.assets(cohort_id, cohort_membership, register_cohort_partitions),
    description="Build a cohort's membership, check it, and register a partition for each of its generations.",
)


@dg.sensor(
    job=PLAN_JOB,
    minimum_interval_seconds=60,
    # It writes to the store, so somebody has to switch it on.
    default_status=dg.DefaultSensorStatus.STOPPED,
)
def new_cohorts(data_root: DataRoot) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Plan each cohort that has a spec and no membership. A spec that changed is tried again."""
    with failures():
        found = unplanned(Layout(data_root.root))
    if not found:
        yield dg.SkipReason(f"No cohort below {data_root.root} has a spec without a membership.")
    for name, digest in found.items():
        config = {"ops": {"cohort_id": {"config": {"cohort_id": name}}}}
        yield dg.RunRequest(run_key=f"{name}:{digest}", run_config=config, tags={"genaudit/cohort": name})


def unplanned(layout: Layout) -> dict[str, str]:
    """List the cohorts that have a spec and no membership, with the digest of their spec.

    :raises DDError: as :func:`~genaudit.cohorts.safe_paths.open_below`.
    """
    try:
        with open_below(layout.root, layout.cohorts.name) as handle:
            names = sorted(filter(is_safe_name, os.listdir(handle)))
    except FileNotFoundError:
        return {}
    specs, found = FileSpecRepository(layout.root), {}
    for name in names:
        paths = specs.paths(name)
        if paths and not os.path.lexists(layout.cohort(name) / MEMBERSHIP_NAME):
            found[name] = "-".join(_digest(layout, path) for path in paths)
    return found


def _digest(layout: Layout, path: Path) -> str:
    """Return the digest of a spec. An unreadable one has a fixed digest: the run reports its error once."""
    try:
        return sha256(read_below(layout.root, path.relative_to(layout.root).parts)).hexdigest()[:16]
    except (OSError, UnreadableError):
        return "unreadable"
