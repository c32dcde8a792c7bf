"""Rehearsal of the rollout: a cohort is made twice on a copy of the store, under each value of the flag.

The results are compared with the promises of the flag: new ids have the form of their stage, the first run costs as
much as the rule of reuse predicts, and the second run reuses everything.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pandas as pd

from genaudit.cohorts.id_scheme import IdScheme
from genaudit.csv_cells import to_csv
from genaudit.decisions import Decision, Step
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.prediction import Predictor
from genaudit.generating.preflight import PlannedGeneration
from genaudit.ids import IdForm, parse_id
from genaudit.pipeline.sandbox import Sandbox, by_partition, failures_of, metadata_of
from genaudit.schemas import rows
from genaudit.stages import PARENT, REPLICATE, STAGE_NAMES, STAGES
from genaudit.store.recomputed import recompute_ids
from genaudit.store.snapshot import Snapshot, scan

# The steps of the rollout, in order.
FLAGS: Final = tuple(IdScheme(frozenset(STAGE_NAMES[:count])).flag for count in range(len(STAGE_NAMES) + 1))

# Generations in a run: few enough that progress is seen, enough that the start of a run costs little.
_AT_ONCE: Final = 100

_Key = tuple[str, str]


@dataclass(slots=True)
class Pass:
    """One run over all generations of the cohort.

    :param decisions: number of generations by stage and decision.
    :param reused: number of unchanged generations.
    :param failures: failed steps, with the generation's ``stage`` and ``gen_id``.
    """

    decisions: dict[str, Counter[str]] = field(default_factory=lambda: {stage: Counter() for stage in STAGE_NAMES})
    reused: int = 0
    calls: int = 0
    tokens: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Convert the pass to plain values."""
        decisions = {stage: dict(sorted(counts.items())) for stage, counts in self.decisions.items()}
        counts = {"reused": self.reused, "calls": self.calls, "tokens": self.tokens}
        return {"decisions": decisions, **counts, "failures": self.failures}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The result of one value of the flag.

    :param membership: metadata of the membership: counts of rows and of filled-up generations.
    :param seeded: number of new records.
    :param unexpected: new generations whose id has the wrong form, by stage.
    :param predicted: decisions predicted from the store, by stage.
    :param tasks: the id of each member, by the task it was made for.
    :param pivot: the pivot of scores without its ids, as CSV.
    """

    flag: str
    membership: Mapping[str, Any]
    seeded: int
    new: Mapping[str, int]
    unexpected: Mapping[str, list[str]]
    predicted: Mapping[str, Mapping[str, int]]
    first: Pass
    second: Pass
    tasks: Mapping[tuple[Any, ...], _Key]
    pivot: bytes | None

    @property
    def problems(self) -> list[str]:
        """The broken promises of the flag, as problem codes."""
        members = len(self.tasks)
        found = {
            "ids_not_as_expected": any(self.unexpected.values()),
            "first_run_failed": bool(self.first.failures),
            "first_run_not_as_predicted": self.first.plain()["decisions"] != self.predicted,
            "second_run_failed": bool(self.second.failures),
            "second_run_not_reused": self.second.reused != members,
            "second_run_called": self.second.calls > 0,
        }
        return [name for name, is_so in found.items() if is_so]

    def plain(self) -> dict[str, Any]:
        """Convert the result to plain values."""
        return {
            "flag": self.flag,
            "problems": self.problems,
            "membership": dict(self.membership),
            "seeded": self.seeded,
            "new": dict(self.new),
            "unexpected_ids": dict(self.unexpected),
            "predicted": dict(self.predicted),
            "first_run": self.first.plain(),
            "second_run": self.second.plain(),
        }


def rehearse(
    root: Path,
    cohort_id: str,
    flags: Sequence[str] = FLAGS,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Make a cohort twice under each value of the flag, each time on a fresh copy of the store.

    The store itself is only read; answers come from the offline generator.

    :param flags: values of ``DD_DETERMINISTIC_GEN_IDS``; the others are compared with the first.
    :param progress: called after each run with the number of generations done and the total.
    :returns: plain values: ``cohort_id``; ``runs``, one entry per flag value; ``differences``, one per flag value but
        the first; ``problems``, those of all runs.
    :raises DDError: the cohort cannot be planned, as the builder raises; ``DATA_MISSING``, reason ``no_such_root``;
        ``IO_ERROR``, reason ``not_copied``; ``INVALID_CONFIG``: an invalid flag value.
    """
    values = list(dict.fromkeys(IdScheme.parse(flag).flag for flag in flags))
    runs = [
        _rehearse(root, cohort_id, flag, _Progress(progress, place, len(values))) for place, flag in enumerate(values)
    ]
    return {
        "cohort_id": cohort_id,
        "runs": [run.plain() for run in runs],
        "differences": [_difference(runs[0], run) for run in runs[1:]],
        "problems": [{"flag": run.flag, "problem": problem} for run in runs for problem in run.problems],
    }


class _Progress:
    """Counter of generations over all flag values, each with about the same number."""

    def __init__(self, show: Callable[[int, int], None] | None, place: int, flags: int) -> None:
        self._show, self._place, self._flags = show, place, flags

    def __call__(self, done: int, total: int) -> None:
        if self._show:
            self._show(self._place * total + done, self._flags * total)


def _rehearse(root: Path, cohort_id: str, flag: str, progress: Callable[[int, int], None]) -> Rehearsed:
    with (
        tempfile.TemporaryDirectory(prefix="genaudit-rehearsal-") as folder,
        _instance() as instance,
    ):
        copy = Path(folder) / "data"
        _copy(root, copy)
        before = _records(copy)
        sandbox = Sandbox(instance, copy, deterministic_gen_ids=flag)
        membership = _planned(sandbox, cohort_id)
        snapshot, frame = scan(copy), sandbox.table(cohort_id)
        members: list[_Key] = list(zip(frame["stage"], frame["gen_id"], strict=True))
        first = _pass(sandbox, lambda done: progress(done, 2 * len(members)))
        second = _pass(sandbox, lambda done: progress(len(members) + done, 2 * len(members)))
        new = [key for key in members if key not in before]
        scored = sandbox.score()
        return Rehearsed(
            flag,
            membership,
            len(_records(copy) - before),
            {stage: sum(each == stage for each, _ in new) for stage in STAGE_NAMES},
            _unexpected(snapshot, IdScheme.parse(flag), new),
            _predicted(snapshot, members),
            first,
            second,
            _tasks(frame),
            _without_ids(scored.asset_value("generation_scores_pivot")) if scored.success else None,
        )


def _instance() -> dg.DagsterInstance:
    """Create an instance without telemetry."""
    return dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}})


def _copy(root: Path, target: Path) -> None:
    if not root.is_dir():
        raise DDError(Err.DATA_MISSING, {"reason": Reason.NO_SUCH_ROOT, "path": str(root)})
    try:
        shutil.copytree(root, target, symlinks=True)
    except (OSError, shutil.Error) as error:
        raise DDError(
            Err.IO_ERROR, {"reason": Reason.NOT_COPIED, "path": str(root), "error": str(error)[:200]}
        ) from error


def _records(root: Path) -> set[_Key]:
    """Return the stages and ids of all stored generations."""
    snapshot = scan(root)
    return set(zip(snapshot.values("stage"), snapshot.values("gen_id"), strict=True))


def _planned(sandbox: Sandbox, cohort_id: str) -> Mapping[str, Any]:
    """Plan the cohort.

    :raises DDError: the builder's error, passed through Dagster; ``INVALID_MEMBERSHIP``, reason ``checks_failed``,
        with the first finding of each check; ``IO_ERROR``, reason ``run_failed``.
    """
    result = sandbox.plan(cohort_id)
    failures = failures_of(result)
    for failure in failures:
        if "code" in failure:
            raise DDError(Err(failure["code"]), failure["context"])
    failed = [each for each in result.get_asset_check_evaluations() if not each.passed]
    if failed:
        problems = [{"check": each.check_name, **_first_error(each)} for each in failed]
        ctx = {"reason": Reason.CHECKS_FAILED, "cohort_id": cohort_id, "problems": problems}
        raise DDError(Err.INVALID_MEMBERSHIP, ctx)
    if failures:
        raise DDError(Err.IO_ERROR, {"reason": Reason.RUN_FAILED, "cohort_id": cohort_id, **failures[0]})
    return metadata_of(result)["cohort_membership"]


def _first_error(check: dg.AssetCheckEvaluation) -> dict[str, Any]:
    errors: Any = check.metadata["errors"].value
    return {name: errors["first"][0][name] for name in ("code", "stage", "gen_id", "field")}


def _pass(sandbox: Sandbox, progress: Callable[[int], None]) -> Pass:
    made, done = Pass(), 0
    for stage in STAGE_NAMES:
        members = sandbox.partitions(stage)
        for start in range(0, len(members), _AT_ONCE):
            chosen = members[start : start + _AT_ONCE]
            _add(made, stage, chosen, sandbox.generate(stage, *chosen))
            done += len(chosen)
            progress(done)
    return made


def _add(made: Pass, stage: str, members: Sequence[str], result: dg.ExecuteInProcessResult) -> None:
    """Count the result of a run over members of a stage."""
    found = by_partition(result)
    for gen_id in members:
        steps = list(found.get(gen_id, {}).values())
        # The first step's decision is that of the generation: later steps see the files of earlier ones.
        made.decisions[stage].update([steps[0]["decision"] if steps else Decision.BLOCKED.value])
        made.reused += len(steps) == len(Step) and all(step["decision"] == Decision.REUSE for step in steps)
        made.calls += sum(step["calls"] for step in steps)
        usages = [step["facts"].get("usage", {}) for step in steps if "facts" in step]
        made.tokens += sum(usage.get("total_tokens", 0) for usage in usages)
    given = {"stage": stage, **({"gen_id": members[0]} if len(members) == 1 else {})}
    made.failures += [{**given, **failure} for failure in failures_of(result)]


def _unexpected(snapshot: Snapshot, scheme: IdScheme, new: Sequence[_Key]) -> dict[str, list[str]]:
    """Find new generations whose id does not have the form that the flag promises."""
    recomputed = recompute_ids(snapshot).recomputed
    found: dict[str, list[str]] = {stage: [] for stage in STAGE_NAMES}
    for stage, gen_id in new:
        if stage in scheme.deterministic:
            as_expected = recomputed[snapshot.rows[stage][gen_id]] == gen_id
        else:
            as_expected = parse_id(stage, gen_id).form is IdForm.LEGACY
        if not as_expected:
            found[stage].append(gen_id)
    return found


def _predicted(snapshot: Snapshot, members: Sequence[_Key]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {stage: Counter() for stage in STAGE_NAMES}
    predictor = Predictor(snapshot)
    names = ("mode", "template_id", "combo_id", PARENT, "llm_model_id")
    for stage, gen_id in members:
        row = snapshot.rows[stage][gen_id]
        planned = PlannedGeneration(stage, gen_id, *(snapshot.values(name)[row] for name in names))
        counts[stage][predictor.outcome(planned).decision] += 1
    return {stage: {str(name): count for name, count in sorted(found.items())} for stage, found in counts.items()}


def _tasks(frame: pd.DataFrame) -> dict[tuple[Any, ...], _Key]:
    """Key every member by its task, which is independent of the id scheme."""
    tasks: dict[_Key, tuple[Any, ...]] = {}
    for row in rows(frame):
        own = [getattr(row, name) for name in (*STAGES[row.stage].signature, REPLICATE) if name != PARENT]
        parent = (STAGES[row.stage].parent or "", row.parent_gen_id or "")
        tasks[row.stage, row.gen_id] = (row.stage, *tasks.get(parent, parent), *own)
    return {task: key for key, task in tasks.items()}


def _without_ids(pivot: pd.DataFrame) -> bytes:
    """Render a pivot without its id columns, which every flag value changes."""
    table = pivot.drop(columns=[PARENT, "generation_response_path"])
    return to_csv(table.sort_values(list(table.columns)))


def _difference(base: Rehearsed, other: Rehearsed) -> dict[str, Any]:
    """Compare the result of a flag value with that of the first."""
    stages: dict[str, Counter[str]] = {stage: Counter(same_id=0, other_id=0, only_one=0) for stage in STAGE_NAMES}
    for task in base.tasks.keys() | other.tasks.keys():
        ids = (base.tasks.get(task), other.tasks.get(task))
        kind = "only_one" if None in ids else ("same_id" if ids[0] == ids[1] else "other_id")
        stages[task[0]][kind] += 1
    return {
        "flags": [base.flag, other.flag],
        "stages": {stage: dict(counts) for stage, counts in stages.items()},
        "calls": [base.first.calls, other.first.calls],
        "seeded": [base.seeded, other.seeded],
        "same_pivot": base.pivot == other.pivot,
    }
