"""The audit itself: a choice of generations, every mode tried on it, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
    kin_of,
    unavoidable,
    what_is_kept,
)
from genaudit.audits.rebuild.costs import costs_of
from genaudit.audits.rebuild.explain import Explainer
from genaudit.audits.rebuild.instead import Slots, called_in_all
from genaudit.audits.rebuild.modes import ALL, CURATED, MODES, Ground, Tried, choose_modes, mode_name
from genaudit.audits.rebuild.request import RebuildRequest
from genaudit.audits.rebuild.rows import lay_out
from genaudit.audits.rebuild.rules import partings, report_partings
from genaudit.audits.rebuild.summary import RebuildProblem, RebuildSummary, summarise
from genaudit.audits.rebuild.tables import BLAST, COMPARISON, COSTS, KEPT, REBUILD, REBUILD_CAUSES, UNAVOIDABLE
from genaudit.audits.recompute import recompute
from genaudit.audits.result import AuditResult, Coverage, Findings, NotRun
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.id_scheme import FLAG
from genaudit.cohorts.selection import raise_selection_problems
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.schemas import from_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from genaudit.store.snapshot import Snapshot

# What is wrong with the selection itself, and so with every mode.
_MOST_PROBLEMS: Final = 5
_OF_SELECTION: Final = frozenset({"invalid_selection", "empty_selection"})


@dataclass(frozen=True, slots=True)
class RebuildResult(AuditResult[RebuildSummary | RebuildProblem]):
    """What the modes would do; ``frame`` has the columns of :data:`genaudit.audits.rebuild.tables.REBUILD`.

    :param choice: what they were tried on.
    :param comparison: :data:`genaudit.audits.rebuild.tables.COMPARISON`, each generation counted once.
    :param causes: :data:`genaudit.audits.rebuild.tables.REBUILD_CAUSES`.
    :param kept: :data:`genaudit.audits.rebuild.tables.KEPT`.
    :param costs: :data:`genaudit.audits.rebuild.tables.COSTS`.
    :param unavoidable: :data:`genaudit.audits.rebuild.tables.UNAVOIDABLE`.
    :param blast: :data:`genaudit.audits.rebuild.tables.BLAST`.
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
    """Try modes on a selection, in memory: nothing is written, and no model is called.

    :param identities: the frame of :func:`genaudit.audits.recompute.recompute`, where it is there already.
    :returns: findings ``REPLICATE_RULES_DIFFER``.
    :raises DDError: ``INVALID_CONFIG`` or ``INVALID_MEMBERSHIP`` with everything that is wrong with the selection and
        the modes under ``problems``; what kept the first mode from being planned, when no mode could be.
    """
    request = request or RebuildRequest()
    identities = recompute(snapshot).frame if identities is None else identities
    stored = stored_in(snapshot)
    choice = request.choose(Layout(snapshot.root), stored, identities)
    scheme = request.ids_scheme()
    mode = _mode_of(choice)
    by_default = (ALL, mode) if mode is not None and mode in CURATED[choice.stage] else (ALL,)
    modes, problems = choose_modes(request.modes or by_default, choice.stage)
    if choice.how == "nothing":
        modes = [mode for mode in modes if mode not in CURATED[choice.stage]]
    remade = content(snapshot).drifted if request.remake_drifted else frozenset()
    ground = Ground(snapshot, stored, choice, request.cohort_id, scheme, request.force, remade)
    problems += choice.problems
    # Ids are looked up by planning for them; whoever names some learns what is wrong with them, whatever the modes.
    if problems or request.chooses or request.select is not None:
        _raise_problems(ground, modes, problems)
    tried, failed = _try(ground, modes)
    return _result(ground, request, identities, tried, failed)


def _raise_problems(ground: Ground, modes: Sequence[str], problems: list[dict[str, Any]]) -> None:
    """Raise all that is wrong with modes and selection at once, also where no curated mode sees the latter."""
    curated = CURATED[ground.choice.stage]
    if problems or not any(mode in curated for mode in modes):
        _add_of_selection(ground.try_mode(next(iter(curated))), problems)
    of_modes = problems and all(problem.get("option") == MODES for problem in problems)
    raise_selection_problems(MODES if of_modes else ground.choice.source, problems)


def _add_of_selection(outcome: Tried | DDError, problems: list[dict[str, Any]]) -> None:
    """Add what planning found to be wrong with the ids, once."""
    if isinstance(outcome, Tried) or outcome.ctx.get("reason") not in _OF_SELECTION:
        return
    known = {(problem["problem"], problem.get("value")) for problem in problems}
    problems += [
        {"problem": each["problem"], "value": each.get("gen_id"), **each}
        for each in outcome.ctx["problems"]
        if (each["problem"], each.get("gen_id")) not in known
    ]


def _try(ground: Ground, modes: Sequence[str]) -> tuple[list[Tried], dict[str, DDError]]:
    """Try modes; those that cannot be planned are told beside the others, as long as the selection holds."""
    tried: list[Tried] = []
    failed: dict[str, DDError] = {}
    for mode in modes:
        outcome = ground.try_mode(mode)
        if isinstance(outcome, Tried):
            tried.append(outcome)
            continue
        # Every mode would find the same fault with the same ids.
        problems: list[dict[str, Any]] = []
        _add_of_selection(outcome, problems)
        raise_selection_problems(ground.choice.source, problems)
        failed[mode] = outcome
    if failed and not tried:
        raise next(iter(failed.values()))
    return tried, failed


def _result(
    ground: Ground,
    request: RebuildRequest,
    identities: pd.DataFrame,
    tried: list[Tried],
    failed: Mapping[str, DDError],
) -> RebuildResult:
    snapshot, choice = ground.snapshot, ground.choice
    explainer = Explainer(ground)
    explained = {one.mode: explainer.explain(one) for one in tried}
    slots = Slots(tried)
    costs = costs_of(snapshot, (member for one in tried for member in one.each()), request.prices)
    table, saved = lay_out(tried, explained, slots, costs)
    classes = classes_of(snapshot, identities)
    kin = kin_of(choice, ground.stored)
    kept = what_is_kept([one for one in tried if one.mode in CURATED[choice.stage]], kin, classes)
    comparison = compare(tried, costs)
    curated = [one.mode for one in tried if one.mode in CURATED[choice.stage]]
    parting = {one.mode: partings(one, ground.stored) for one in tried}
    asked = _asked(request, choice, list(parting))
    findings = Findings()
    report_partings(((mode, one) for mode in asked for one in parting[mode]), findings)
    advice = advise(choice, comparison, kept, saved)
    tables = {
        "comparison": comparison,
        "causes": count_causes(explained),
        "kept": kept,
        "costs": costs.frame(),
        "unavoidable": unavoidable(called_in_all(slots, curated) if curated else {}),
        "blast": blast_radius(snapshot, kin, classes),
    }
    settings: dict[str, Any] = {"cohort_id": ground.cohort_id, FLAG: ground.ids.flag, "forced": ground.force}
    if request.remake_drifted:
        settings["remake_drifted"] = len(ground.remade)
    summary = summarise(
        choice=choice,
        settings=settings,
        tried=tried,
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
        table,
        findings.frame(),
        coverage,
        not_run=None,
        choice=choice,
        advice=tuple(advice),
        at_risk=paid_answers_at_risk(snapshot),
        **tables,
    )


def _asked(request: RebuildRequest, choice: Choice, tried: list[str]) -> list[str]:
    """Name the modes that somebody asked for: only what would really be built is worth a finding."""
    if request.modes or request.chooses:
        return tried
    mode = _mode_of(choice)
    return [mode] if mode in tried else []


def _mode_of(choice: Choice) -> str | None:
    """Name the mode that a selection file asks for; ``None`` without a file."""
    if choice.mode is None:
        return None
    return mode_name(choice.mode, skip_existing=choice.skip_existing, reuse=choice.reuse)


def problem_sentence(problem: Mapping[str, Any]) -> str:
    """Describe the error that kept every mode from being planned."""
    values = [str(each.get("value") or each.get("catalog") or "") for each in problem.get("problems", [])]
    named = ", ".join(filter(None, values[:_MOST_PROBLEMS]))
    reason = str(problem["reason"]).replace("_", " ")
    return f"The selection cannot be planned: {reason}{': ' if named else ''}{named}."


def rebuild_by_default(snapshot: Snapshot, identities: pd.DataFrame) -> RebuildResult:
    """Try every mode on what the data root selects; where that cannot be done, say why instead of raising."""
    try:
        return rebuild(snapshot, identities=identities)
    except DDError as error:
        problem = {"code": str(error.code), **error.ctx}
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
        layout = Layout(snapshot.root)
        applies = layout.catalogs.is_dir() or layout.combo_mappings.is_file()
        left_out = "selections that cannot be planned" if applies else "not applicable: the store has no catalogs"
        coverage = Coverage(checked={"planned generations": 0}, skipped={left_out: 1})
        return RebuildResult(
            "rebuild",
            RebuildProblem(problem),
            from_rows(REBUILD, []),
            Findings().frame(),
            coverage,
            not_run=NotRun(str(error.ctx.get("reason")), problem_sentence(problem)) if applies else None,
            choice=none,
            advice=(),
            at_risk=paid_answers_at_risk(snapshot),
            **tables,
        )
