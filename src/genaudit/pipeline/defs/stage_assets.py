"""Assets of every stage, built from the table of stages: a prompt, an answer, a parsed text.

One step of Dagster makes all three, because the start of a step costs more than its work.
"""

from collections.abc import Iterator
from typing import Any, Final

import dagster as dg

from genaudit.decisions import Step
from genaudit.generating.steps import Steps
from genaudit.pipeline.boundary import failures
from genaudit.pipeline.defs.cohort_assets import register_cohort_partitions
from genaudit.pipeline.labels import OWNERS, STEP_KINDS, step_tags
from genaudit.pipeline.partitions import PARTITIONS
from genaudit.pipeline.resources import DataRoot, GeneratorResource
from genaudit.pipeline.stage_runs import StageRun, asset_name
from genaudit.stages import STAGES, Stage

_SAYS: Final = {
    Step.PROMPT: "The prompt of each {stage} whose model is to be called.",
    Step.RAW: "The model's answer for each {stage}, or its copy.",
    Step.PARSED: "What later stages read of each {stage}.",
}
_ORDER: Final = tuple(Step)


class StepConfig(dg.Config):
    """Options of the steps.

    :param force: whether to write the texts even if they exist.
    :param parallel: number of generations to work on at once in a run over many partitions.
    """

    force: bool = False
    parallel: int = 1


def stage_assets(stage: Stage) -> dg.AssetsDefinition:
    """Create the assets for the steps of a stage."""

    @dg.multi_asset(
        name=stage.name,
        specs=[_spec(stage, step) for step in _ORDER],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def assets(
        context: dg.AssetExecutionContext, config: StepConfig, data_root: DataRoot, generator: GeneratorResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetMaterialization]:
        with failures():
            steps = Steps(data_root.root, generator.make(), context.run.run_id)
        chosen = [step for step in _ORDER if dg.AssetKey(asset_name(stage.name, step)) in context.selected_asset_keys]
        run = StageRun(stage.name, chosen, steps, force=config.force)
        if context.has_partition_key_range:
            yield from run.many(context, config.parallel)
        else:
            yield from run.one(context.partition_key)

    return assets


def _spec(stage: Stage, step: Step) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset_name(stage.name, step),
        description=_SAYS[step].format(stage=stage.name),
        group_name=stage.name,
        deps=_above(stage, step),
        partitions_def=PARTITIONS[stage.name],
        code_version="1",
        # A run over many partitions records its own events in place of an output.
        skippable=True,
        kinds={*STEP_KINDS[step]},
        owners=OWNERS,
        tags=step_tags(stage.name, step),
    )


def _above(stage: Stage, step: Step) -> list[Any]:
    """Return the dependencies of a step: the previous step, or for the first step the parents' parsed texts."""
    if step is not _ORDER[0]:
        return [asset_name(stage.name, _ORDER[_ORDER.index(step) - 1])]
    if stage.parent is None:
        return [register_cohort_partitions]
    # The record names the parent; to Dagster it may be any of the stage.
    parents = asset_name(stage.parent, _ORDER[-1])
    return [register_cohort_partitions, dg.AssetDep(parents, partition_mapping=dg.AllPartitionMapping())]


STAGE_ASSETS: Final = [stage_assets(stage) for stage in STAGES.values()]
