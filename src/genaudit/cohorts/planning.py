"""Membership plans from any of the three kinds of definition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genaudit.cohorts.cartesian import cartesian_definition
from genaudit.cohorts.catalogs import Catalogs
from genaudit.cohorts.curated import plan_curated
from genaudit.cohorts.definition import CohortDefinition, PlannedEssay
from genaudit.cohorts.generations import Generation, Generations, base_of
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.plan import MembershipPlan, Planner
from genaudit.cohorts.selection import Cartesian, Selection
from genaudit.errors import DDError, Err, Reason
from genaudit.limits import MAX_MEMBERS


def generate_membership(
    cohort_id: str,
    definition: object,
    catalogs: Catalogs,
    registry: GenerationRegistry,
    max_members: int = MAX_MEMBERS,
) -> MembershipPlan:
    """Plan the generations of a cohort without writing anything.

    :param definition: a :class:`~genaudit.cohorts.definition.CohortDefinition` (the design of a spec), a
        :class:`~genaudit.cohorts.selection.Selection` or :class:`~genaudit.cohorts.selection.Cartesian`.
    :param registry: made for this plan; it is changed.
    :param max_members: the largest number of members of a stage in a curated or Cartesian plan.
    :raises DDError: ``INVALID_CONFIG``, reason ``unsupported_definition``; as
        :func:`~genaudit.cohorts.curated.plan_curated` and :func:`~genaudit.cohorts.cartesian.cartesian_definition`;
        ``INVALID_MEMBERSHIP``, reason ``deterministic_id_collision`` or ``id_collision``.
    """
    planner = Planner(cohort_id, catalogs, registry)
    match definition:
        case CohortDefinition():
            plan_design(planner, definition)
        case Cartesian():
            plan_design(planner, cartesian_definition(catalogs, max_members), continues=True)
        case Selection():
            plan_curated(planner, definition, max_members)
        case _:
            ctx = {"reason": Reason.UNSUPPORTED_DEFINITION, "type": type(definition).__name__}
            raise DDError(Err.INVALID_CONFIG, ctx)
    return planner.plan()


def plan_design(planner: Planner, definition: CohortDefinition, *, continues: bool = False) -> None:
    """Plan every entry of a design with its parents and replicates.

    :param continues: whether new evaluations continue the highest stored replicate. The cohort's own evaluations from
        an earlier build are kept.
    """
    drafts = planner.ask(
        "draft",
        [
            Generation(each.combo_id, None, each.template_id, each.llm_model_id, each.replicate)
            for each in definition.drafts
        ],
    )
    draft_ids = dict(zip(definition.drafts, drafts, strict=True))
    essays = planner.ask(
        "essay",
        [
            Generation(None, draft_ids[each.draft], each.template_id, _essay_model(planner, each), each.replicate)
            for each in definition.essays
        ],
    )
    essay_ids = dict(zip(definition.essays, essays, strict=True))
    evaluations = [
        Generation(None, essay_ids[each.essay], each.template_id, each.llm_model_id, each.replicate)
        for each in definition.evaluations
    ]
    planner.ask("evaluation", _further(planner, "evaluation", evaluations) if continues else evaluations)
    if not definition.evaluations:
        planner.warn("no_evaluations")


def _further(planner: Planner, stage: str, wanted: Sequence[Generation]) -> Generations:
    """Keep the cohort's own generations, so that a second build adds nothing, and renumber the others.

    :param wanted: planned generations; their replicates are ignored.
    :returns: the generations to add.
    """
    registry = planner.registry
    counts, names, stored = registry.replicates(stage, wanted)
    mine = [each.origin_cohort_id == planner.cohort_id for each in stored]
    ends = np.cumsum(counts).tolist()
    own: dict[tuple[str, ...], list[int]] = {}
    kept: list[int] = []
    further: list[Generation] = []
    for each, end, count in zip(wanted, ends, counts.tolist(), strict=True):
        base = base_of(stage, each)
        if base not in own:
            rows = [row for row in range(end - count, end) if mine[row]]
            own[base] = sorted(rows, key=lambda row: (stored[row].replicate or 1, names[row]), reverse=True)
        if own[base]:
            kept.append(own[base].pop())
        else:
            further.append(each)
    planner.keep(stage, [names[row] for row in kept], stored.take(np.array(kept, dtype=np.int64)))
    return registry.continued(stage, further, [1] * len(further))


def _essay_model(planner: Planner, essay: PlannedEssay) -> str | None:
    """Return an essay's model: its own, else its draft's, or ``None`` for a copy."""
    copies = planner.catalogs.mode("essay", essay.template_id) == "copy"
    return essay.llm_model_id or (None if copies else essay.draft.llm_model_id)
