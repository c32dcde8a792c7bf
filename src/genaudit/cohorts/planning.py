"""From a definition to the membership that it stands for, whichever of the three ways it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genaudit.cohorts.cartesian import cartesian_definition
from genaudit.cohorts.curated import plan_curated
from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.generations import Generation
from genaudit.cohorts.plan import Planner
from genaudit.cohorts.selection import Cartesian, Selection
from genaudit.errors import DDError, Err

if TYPE_CHECKING:
    from genaudit.cohorts.catalogs import Catalogs
    from genaudit.cohorts.definition import PlannedEssay
    from genaudit.cohorts.interfaces import GenerationRegistry
    from genaudit.cohorts.plan import MembershipPlan


def generate_membership(
    cohort_id: str, definition: object, catalogs: Catalogs, registry: GenerationRegistry
) -> MembershipPlan:
    """Work out the generations that a cohort is made of; nothing is written.

    :param definition: a :class:`~genaudit.cohorts.definition.CohortDefinition` (the design of a spec), a
        :class:`~genaudit.cohorts.selection.Selection` or :class:`~genaudit.cohorts.selection.Cartesian`.
    :param registry: made for this plan; it is changed.
    :raises DDError: ``INVALID_CONFIG``, reason ``unsupported_definition``; as
        :func:`~genaudit.cohorts.curated.plan_curated` and :func:`~genaudit.cohorts.cartesian.cartesian_definition`;
        ``INVALID_MEMBERSHIP``, reason ``id_collision``.
    """
    planner = Planner(cohort_id, catalogs, registry)
    match definition:
        case CohortDefinition():
            plan_design(planner, definition)
        case Cartesian():
            plan_design(planner, cartesian_definition(catalogs))
        case Selection():
            plan_curated(planner, definition)
        case _:
            ctx = {"reason": "unsupported_definition", "type": type(definition).__name__}
            raise DDError(Err.INVALID_CONFIG, ctx)
    return planner.plan()


def plan_design(planner: Planner, definition: CohortDefinition) -> None:
    """Plan every entry of a design, under the parents that it names, with the replicates that it names."""
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
    planner.ask(
        "evaluation",
        [
            Generation(None, essay_ids[each.essay], each.template_id, each.llm_model_id, each.replicate)
            for each in definition.evaluations
        ],
    )
    if not definition.evaluations:
        planner.warn("no_evaluations")


def _essay_model(planner: Planner, essay: PlannedEssay) -> str | None:
    """An essay without a model of its own takes its draft's, unless it only copies the draft."""
    copies = planner.catalogs.mode("essay", essay.template_id) == "copy"
    return essay.llm_model_id or (None if copies else essay.draft.llm_model_id)
