"""Membership plans from any of the three kinds of definition."""

from __future__ import annotations

from genaudit.cohorts.cartesian import cartesian_definition
from genaudit.cohorts.catalogs import Catalogs
from genaudit.cohorts.curated import plan_curated
from genaudit.cohorts.definition import CohortDefinition, PlannedEssay
from genaudit.cohorts.generations import Generation, base_of
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
    if continues:
        evaluations = _further(planner, "evaluation", evaluations)
    planner.ask("evaluation", evaluations)
    if not definition.evaluations:
        planner.warn("no_evaluations")


def _further(planner: Planner, stage: str, wanted: list[Generation]) -> list[Generation]:
    """Keep the cohort's own generations, so that a second build adds nothing, and renumber the others.

    :param wanted: planned generations; their replicates are ignored.
    :returns: the generations to add.
    """
    registry = planner.registry
    own: dict[tuple[str, ...], list[str]] = {}
    further: list[Generation] = []
    for each in wanted:
        base = base_of(stage, each)
        if base not in own:
            found = [(name, registry.find(stage, name)) for name in registry.replicates(stage, each)]
            mine = {name: one for name, one in found if one and one.origin_cohort_id == planner.cohort_id}
            own[base] = [name for _, name in sorted(((one.replicate or 1), name) for name, one in mine.items())][::-1]
        if own[base]:
            gen_id = own[base].pop()
            planner.keep(stage, gen_id, registry.find(stage, gen_id) or each)
        else:
            further += registry.continued(stage, each, 1)
    return further


def _essay_model(planner: Planner, essay: PlannedEssay) -> str | None:
    """Return an essay's model: its own, else its draft's, or ``None`` for a copy."""
    copies = planner.catalogs.mode("essay", essay.template_id) == "copy"
    return essay.llm_model_id or (None if copies else essay.draft.llm_model_id)
