"""Run the real pipeline over a cohort, and record the work on each generation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.cohorts.service import MembershipService
from genaudit.decisions import Step
from genaudit.errors import DDError, Err
from genaudit.generating.steps import Steps
from genaudit.pipeline.resources import GeneratorResource
from genaudit.pipeline.sandbox import Sandbox, by_partition, failures_of
from genaudit.stages import STAGE_NAMES
from helpers.workshop import Recorder

# The actions of the three steps of a generation, and the decision that they amount to.
DID = {
    ("kept", "kept", "kept"): "reuse",
    ("kept", "kept", "parsed"): "parse",
    ("kept", "copied", "parsed"): "copy",
    ("written", "copied", "parsed"): "copy",
    ("kept", "called", "parsed"): "call",
    ("written", "called", "parsed"): "call",
    ("failed",): "blocked",
}
FAILED = (("failed",), False)


class PlainRun:
    """A cohort that is built by the builder and made by the steps, without Dagster."""

    def __init__(self, root: Path, flag: str) -> None:
        self._root, self._flag = root, flag
        self.generator = Recorder()

    def plan(self, cohort: str) -> None:
        builder = create_cohort_membership_builder(self._root, ids=IdScheme.parse(self._flag), slim=True)
        builder.build(cohort)

    def make(self, stage: str, gen_ids: list[str]) -> dict[str, tuple[tuple[str, ...], bool]]:
        """Do all steps of generations.

        :returns: by id, the action of each step, and whether everything was kept; :data:`FAILED` if a step failed.
        """
        steps = Steps(self._root, self.generator)
        return {gen_id: self._made(steps, stage, gen_id) for gen_id in gen_ids}

    def _made(self, steps: Steps, stage: str, gen_id: str) -> tuple[tuple[str, ...], bool]:
        try:
            results = steps.run_all(stage, gen_id)
        except DDError:
            return FAILED
        return tuple(result.action.value for result in results), all(result.reused for result in results)


class DagsterRun:
    """The same, materialized by the assets; the actions come from their metadata."""

    def __init__(self, root: Path, flag: str, instance: dg.DagsterInstance) -> None:
        self.generator = Recorder()
        self._sandbox = Sandbox(
            instance, root, deterministic_gen_ids=flag, slim=True, generator=counted(self.generator)
        )

    def plan(self, cohort: str) -> None:
        for failure in failures_of(self._sandbox.plan(cohort)):
            raise DDError(Err(failure["code"]), failure["context"])

    def make(self, stage: str, gen_ids: list[str]) -> dict[str, tuple[tuple[str, ...], bool]]:
        result = self._sandbox.generate(stage, *gen_ids)
        failed = {failure.get("gen_id", gen_ids[0]) for failure in failures_of(result)}
        made = by_partition(result)
        return {gen_id: FAILED if gen_id in failed else self._did(stage, made[gen_id]) for gen_id in gen_ids}

    def _did(self, stage: str, steps: dict[str, dict[str, Any]]) -> tuple[tuple[str, ...], bool]:
        metadata = [steps[f"{stage}_{step}"] for step in Step]
        return tuple(each["action"] for each in metadata), all(each["reused"] for each in metadata)


def counted(recorder: Recorder) -> GeneratorResource:
    """A resource whose generator is this one."""

    class Counted(GeneratorResource):
        def make(self) -> Recorder:
            return recorder

    return Counted()


def made(
    root: Path, cohort: str, make: Callable[[str, list[str]], dict[str, tuple[tuple[str, ...], bool]]]
) -> dict[Any, str]:
    """Make every member of a cohort, parents first.

    :returns: by stage and id, the decision carried out: ``reuse``, ``parse``, ``copy``, ``call`` or ``blocked``.
    """
    service, done = MembershipService(root), {}
    for stage in STAGE_NAMES:
        gen_ids = service.stage_gen_ids(stage, cohort)
        for gen_id, (actions, reused) in (make(stage, gen_ids) if gen_ids else {}).items():
            done[stage, gen_id] = DID[actions]
            assert reused == (done[stage, gen_id] == "reuse")
    return done
