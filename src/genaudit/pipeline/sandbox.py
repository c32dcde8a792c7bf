"""Runner of the assets in this process, for any instance and data root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pandas as pd

from genaudit.cohorts.service import MembershipService
from genaudit.decisions import Step
from genaudit.pipeline.definitions import defs, resources
from genaudit.pipeline.partitions import partitions_name
from genaudit.pipeline.resources import DataRoot, GeneratorResource
from genaudit.pipeline.stage_runs import asset_name

PLANNING: Final = ("cohort_id", "cohort_membership", "register_cohort_partitions")
SCORING: Final = ("cohort_aggregated_scores", "generation_scores_pivot")

# Dagster's tags for a run over a range of partitions.
_FIRST_TAG: Final = "dagster/asset_partition_range_start"
_LAST_TAG: Final = "dagster/asset_partition_range_end"
_QUIET: Final = {"console": {"config": {"log_level": "CRITICAL"}}}


class Sandbox:
    """Runner that materializes assets one run after the other; a failed run is reported in its result.

    :param instance: storage of partitions and events.
    :param root: the data root.
    :param deterministic_gen_ids: the value of the flag; ``None`` leaves it to the environment, likewise ``slim``.
    :param generator: the generator of answers; offline by default.
    """

    def __init__(
        self,
        instance: dg.DagsterInstance,
        root: Path,
        *,
        deterministic_gen_ids: str | None = None,
        slim: bool | None = None,
        generator: GeneratorResource | None = None,
    ) -> None:
        self.instance = instance
        self._root = root
        definitions = dg.Definitions(
            assets=defs.assets,
            asset_checks=defs.asset_checks,
            resources=resources(
                DataRoot(path=str(root)),
                deterministic_gen_ids=deterministic_gen_ids,
                slim=slim,
                generator=generator,
            ),
            executor=dg.in_process_executor,
        )
        self._job = definitions.resolve_implicit_global_asset_job_def()

    def materialize(
        self,
        *assets: str,
        partition_key: str | None = None,
        config: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Materialize assets, and run their checks.

        :param config: the configuration of Dagster's steps by their names.
        :param tags: tags of the run.
        """
        ops = {name: {"config": values} for name, values in (config or {}).items()}
        return self._job.execute_in_process(
            run_config={"ops": ops, "loggers": _QUIET},
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in assets],
            partition_key=partition_key,
            tags=tags,
            raise_on_error=False,
        )

    def plan(self, cohort_id: str) -> dg.ExecuteInProcessResult:
        """Build a cohort's membership and register its partitions."""
        return self.materialize(*PLANNING, config={"cohort_id": {"cohort_id": cohort_id}})

    def generate(self, stage: str, *gen_ids: str, force: bool = False) -> dg.ExecuteInProcessResult:
        """Run all steps of generations, in one run.

        :param gen_ids: partitions of the stage; several must be neighbours in the instance, in its order.
        :raises ValueError: they are no neighbours.
        """
        names = [asset_name(stage, step) for step in Step]
        config = {stage: {"force": force}}
        if len(gen_ids) == 1:
            return self.materialize(*names, partition_key=gen_ids[0], config=config)
        registered = self.partitions(stage)
        start = registered.index(gen_ids[0])
        if registered[start : start + len(gen_ids)] != list(gen_ids):
            message = f"no range of {partitions_name(stage)}: {', '.join(gen_ids)}"
            raise ValueError(message)
        tags = {_FIRST_TAG: gen_ids[0], _LAST_TAG: gen_ids[-1]}
        return self.materialize(*names, config=config, tags=tags)

    def partitions(self, stage: str) -> list[str]:
        """List the registered generations of a stage, in the instance's order."""
        return list(self.instance.get_dynamic_partitions(partitions_name(stage)))

    def table(self, cohort_id: str) -> pd.DataFrame:
        """Read the membership of a cohort.

        :returns: columns of :data:`~genaudit.cohorts.membership.MEMBERSHIP`.
        """
        return MembershipService(self._root).table(cohort_id).frame

    def score(self) -> dg.ExecuteInProcessResult:
        """Score the cohort of the last plan."""
        return self.materialize(*SCORING)


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """Return the metadata of each materialized asset as plain values, by asset name."""
    return {asset: metadata for each in by_partition(result).values() for asset, metadata in each.items()}


def by_partition(result: dg.ExecuteInProcessResult) -> dict[str | None, dict[str, dict[str, Any]]]:
    """Return the metadata of each materialized asset as plain values, by partition and asset name."""
    made: dict[str | None, dict[str, dict[str, Any]]] = {}
    for event in result.get_asset_materialization_events():
        each = event.materialization
        made.setdefault(each.partition, {})[each.asset_key.path[-1]] = _plain(each.metadata)
    return made


def failures_of(result: dg.ExecuteInProcessResult) -> list[dict[str, Any]]:
    """List the failures of a run.

    :returns: the ``step`` (the asset, if it is known), with ``code``, ``reason`` and ``context`` for errors of the
        package, else ``error``; with ``gen_id`` for a run over many partitions. The step is ``None`` if the run
        itself failed. Steps skipped because of other failures are left out.
    """
    failed = [
        (event.step_key, event.step_failure_data.error, event.step_failure_data.user_failure_data)
        for event in result.all_events
        if event.is_step_failure
    ]
    if not failed and not result.success:
        data = next(event.job_failure_data for event in result.all_events if event.is_job_failure)
        failed = [(None, data.error, None)]
    return [
        each
        for step, error, known in failed
        for each in (
            _known(step, _plain(known.metadata))
            if known
            else [{"step": step, "error": error.to_string() if error else ""}]
        )
    ]


def _known(step: str | None, metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the failures in the metadata of a failed step: one, or one for each generation."""
    failures = metadata["failed"]["generations"] if "failed" in metadata else [metadata]
    return [{"step": step} | {_STEP.get(name, name): value for name, value in each.items()} for each in failures]


# The assets of a stage are one step of Dagster.
_STEP: Final = {"asset": "step"}


def _plain(metadata: Mapping[str, dg.MetadataValue[Any]]) -> dict[str, Any]:
    return {name: value.value for name, value in metadata.items()}
