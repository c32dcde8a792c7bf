"""Explanations of new generations without a stored counterpart: parts of signatures that were never used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genaudit.audits.rebuild.causes import Cause, CauseDetail, Explanations, texts
from genaudit.audits.rebuild.modes import ModePlan
from genaudit.audits.rebuild.planned import Planned
from genaudit.audits.rebuild.siblings import Siblings
from genaudit.cohorts.bases import Bases
from genaudit.encoded import MISSING, Numbers, distinct
from genaudit.ids import normal_name
from genaudit.stages import PARENT, STAGES, Stage

TEMPLATE: Final = "template_id"
MODEL: Final = "llm_model_id"


class Axes:
    """The templates and models of a stage's stored signatures, for a comparison with planned ones.

    Texts are made once for each distinct set of siblings and planned value.
    """

    def __init__(self, stage: Stage, bases: Bases) -> None:
        self._stage = stage
        self._bases = bases
        self._siblings = Siblings(bases)

    def explain(self, planned: Planned, rows: Numbers, anchors: Numbers, plan: ModePlan, found: Explanations) -> None:
        """Explain generations without a stored counterpart.

        :param rows: these generations; they have an anchor.
        :param anchors: the anchor of every planned generation, by its place in the stored signatures.
        """
        if not len(rows):
            return
        self._of_anchors(planned, rows[anchors[rows] == MISSING], found)
        rows = rows[anchors[rows] != MISSING]
        active = _Active(plan)
        templates = planned.fields[TEMPLATE]
        pairs = self._bases.find([anchors, self._bases.codes(1, templates)])
        unused = rows[pairs[rows] == MISSING]

        def of_template(number: int, row: int) -> Sequence[CauseDetail]:
            used, own = self._siblings.names(1, number), templates.value(row)
            retired = sorted(used - active.templates[planned.stage])
            return [
                CauseDetail(Cause.AXIS_NEW, TEMPLATE, _listed(used), own),
                *(CauseDetail(Cause.TEMPLATE_INACTIVE, TEMPLATE, other, own) for other in retired),
            ]

        _add(unused, self._siblings.templates[anchors[unused]], templates.places, of_template, found)
        if MODEL not in self._stage.signature:
            return
        models = planned.fields[MODEL]

        def of_model(number: int, row: int) -> Sequence[CauseDetail]:
            used, own = self._siblings.names(2, number), models.value(row)
            if normal_name(own) in used:
                return []
            retired = sorted(used - active.models[planned.stage])
            return [
                CauseDetail(Cause.AXIS_NEW, MODEL, _listed(used), own),
                *(CauseDetail(Cause.MODEL_INACTIVE, MODEL, other, own) for other in retired),
            ]

        def of_pair(number: int, row: int) -> Sequence[CauseDetail]:
            return [CauseDetail(Cause.AXIS_NEW, MODEL, _listed(self._siblings.names(2, number)), models.value(row))]

        explained = _add(rows, self._siblings.models[anchors[rows]], models.places, of_model, found)
        rows = rows[~explained & (pairs[rows] != MISSING)]
        _add(rows, self._siblings.pairs[pairs[rows]], models.places, of_pair, found)

    def _of_anchors(self, planned: Planned, rows: Numbers, found: Explanations) -> None:
        """Explain generations whose anchor has no stored generations at all."""
        field = TEMPLATE if self._stage.signature[0] == PARENT else self._stage.signature[0]
        column = planned.fields[field]

        def of_anchor(_number: int, row: int) -> Sequence[CauseDetail]:
            own = column.value(row)
            return [CauseDetail(Cause.AXIS_NEW, field, None, own if field == TEMPLATE else normal_name(own))]

        _add(rows, np.zeros(len(rows), dtype=np.int64), column.places, of_anchor, found)


def _add(
    rows: Numbers,
    numbers: Numbers,
    places: NDArray[np.integer[Any]],
    details: Callable[[int, int], Sequence[CauseDetail]],
    found: Explanations,
) -> NDArray[np.bool_]:
    """Add the causes of some rows, made once for each pair of a number and a place.

    :param numbers: a number for each of the rows.
    :param places: the places of all planned generations.
    :param details: makes the causes for a number and a row.
    :returns: whether each of the rows has any.
    """
    if not len(rows):
        return np.zeros(0, dtype=bool)
    first, kinds = distinct([numbers, places[rows]])
    made = [details(int(numbers[one]), int(rows[one])) for one in first.tolist()]
    causes = texts(["".join(one.text for one in each) for each in made])
    for cause in dict.fromkeys(one.cause for each in made for one in each):
        found.note(cause, rows[np.array([any(one.cause == cause for one in each) for each in made])[kinds]])
    found.causes[rows] += causes[kinds]
    return np.array([bool(each) for each in made])[kinds]


class _Active:
    """The templates and models that a mode can plan, by stage; if it may use any, none counts as retired."""

    def __init__(self, plan: ModePlan) -> None:
        catalogs = plan.catalogs
        if plan.by_the_catalogs:
            self.templates = {stage: _normal(catalogs.active_templates(stage)) for stage in STAGES}
            judges, writers = _normal(catalogs.evaluation_models), _normal(catalogs.generation_models)
            self.models = {stage: judges if stage == "evaluation" else writers for stage in STAGES}
        else:
            known = set(catalogs.models)
            self.templates = {stage: set(catalogs.templates[stage]) for stage in STAGES}
            self.models = dict.fromkeys(STAGES, known)


def _normal(names: Sequence[str]) -> set[str]:
    return {normal_name(name) or "" for name in names}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
