"""Checks of a definition before planning, and of a membership before writing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.cohorts.catalogs import Catalogs
from genaudit.cohorts.definition import CohortDefinition, PlannedDraft, PlannedEssay, PlannedEvaluation
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.plan import NEW
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.errors import DDError, Err, Reason
from genaudit.ids import MAX_REPLICATE, normal_text
from genaudit.stages import PARENT, STAGE_NAMES, STAGES

_MAX_NEAR_MISSES: Final = 50


def validate_cohort_definition(definition: object) -> None:
    """Check that a definition is consistent, whatever its source.

    :param definition: as :func:`genaudit.cohorts.planning.generate_membership` takes it.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_constraint``, with all errors under ``problems``
        (``problem``, ``stage``, ``value``); reason ``unsupported_curated_mode`` if that is the only kind.
    """
    problems: list[dict[str, Any]] = []
    if isinstance(definition, CohortDefinition):
        problems = [*_empty(definition), *_unrelated(definition), *_malformed(definition), *_at_odds(definition)]
    elif isinstance(definition, Selection):
        problems = list(_unsupported(definition))
    elif not isinstance(definition, Cartesian):
        ctx = {"reason": Reason.UNSUPPORTED_DEFINITION, "type": type(definition).__name__}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if problems:
        reasons = {problem["problem"] for problem in problems}
        unsupported = Reason.UNSUPPORTED_CURATED_MODE
        reason = unsupported if reasons == {unsupported} else Reason.INVALID_CONSTRAINT
        raise DDError(Err.INVALID_CONFIG, {"reason": reason, "problems": problems})


def _problem(problem: str, stage: str, value: object) -> dict[str, Any]:
    return {"problem": problem, "stage": stage, "value": value}


def _unsupported(selection: Selection) -> Iterable[dict[str, Any]]:
    if selection.stage not in STAGE_NAMES[:2]:
        yield _problem("unsupported_curated_mode", selection.stage, selection.mode.value)
    if selection.stage == "draft" and (selection.mode is CuratedMode.REUSE_ESSAYS or selection.skip_existing):
        yield _problem("unsupported_curated_mode", "draft", selection.mode.value)
    if selection.reuse and selection.mode is CuratedMode.REGENERATE:
        yield _problem("contradicting_directives", selection.stage, selection.mode.value)
    if selection.reuse != STAGE_NAMES[: len(selection.reuse)]:
        yield _problem("stages_out_of_order", selection.stage, list(selection.reuse))
    if not selection.ids:
        yield _problem("empty_selection", selection.stage, None)


def _empty(definition: CohortDefinition) -> Iterable[dict[str, Any]]:
    if not definition.drafts:
        yield _problem("empty", "draft", None)


def _unrelated(definition: CohortDefinition) -> Iterable[dict[str, Any]]:
    """Find the entries whose parent is not in the definition."""
    drafts, essays = set(definition.drafts), set(definition.essays)
    for essay in definition.essays:
        if essay.draft not in drafts:
            yield _problem("draft_not_defined", "essay", _shown(essay))
    for evaluation in definition.evaluations:
        if evaluation.essay not in essays:
            yield _problem("essay_not_defined", "evaluation", _shown(evaluation))


def _malformed(definition: CohortDefinition) -> Iterable[dict[str, Any]]:
    for draft in definition.drafts:
        if not normal_text(draft.combo_id):
            yield _problem("blank_combo", "draft", _shown(draft))
    stages = (("draft", definition.drafts), ("essay", definition.essays), ("evaluation", definition.evaluations))
    for stage, entries in stages:
        for entry in entries:
            if not normal_text(entry.template_id):
                yield _problem("blank_template", stage, _shown(entry))
            if not normal_text(entry.llm_model_id) and (stage != "essay" or entry.llm_model_id is not None):
                yield _problem("blank_model", stage, _shown(entry))
            if not 1 <= entry.replicate <= MAX_REPLICATE:
                yield _problem("replicate_out_of_domain", stage, _shown(entry))


def _at_odds(definition: CohortDefinition) -> Iterable[dict[str, Any]]:
    """Find essays that differ only in their model, which is not part of the signature: they would share one id."""
    first: dict[object, PlannedEssay] = {}
    for essay in definition.essays:
        known = first.setdefault((essay.draft, normal_text(essay.template_id), essay.replicate), essay)
        if normal_text(known.llm_model_id) != normal_text(essay.llm_model_id):
            yield _problem("essay_models_at_odds", "essay", _shown(essay))


def _shown(entry: PlannedDraft | PlannedEssay | PlannedEvaluation) -> dict[str, Any]:
    return {"template_id": entry.template_id, "llm_model_id": entry.llm_model_id, "replicate": entry.replicate}


def validate_membership_against_catalog(members: pd.DataFrame, catalogs: Catalogs) -> list[dict[str, Any]]:
    """Check that the catalogs cover a membership: every combo, and the templates and models of new generations.

    A combo must be known even if its draft is stored, since its catalog only grows. A stored generation can be used
    even if its template or model has left the catalogs.

    :param members: rows with the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :returns: values of stored generations that are not covered, in the form of the problems below.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``coverage_gap``, with ``problems``: ``stage``, ``field``,
        ``value``, ``rows`` (how many have the value) and ``nearest`` for each distinct value.
    """
    gaps: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    new = (members["origin"] == NEW).to_numpy()
    columns = {field: pd.factorize(members[field]) for field in ("template_id", "llm_model_id", "combo_id")}
    for stage in STAGES:
        own = (members["stage"] == stage).to_numpy()
        for field, ids in (("template_id", catalogs.templates[stage]), ("llm_model_id", catalogs.models)):
            gaps += _uncovered(stage, field, columns[field], own & new, ids)
            accepted += _uncovered(stage, field, columns[field], own & ~new, ids)
        gaps += _uncovered(stage, "combo_id", columns["combo_id"], own, catalogs.combos)
    if gaps:
        raise DDError(Err.INVALID_MEMBERSHIP, {"reason": Reason.COVERAGE_GAP, "problems": gaps})
    return accepted


def _uncovered(
    stage: str, field: str, column: tuple[NDArray[Any], Any], rows: NDArray[np.bool_], ids: Collection[str]
) -> list[dict[str, Any]]:
    """Describe the values of some rows that a catalog does not list, in the order of their first rows.

    :param column: the place of each row's value, and the values, as :func:`pandas.factorize` returns them.
    """
    codes, values = column
    places, first, counts = np.unique(codes[rows & (codes >= 0)], return_index=True, return_counts=True)
    every = [(values[places[one]], int(counts[one])) for one in np.argsort(first).tolist()]
    found = [(value, count) for value, count in every if normal_text(value) not in ids]
    return [
        {"stage": stage, "field": field, "value": value, "rows": count, "nearest": _nearest(value, ids, place)}
        for place, (value, count) in enumerate(found)
    ]


def _nearest(value: str, ids: Collection[str], place: int) -> str | None:
    # Comparing many gaps with a long catalog would take minutes, and nobody reads the hundredth suggestion.
    close = get_close_matches(value.strip().lower(), ids, n=1) if place < _MAX_NEAR_MISSES else []
    return close[0] if close else None


def validate_parent_integrity(members: pd.DataFrame, registry: GenerationRegistry) -> None:
    """Check that every parent exists, among the members or in the store.

    :param members: rows with the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``cohort_parent_integrity_failed``, with every offender under
        ``problems``: ``stage``, ``gen_id``, ``parent_stage``, ``parent_gen_id``.
    """
    problems: list[dict[str, Any]] = []
    ids = members["gen_id"].to_numpy()
    codes, parents = pd.factorize(members[PARENT])
    of_stage = {stage: np.flatnonzero(members["stage"] == stage) for stage in STAGES}
    for stage in STAGES.values():
        if stage.parent is None:
            continue
        rows, planned = of_stage[stage.name], set(ids[of_stage[stage.parent]].tolist())
        exists = np.zeros(len(parents) + 1, dtype=bool)
        for code in np.unique(codes[rows]).tolist():
            exists[code] = code >= 0 and (parents[code] in planned or registry.is_stored(stage.parent, parents[code]))
        for row in rows[~exists[codes[rows]]].tolist():
            offender = {"stage": stage.name, "gen_id": ids[row], "parent_stage": stage.parent}
            problems.append({**offender, "parent_gen_id": parents[codes[row]] if codes[row] >= 0 else None})
    if problems:
        reason = Reason.COHORT_PARENT_INTEGRITY_FAILED
        raise DDError(Err.INVALID_MEMBERSHIP, {"reason": reason, "problems": problems})
