"""Running the assets in this process, on any instance and any data root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dagster as dg

from genaudit.cohorts.service import MembershipService
from genaudit.decisions import Step
from genaudit.pipeline.definitions import defs, resources
from genaudit.pipeline.defs.stage_assets import asset_name
from genaudit.pipeline.resources import DataRoot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from genaudit.pipeline.resources import GeneratorResource

PLANNING: Final = ("cohort_id", "cohort_membership", "register_cohort_partitions")
SCORING: Final = ("cohort_aggregated_scores", "generation_scores_pivot")

_QUIET: Final = {"console": {"config": {"log_level": "CRITICAL"}}}


class Sandbox:
    """Materializes assets one run after the other; a run that fails says so in its result.

    :param instance: where partitions and events are kept.
    :param root: the data root.
    :param deterministic_gen_ids: the value of the flag; ``None`` leaves it to the environment, as with ``slim``.
    :param generator: what answers prompts; offline by default.
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
        self, *assets: str, partition_key: str | None = None, config: dict[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialize assets, and run their checks.

        :param config: the configuration of assets by their names.
        """
        ops = {name: {"config": values} for name, values in (config or {}).items()}
        return self._job.execute_in_process(
            run_config={"ops": ops, "loggers": _QUIET},
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in assets],
            partition_key=partition_key,
            raise_on_error=False,
        )

    def plan(self, cohort_id: str) -> dg.ExecuteInProcessResult:
        """Build a cohort's membership and register its partitions."""
        return self.materialize(*PLANNING, config={"cohort_id": {"cohort_id": cohort_id}})

    def generate(self, stage: str, gen_id: str, *, force: bool = False) -> dg.ExecuteInProcessResult:
        """Do all steps of one generation."""
        names = [asset_name(stage, step) for step in Step]
        return self.materialize(*names, partition_key=gen_id, config={name: {"force": force} for name in names})

    def table(self, cohort_id: str) -> pd.DataFrame:
        """Read the membership of a cohort.

        :returns: columns of :data:`~genaudit.cohorts.membership.MEMBERSHIP`.
        """
        return MembershipService(self._root).table(cohort_id).frame

    def score(self) -> dg.ExecuteInProcessResult:
        """Score the cohort that was planned last."""
        return self.materialize(*SCORING)


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """Take the metadata of each asset that a run materialized, as plain values, by the asset's name."""
    return {
        event.materialization.asset_key.path[-1]: _plain(event.materialization.metadata)
        for event in result.get_asset_materialization_events()
    }


def failures_of(result: dg.ExecuteInProcessResult) -> list[dict[str, Any]]:
    """Say what failed in a run.

    :returns: the ``step``, and ``code``, ``reason`` and ``context`` where the package knows them, else ``error``; the
        step is ``None`` where the run itself failed. Steps that were only held up by others are left out.
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
        {"step": step, **(_plain(known.metadata) if known else {"error": error.to_string() if error else ""})}
        for step, error, known in failed
    ]


def _plain(metadata: Mapping[str, dg.MetadataValue[Any]]) -> dict[str, Any]:
    return {name: value.value for name, value in metadata.items()}
