"""Distinct generations of a spec's design: drafts, essays and evaluations, in the order of the design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from genaudit.cohorts.spec import CohortSpec, expand
from genaudit.cohorts.spec_checks import (
    AXES,
    ID_AXES,
    NO_MODEL,
    NO_MODEL_AXIS,
    Level,
    SpecProblem,
    SpecReport,
    first_name,
)
from genaudit.ids import normal_text

REQUIRED_AXES: Final = tuple(axis for axis in ID_AXES if axis != NO_MODEL_AXIS)


@dataclass(frozen=True, slots=True)
class PlannedDraft:
    """A planned draft, by the fields of its record."""

    combo_id: str
    template_id: str
    llm_model_id: str
    replicate: int


@dataclass(frozen=True, slots=True)
class PlannedEssay:
    """A planned essay.

    :param llm_model_id: ``None`` if the spec names no model: the essay copies its draft, or takes its model.
    """

    draft: PlannedDraft
    template_id: str
    llm_model_id: str | None
    replicate: int


@dataclass(frozen=True, slots=True)
class PlannedEvaluation:
    """A planned evaluation."""

    essay: PlannedEssay
    template_id: str
    llm_model_id: str
    replicate: int


@dataclass(frozen=True, slots=True)
class CohortDefinition:
    """The generations of a cohort, each once, in the order in which the design first needs it."""

    drafts: tuple[PlannedDraft, ...]
    essays: tuple[PlannedEssay, ...]
    evaluations: tuple[PlannedEvaluation, ...]


def define(spec: CohortSpec) -> CohortDefinition:
    """Collect the distinct generations from the rows of a spec.

    A missing replicate axis means 1, the essay's model is optional, and axes that the format does not define are
    ignored. Every other axis is required. Memory grows with the number of distinct entries.

    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_spec``, with a problem ``missing`` for each missing axis;
        the same with a problem ``essay_models_at_odds`` for the first essay that differs from another only by its
        model, because their signatures are the same.
    """
    columns = {first_name(name): name for name in spec.field_order}
    report = SpecReport(spec.source, spec.source, "axes")
    for axis in REQUIRED_AXES:
        if axis not in spec.axes:
            near = get_close_matches(axis, [other for other in spec.axes if other not in AXES], n=1)
            report.add(SpecProblem.MISSING, axis=axis, value=near[0] if near else None, among=(axis,))
    report.raise_any()
    definition = _collect(expand(spec), columns)
    _check_models(definition, SpecReport(spec.source, spec.source, f"axes.{NO_MODEL_AXIS}"))
    return definition


def _check_models(definition: CohortDefinition, report: SpecReport) -> None:
    first: dict[object, str | None] = {}
    for essay in definition.essays:
        model = normal_text(essay.llm_model_id)
        if first.setdefault((essay.draft, normal_text(essay.template_id), essay.replicate), model) != model:
            report.add(SpecProblem.MODELS_AT_ODDS, axis=NO_MODEL_AXIS, value=essay.llm_model_id or NO_MODEL)
            break
    report.raise_any()


def _collect(rows: Iterable[Mapping[str, Level]], columns: Mapping[str, str]) -> CohortDefinition:
    """Collect the entries of rows.

    :param columns: the name of each axis in the rows.
    """
    names = {axis: columns.get(axis, axis) for axis in AXES}
    drafts: dict[PlannedDraft, PlannedDraft] = {}
    essays: dict[PlannedEssay, PlannedEssay] = {}
    evaluations: dict[PlannedEvaluation, None] = {}
    for row in rows:
        draft = PlannedDraft(str(row[names["combo_id"]]), *_planned("draft", row, names))
        # Share one object per entry, so that a hundred evaluations of an essay do not hold a hundred essays.
        draft = drafts.setdefault(draft, draft)
        template, model, replicate = _planned("essay", row, names)
        essay = PlannedEssay(draft, template, None if model == NO_MODEL else model, replicate)
        essay = essays.setdefault(essay, essay)
        evaluations[PlannedEvaluation(essay, *_planned("evaluation", row, names))] = None
    return CohortDefinition(tuple(drafts), tuple(essays), tuple(evaluations))


def _planned(stage: str, row: Mapping[str, Level], names: Mapping[str, str]) -> tuple[str, str, int]:
    """Return the template, the model and the replicate of one stage from a row."""
    template = row[names[f"{stage}_template"]]
    model = row.get(names[f"{stage}_llm"], NO_MODEL)
    return str(template), str(model), int(row.get(names[f"{stage}_replicate"], 1))
