"""What must hold of a definition before it is planned, and of a membership before it is written."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.plan import NEW
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.errors import DDError, Err
from genaudit.ids import MAX_REPLICATE, normal_text
from genaudit.stages import PARENT, STAGE_NAMES, STAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from genaudit.cohorts.catalogs import Catalogs
    from genaudit.cohorts.definition import PlannedDraft, PlannedEssay, PlannedEvaluation
    from genaudit.cohorts.interfaces import GenerationRegistry

_MAX_NEAR_MISSES: Final = 50


def validate_cohort_definition(definition: object) -> None:
    """Check that a definition hangs together, however it was made.

    :param definition: as :func:`genaudit.cohorts.planning.generate_membership` takes it.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_constraint``, with everything that is wrong under
        ``problems`` (``problem``, ``stage``, ``value``); reason ``unsupported_curated_mode`` when that is all.
    """
    problems: list[dict[str, Any]] = []
    if isinstance(definition, CohortDefinition):
        problems = [*_empty(definition), *_unrelated(definition), *_malformed(definition), *_at_odds(definition)]
    elif isinstance(definition, Selection):
        problems = list(_unsupported(definition))
    elif not isinstance(definition, Cartesian):
        ctx = {"reason": "unsupported_definition", "type": type(definition).__name__}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if problems:
        reasons = {problem["problem"] for problem in problems}
        unsupported = "unsupported_curated_mode"
        reason = unsupported if reasons == {unsupported} else "invalid_constraint"
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
    """Find the entries below an entry that the definition does not have."""
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
    """Find essays that differ in nothing but their model, which their signature does not name: they get one id."""
    first: dict[object, PlannedEssay] = {}
    for essay in definition.essays:
        known = first.setdefault((essay.draft, normal_text(essay.template_id), essay.replicate), essay)
        if normal_text(known.llm_model_id) != normal_text(essay.llm_model_id):
            yield _problem("essay_models_at_odds", "essay", _shown(essay))


def _shown(entry: PlannedDraft | PlannedEssay | PlannedEvaluation) -> dict[str, Any]:
    return {"template_id": entry.template_id, "llm_model_id": entry.llm_model_id, "replicate": entry.replicate}


def validate_membership_against_catalog(members: pd.DataFrame, catalogs: Catalogs) -> list[dict[str, Any]]:
    """Check that the catalogs cover a membership: every combo, and the templates and models of what is new.

    A combo must be known whether its draft is stored or not, since its catalog only grows. A stored generation whose
    template or model left the catalogs can still be used.

    :param members: with the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :returns: what stored generations have that is not covered, in the form of the problems below.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``coverage_gap``, with ``problems``: ``stage``, ``field``,
        ``value``, ``rows`` (how many have the value) and ``nearest`` for each distinct value.
    """
    gaps: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    for stage in STAGES:
        of_stage = members[members["stage"] == stage]
        new = (of_stage["origin"] == NEW).to_numpy()
        known = {"template_id": catalogs.templates[stage], "llm_model_id": catalogs.models}
        for field, ids in known.items():
            gaps += _uncovered(stage, field, of_stage[field][new], ids)
            accepted += _uncovered(stage, field, of_stage[field][~new], ids)
        gaps += _uncovered(stage, "combo_id", of_stage["combo_id"], catalogs.combos)
    if gaps:
        raise DDError(Err.INVALID_MEMBERSHIP, {"reason": "coverage_gap", "problems": gaps})
    return accepted


def _uncovered(stage: str, field: str, values: pd.Series[Any], ids: Collection[str]) -> list[dict[str, Any]]:
    counts = Counter(values.dropna().tolist())
    found = [value for value in counts if normal_text(value) not in ids]
    return [
        {
            "stage": stage,
            "field": field,
            "value": value,
            "rows": counts[value],
            "nearest": _nearest(value, ids, place),
        }
        for place, value in enumerate(found)
    ]


def _nearest(value: str, ids: Collection[str], place: int) -> str | None:
    # A long list of gaps held against a long catalog would take minutes, and nobody reads its hundredth near miss.
    close = get_close_matches(value.strip().lower(), ids, n=1) if place < _MAX_NEAR_MISSES else []
    return close[0] if close else None


def validate_parent_integrity(members: pd.DataFrame, registry: GenerationRegistry) -> None:
    """Check that every parent is there: among the members, or in the store.

    :param members: with the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``cohort_parent_integrity_failed``, with every offender under
        ``problems``: ``stage``, ``gen_id``, ``parent_stage``, ``parent_gen_id``.
    """
    problems: list[dict[str, Any]] = []
    by_stage = {stage: members[members["stage"] == stage] for stage in STAGES}
    for stage in STAGES.values():
        if stage.parent is None:
            continue
        planned = set(by_stage[stage.parent]["gen_id"])
        rows = by_stage[stage.name]
        parents = rows[PARENT].astype(object).where(rows[PARENT].notna(), None)
        for gen_id, parent in zip(rows["gen_id"], parents, strict=True):
            if parent not in planned and (parent is None or not registry.is_stored(stage.parent, parent)):
                offender = {"stage": stage.name, "gen_id": gen_id}
                problems.append({**offender, "parent_stage": stage.parent, "parent_gen_id": parent})
    if problems:
        reason = "cohort_parent_integrity_failed"
        raise DDError(Err.INVALID_MEMBERSHIP, {"reason": reason, "problems": problems})
