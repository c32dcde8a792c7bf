"""Entry point of Dagster: ``dagster dev -m genaudit.pipeline.definitions``."""

from __future__ import annotations

import dagster as dg

import genaudit.pipeline.defs
from genaudit.pipeline.defs.new_cohorts import PLAN_JOB, new_cohorts
from genaudit.pipeline.resources import DataRoot, GeneratorResource, MembershipResource


def resources(
    data_root: DataRoot | None = None,
    *,
    deterministic_gen_ids: str | None = None,
    slim: bool | None = None,
    generator: GeneratorResource | None = None,
) -> dict[str, object]:
    """Create the resources of the assets; the environment supplies missing values."""
    root = data_root or DataRoot()
    membership = MembershipResource(data_root=root, deterministic_gen_ids=deterministic_gen_ids, slim=slim)
    return {"data_root": root, "membership": membership, "generator": generator or GeneratorResource()}


defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(genaudit.pipeline.defs),
    asset_checks=dg.load_asset_checks_from_package_module(genaudit.pipeline.defs),
    jobs=[PLAN_JOB],
    sensors=[new_cohorts],
    resources=resources(),
    # Steps are short: a process for each would take longer to start than to run.
    executor=dg.in_process_executor,
)
