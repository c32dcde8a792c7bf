"""Runs of a stage's steps, for one partition or for many, and the events that Dagster keeps of them."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import dagster as dg

from genaudit.decisions import Step
from genaudit.errors import DDError
from genaudit.generating.steps import StepResult, Steps
from genaudit.pipeline.boundary import as_json, failures, in_metadata

# Tags of Dagster's own events, which show whether an asset is up to date.
VERSION_TAG: Final = "dagster/data_version"
_CODE_TAG: Final = "dagster/code_version"
_OWN_TAG: Final = "dagster/data_version_is_user_provided"
_INPUT_TAG: Final = "dagster/input_data_version/"
_POINTER_TAG: Final = "dagster/input_event_pointer/"
# Dagster's words for an input without a version, and without an event.
_NO_VERSION: Final = "INITIAL"
_NO_EVENT: Final = "NULL"

# After a kill, at most the events of so many generations are missing; their texts are kept and reused.
CHUNK: Final = 25


def asset_name(stage: str, step: Step) -> str:
    """Return the name of the asset for a step of a stage."""
    return f"{stage}_{step}"


@dataclass(slots=True)
class _Made:
    """The steps of one generation that were done, and the error that stopped it."""

    gen_id: str
    results: dict[Step, StepResult] = field(default_factory=dict)
    failure: dict[str, Any] | None = None


class StageRun:
    """Run the chosen steps of one stage.

    :param chosen: the steps, in order.
    """

    def __init__(self, stage: str, chosen: Sequence[Step], steps: Steps, *, force: bool) -> None:
        self._stage, self._chosen, self._steps, self._force = stage, chosen, steps, force

    def one(self, gen_id: str) -> Iterator[dg.MaterializeResult[None]]:
        """Run the steps of one generation.

        :raises dagster.Failure: a step failed; earlier steps are recorded.
        """
        for step in self._chosen:
            name = asset_name(self._stage, step)
            with failures(asset=name):
                result = self._steps.run(step, self._stage, gen_id, force=self._force)
            version = dg.DataVersion(result.digest) if result.digest else None
            yield dg.MaterializeResult(asset_key=name, metadata=_metadata(result), data_version=version)

    def many(self, context: dg.AssetExecutionContext, parallel: int) -> Iterator[dg.AssetMaterialization]:
        """Run the steps of many generations, and record an event for each generation and step.

        Dagster would record one version and one set of metadata for all partitions of the run. So the run gives no
        output, but the events that a run for each generation would have given.

        :param parallel: number of generations to work on at once.
        :raises dagster.Failure: steps failed; the others are done and recorded.
        """
        failed: list[dict[str, Any]] = []
        keys = context.partition_keys
        with ThreadPoolExecutor(max(parallel, 1)) as pool:
            for start in range(0, len(keys), CHUNK):
                made = list(pool.map(self._make, keys[start : start + CHUNK]))
                for step in self._chosen:
                    yield from self._events(context, step, made)
                failed += [each.failure for each in made if each.failure]
        if failed:
            message = f"{len(failed)} of {len(keys)} failed: {failed[0]['error']}"
            raise dg.Failure(message, metadata={"failed": as_json({"generations": failed})}, allow_retries=False)

    def _make(self, gen_id: str) -> _Made:
        made = _Made(gen_id)
        for step in self._chosen:
            try:
                made.results[step] = self._steps.run(step, self._stage, gen_id, force=self._force)
            except DDError as error:
                name = asset_name(self._stage, step)
                made.failure = {"asset": name, "gen_id": gen_id, "error": str(error), **in_metadata(error)}
                break
        return made

    def _events(
        self, context: dg.AssetExecutionContext, step: Step, made: Sequence[_Made]
    ) -> Iterator[dg.AssetMaterialization]:
        name = asset_name(self._stage, step)
        key = dg.AssetKey(name)
        tags = {_CODE_TAG: context.assets_def.code_versions_by_key[key] or "", **_inputs(context, key)}
        for each in made:
            if result := each.results.get(step):
                version = {VERSION_TAG: result.digest, _OWN_TAG: "true"} if result.digest else {}
                yield dg.AssetMaterialization(
                    name, partition=each.gen_id, metadata=_metadata(result), tags={**tags, **version}
                )


def _inputs(context: dg.AssetExecutionContext, asset: dg.AssetKey) -> Mapping[str, str]:
    """Tag the present state of an asset's inputs.

    Partitioned inputs are compared by the event that was the last one; their version would be that of one partition.
    """
    tags = {}
    for key in context.assets_def.asset_deps[asset]:
        records = context.instance.fetch_materializations(key, limit=1).records
        latest = records[0].asset_materialization if records else None
        version = (latest.tags or {}).get(VERSION_TAG) if latest and latest.partition is None else None
        name = key.to_user_string()
        tags[_INPUT_TAG + name] = version or _NO_VERSION
        tags[_POINTER_TAG + name] = str(records[0].storage_id) if records else _NO_EVENT
    return tags


def _metadata(result: StepResult) -> dict[str, Any]:
    return {
        "reused": result.reused,
        "decision": str(result.decision),
        "action": str(result.action),
        "calls": result.calls,
        "paths": as_json({"written": result.paths}),
        **({"facts": as_json(result.facts)} if result.facts else {}),
    }
