"""Assets of every stage, built from the table of stages: a prompt, an answer, a parsed text."""

from typing import Any, Final

import dagster as dg

from genaudit.decisions import Step
from genaudit.generating.steps import StepResult, Steps
from genaudit.pipeline.boundary import as_json, failures
from genaudit.pipeline.defs.cohort_assets import register_cohort_partitions
from genaudit.pipeline.partitions import PARTITIONS
from genaudit.pipeline.resources import DataRoot, GeneratorResource
from genaudit.stages import STAGES, Stage

_SAYS: Final = {
    Step.PROMPT: "The prompt of each {stage} whose model is to be called.",
    Step.RAW: "The model's answer for each {stage}, or its copy.",
    Step.PARSED: "What later stages read of each {stage}.",
}
_ORDER: Final = tuple(Step)


class StepConfig(dg.Config):
    """Options of a step.

    :param force: whether to write its text even if one exists.
    """

    force: bool = False


def asset_name(stage: str, step: Step) -> str:
    """Return the name of the asset for a step of a stage."""
    return f"{stage}_{step}"


def step_asset(stage: Stage, step: Step) -> dg.AssetsDefinition:
    """Create the asset for one step of a stage."""

    @dg.asset(
        name=asset_name(stage.name, step),
        description=_SAYS[step].format(stage=stage.name),
        group_name=stage.name,
        partitions_def=PARTITIONS[stage.name],
        deps=_above(stage, step),
        code_version="1",
    )
    def asset(
        context: dg.AssetExecutionContext, config: StepConfig, data_root: DataRoot, generator: GeneratorResource
    ) -> dg.MaterializeResult[None]:
        with failures():
            steps = Steps(data_root.root, generator.make(), context.run.run_id)
            result = steps.run(step, stage.name, context.partition_key, force=config.force)
        version = dg.DataVersion(result.digest) if result.digest else None
        return dg.MaterializeResult(metadata=_metadata(result), data_version=version)

    return asset


def _above(stage: Stage, step: Step) -> list[Any]:
    """Return the dependencies of a step: the previous step, or for the first step the parents' parsed texts."""
    if step is not _ORDER[0]:
        return [asset_name(stage.name, _ORDER[_ORDER.index(step) - 1])]
    if stage.parent is None:
        return [register_cohort_partitions]
    # The record names the parent; to Dagster it may be any of the stage.
    parents = asset_name(stage.parent, _ORDER[-1])
    return [register_cohort_partitions, dg.AssetDep(parents, partition_mapping=dg.AllPartitionMapping())]


def _metadata(result: StepResult) -> dict[str, Any]:
    return {
        "reused": result.reused,
        "decision": str(result.decision),
        "action": str(result.action),
        "calls": result.calls,
        "paths": as_json({"written": result.paths}),
        **({"facts": as_json(result.facts)} if result.facts else {}),
    }


STAGE_ASSETS: Final = [step_asset(stage, step) for stage in STAGES.values() for step in _ORDER]
