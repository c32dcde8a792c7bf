"""Cartesian plans: all combinations of the active catalog rows."""

from __future__ import annotations

from itertools import product

from genaudit.cohorts.catalogs import MODELS, SELECTED_COMBOS, TEMPLATES, Catalogs, raise_catalog_problems
from genaudit.cohorts.definition import CohortDefinition, PlannedDraft, PlannedEssay, PlannedEvaluation
from genaudit.cohorts.design_size import check_size, judge_sizes
from genaudit.errors import Reason
from genaudit.limits import MAX_MEMBERS


def cartesian_definition(catalogs: Catalogs, max_members: int = MAX_MEMBERS) -> CohortDefinition:
    """Combine selected combos, active templates and models, replicates from 1 to the configured number.

    The combos are those of ``2_tasks/selected_combo_mappings.csv``, never the whole catalog: that only grows, and
    every further combo is paid for. Essays take their draft's model.

    :param catalogs: with replicates and selected combos.
    :param max_members: the largest number of members of a stage.
    :raises DDError: as :func:`~genaudit.cohorts.design_size.check_size`, before anything is combined;
        ``INVALID_CONFIG``, reason ``catalog_invalid``, when no template or no model of a kind that is
        needed for drafts or essays is active; nothing is wrong with a plan without evaluations.
    """
    axes = {
        SELECTED_COMBOS: list(catalogs.selected_combos),
        TEMPLATES["draft"]: catalogs.active_templates("draft"),
        MODELS: catalogs.generation_models,
        TEMPLATES["essay"]: catalogs.active_templates("essay"),
    }
    raise_catalog_problems(
        [
            {"catalog": name, "problem": str(Reason.CATALOG_INVALID), "detail": "no row is active for generation"}
            for name, values in axes.items()
            if not values
        ]
    )
    combos, draft_templates, models, essay_templates = axes.values()
    evaluation_templates = catalogs.active_templates("evaluation")
    sizes = {
        "combos": len(combos),
        "draft templates": len(draft_templates),
        "generation models": len(models),
        "draft replicates": catalogs.replicates["draft"],
        "essay templates": len(essay_templates),
        "essay replicates": catalogs.replicates["essay"],
    }
    judging = judge_sizes(len(evaluation_templates), len(catalogs.evaluation_models), catalogs.replicates)
    check_size("cartesian", {**sizes, **judging}, max_members)
    numbers = {stage: range(1, count + 1) for stage, count in catalogs.replicates.items()}
    drafts = [PlannedDraft(*parts) for parts in product(combos, draft_templates, models, numbers["draft"])]
    essays = [
        PlannedEssay(draft, template, draft.llm_model_id, number)
        for draft, template, number in product(drafts, essay_templates, numbers["essay"])
    ]
    judges = list(product(evaluation_templates, catalogs.evaluation_models, numbers["evaluation"]))
    evaluations = [PlannedEvaluation(essay, *parts) for essay in essays for parts in judges]
    return CohortDefinition(tuple(drafts), tuple(essays), tuple(evaluations))
