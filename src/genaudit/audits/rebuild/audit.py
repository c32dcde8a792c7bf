"""Run of the rebuild audit: chooses generations, plans every mode, and collects the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from genaudit.audits.content.audit import content
from genaudit.audits.missing_files import AnswersAtRisk, paid_answers_at_risk
from genaudit.audits.rebuild.advice import Advice, advise
from genaudit.audits.rebuild.choice import (
    CHOSEN_FROM,
    Choice,
)
from genaudit.audits.rebuild.comparison import (
    blast_radius,
    classes_of,
    compare,
    count_causes,
    kept_by_class,
    relatives_of,
    unavoidable,
)
from genaudit.audits.rebuild.costs import costs_of
from genaudit.audits.rebuild.counterfactuals import Slots
from genaudit.audits.rebuild.explain import Explainer
from genaudit.audits.rebuild.frames import BLAST, COMPARISON, COSTS, KEPT, REBUILD, REBUILD_CAUSES, UNAVOIDABLE
from genaudit.audits.rebuild.modes import ALL, CURATED, MODES, ModePlan, PlanningContext, choose_modes, mode_name
from genaudit.audits.rebuild.request import RebuildRequest
from genaudit.audits.rebuild.rows import OutcomeRows
from genaudit.audits.rebuild.rules import Rules, report_partings
from genaudit.audits.rebuild.summary import RebuildProblem, RebuildSummary, summarise
from genaudit.audits.recompute import recompute
from genaudit.audits.result import AuditResult, Coverage, Findings, NotRun
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.id_scheme import FLAG
from genaudit.cohorts.pipeline_stages import check_pipeline_stages, has_pipeline_stages
from genaudit.cohorts.selection import raise_selection_problems
from genaudit.errors import DDError, Reason
from genaudit.limits import MAX_MEMBERS
from genaudit.schemas import from_rows
from genaudit.store.snapshot import Snapshot

# Reasons that concern the selection itself, and so every mode.
_MOST_PROBLEMS: Final = 5
_OF_SELECTION: Final = frozenset({Reason.INVALID_SELECTION, Reason.EMPTY_SELECTION})


@dataclass(frozen=True, slots=True)
class RebuildResult(AuditResult[RebuildSummary | RebuildProblem]):
    """The results of the modes; ``frame`` has the columns of :data:`genaudit.audits.rebuild.frames.REBUILD`.

    :param choice: the chosen generations.
    :param comparison: :data:`genaudit.audits.rebuild.frames.COMPARISON`, each generation counted once.
    :param causes: :data:`genaudit.audits.rebuild.frames.REBUILD_CAUSES`.
    :param kept: :data:`genaudit.audits.rebuild.frames.KEPT`.
    :param costs: :data:`genaudit.audits.rebuild.frames.COSTS`.
    :param unavoidable: :data:`genaudit.audits.rebuild.frames.UNAVOIDABLE`.
    :param blast: :data:`genaudit.audits.rebuild.frames.BLAST`.
    :param advice: recommendations.
    :param at_risk: paid answers of the whole store that the next run would delete.
    """

    choice: Choice
    comparison: pd.DataFrame
    causes: pd.DataFrame
    kept: pd.DataFrame
    costs: pd.DataFrame
    unavoidable: pd.DataFrame
    blast: pd.DataFrame
    advice: tuple[Advice, ...]
    at_risk: AnswersAtRisk


def rebuild(
    snapshot: Snapshot, request: RebuildRequest | None = None, identities: pd.DataFrame | None = None
) -> RebuildResult:
    """Plan modes for a selection in memory, without writing or calling a model.

    :param identities: an existing frame of :func:`genaudit.audits.recompute.recompute`.
    :returns: findings ``REPLICATE_RULES_DIFFER``.
    :raises DDError: ``INVALID_CONFIG`` or ``INVALID_MEMBERSHIP`` with all errors of the selection and
        the modes under ``problems``; the error of the first mode if no mode could be planned; as
        :func:`genaudit.cohorts.pipeline_stages.check_pipeline_stages`.
    """
    check_pipeline_stages(snapshot.stages)
    request = request or RebuildRequest()
    identities = recompute(snapshot).frame if identities is None else identities
    stored = stored_in(snapshot)
    choice = request.choose(snapshot.layout, stored, identities)
    scheme = request.ids_scheme()
    mode = _mode_of(choice)
    by_default = (ALL, mode) if mode is not None and mode in CURATED[choice.stage] else (ALL,)
    modes, problems = choose_modes(request.modes or by_default, choice.stage)
    if choice.how == "nothing":
        modes = [mode for mode in modes if mode not in CURATED[choice.stage]]
    remade = content(snapshot).drifted if request.remake_drifted else frozenset()
    ground = PlanningContext(
        snapshot, stored, choice, request.cohort_id, scheme, request.force, remade, request.max_members
    )
    problems += choice.problems
    # Planning validates ids; explicit ids are validated whatever the modes.
    if problems or request.chooses or request.select is not None:
        _raise_problems(ground, modes, problems)
    plans, failed = _try(ground, modes)
    return _result(ground, request, identities, plans, failed)


def _raise_problems(ground: PlanningContext, modes: Sequence[str], problems: list[dict[str, Any]]) -> None:
    """Raise all errors of modes and selection together, even if no curated mode checks the selection."""
    curated = CURATED[ground.choice.stage]
    if problems or not any(mode in curated for mode in modes):
        _add_of_selection(ground.try_mode(next(iter(curated))), problems)
    of_modes = problems and all(problem.get("option") == MODES for problem in problems)
    raise_selection_problems(MODES if of_modes else ground.choice.source, problems)


def _add_of_selection(outcome: ModePlan | DDError, problems: list[dict[str, Any]]) -> None:
    """Add the errors of ids from planning, each once."""
    if isinstance(outcome, ModePlan) or outcome.reason not in _OF_SELECTION:
        return
    known = {(problem["problem"], problem.get("value")) for problem in problems}
    problems += [
        {"problem": each["problem"], "value": each.get("gen_id"), **each}
        for each in outcome.ctx["problems"]
        if (each["problem"], each.get("gen_id")) not in known
    ]


def _try(ground: PlanningContext, modes: Sequence[str]) -> tuple[list[ModePlan], dict[str, DDError]]:
    """Plan modes; errors of single modes are returned, errors of the selection raised."""
    plans: list[ModePlan] = []
    failed: dict[str, DDError] = {}
    for mode in modes:
        outcome = ground.try_mode(mode)
        if isinstance(outcome, ModePlan):
            plans.append(outcome)
            continue
        # Every mode would find the same errors in the same ids.
        problems: list[dict[str, Any]] = []
        _add_of_selection(outcome, problems)
        raise_selection_problems(ground.choice.source, problems)
        failed[mode] = outcome
    if failed and not plans:
        raise next(iter(failed.values()))
    return plans, failed


def _result(
    ground: PlanningContext,
    request: RebuildRequest,
    identities: pd.DataFrame,
    plans: list[ModePlan],
    failed: Mapping[str, DDError],
) -> RebuildResult:
    snapshot, choice = ground.snapshot, ground.choice
    explainer = Explainer(ground)
    slots = Slots(plans)
    costs = costs_of(snapshot, (each for one in plans for each in one.stages.values()), request.prices)
    table = OutcomeRows(slots, costs)
    causes: list[dict[str, Any]] = []
    for one in plans:
        # The explanations of one mode weigh as much as its plan.
        explained = explainer.explain(one)
        causes += count_causes(one.mode, explained)
        table.add(one, explained)
    classes = classes_of(snapshot, identities)
    relatives = relatives_of(choice, ground.stored)
    kept = kept_by_class([one for one in plans if one.mode in CURATED[choice.stage]], relatives, classes)
    comparison = compare(plans, costs)
    rules = Rules(ground.stored)
    parting = {one.mode: rules.partings(one) for one in plans}
    asked = _asked(request, choice, list(parting))
    findings = Findings()
    report_partings(((mode, one) for mode in asked for one in parting[mode]), findings)
    advice = advise(choice, comparison, kept, table.saved)
    tables = {
        "comparison": comparison,
        "causes": from_rows(REBUILD_CAUSES, causes),
        "kept": kept,
        "costs": costs.frame(),
        "unavoidable": unavoidable(slots.called_in_all()),
        "blast": blast_radius(snapshot, relatives, classes),
    }
    settings: dict[str, Any] = {"cohort_id": ground.cohort_id, FLAG: ground.ids.flag, "forced": ground.force}
    if request.remake_drifted:
        settings["remake_drifted"] = len(ground.remade)
    summary = summarise(
        choice=choice,
        settings=settings,
        plans=plans,
        failed=failed,
        costs=costs,
        tables=tables,
        advice=advice,
        differing={mode: len(found) for mode, found in parting.items()},
        asked=asked,
    )
    coverage = Coverage(
        checked={"selected ids": len(choice.ids), "planned generations": int(comparison["planned"].sum())},
        skipped={**choice.left_out, "modes that cannot be planned": len(failed)},
        unverified={},
    )
    return RebuildResult(
        "rebuild",
        summary,
        table.frame(),
        findings.frame(),
        coverage,
        not_run=None,
        choice=choice,
        advice=tuple(advice),
        at_risk=paid_answers_at_risk(snapshot),
        stages=snapshot.stages,
        **tables,
    )


def _asked(request: RebuildRequest, choice: Choice, modes: list[str]) -> list[str]:
    """Return the requested modes: only those that would really be built deserve findings."""
    if request.modes or request.chooses:
        return modes
    mode = _mode_of(choice)
    return [mode] if mode in modes else []


def _mode_of(choice: Choice) -> str | None:
    """Return the mode of a selection file; ``None`` without a file."""
    if choice.mode is None:
        return None
    return mode_name(choice.mode, skip_existing=choice.skip_existing, reuse=choice.reuse)


def problem_sentence(problem: Mapping[str, Any]) -> str:
    """Describe the error that prevented every plan."""
    values = [str(each.get("value") or each.get("catalog") or "") for each in problem.get("problems", [])]
    named = ", ".join(filter(None, values[:_MOST_PROBLEMS]))
    reason = str(problem["reason"]).replace("_", " ")
    return f"The selection cannot be planned: {reason}{': ' if named else ''}{named}."


def _not_applicable(snapshot: Snapshot) -> str | None:
    """Return the reason why no rebuild of a store is to be expected, or ``None``."""
    if not has_pipeline_stages(snapshot.stages):
        return "the store has stages of its own"
    layout = snapshot.layout
    has_catalogs = layout.catalogs.is_dir() or layout.combo_mappings.is_file()
    return None if has_catalogs else "the store has no catalogs"


def rebuild_by_default(snapshot: Snapshot, identities: pd.DataFrame, max_members: int = MAX_MEMBERS) -> RebuildResult:
    """Plan every mode for the store's own selection; on failure, return the error as a problem.

    :param max_members: the largest number of members of a stage.
    """
    try:
        return rebuild(snapshot, RebuildRequest(max_members=max_members), identities)
    except DDError as error:
        problem = {"code": str(error.code)} | {name: snapshot.as_named(value) for name, value in error.ctx.items()}
        none = Choice(CHOSEN_FROM, (), "nothing", "")
        tables = {
            name: from_rows(schema, [])
            for name, schema in {
                "comparison": COMPARISON,
                "causes": REBUILD_CAUSES,
                "kept": KEPT,
                "costs": COSTS,
                "unavoidable": UNAVOIDABLE,
                "blast": BLAST,
            }.items()
        }
        exempt = _not_applicable(snapshot)
        left_out = f"not applicable: {exempt}" if exempt else "selections that cannot be planned"
        coverage = Coverage(checked={"planned generations": 0}, skipped={left_out: 1})
        return RebuildResult(
            "rebuild",
            RebuildProblem(problem),
            from_rows(REBUILD, []),
            Findings().frame(),
            coverage,
            not_run=NotRun(str(error.reason), problem_sentence(problem)) if not exempt else None,
            choice=none,
            advice=(),
            at_risk=paid_answers_at_risk(snapshot),
            stages=snapshot.stages,
            **tables,
        )
