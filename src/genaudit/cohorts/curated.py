"""The curated way to plan a cohort: from essays or drafts of the store, as much anew as the mode says."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from genaudit.cohorts.catalogs import TEMPLATES, raise_catalog_problems
from genaudit.cohorts.generations import Generation
from genaudit.cohorts.selection import CuratedMode
from genaudit.errors import DDError, Err
from genaudit.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genaudit.cohorts.catalogs import Catalogs
    from genaudit.cohorts.interfaces import GenerationRegistry
    from genaudit.cohorts.plan import Planner
    from genaudit.cohorts.selection import Selection


class Line(NamedTuple):
    """What one id of a selection stands for.

    :param draft_id: the selected draft, or the parent of the selected essay.
    :param essay_id: the selected essay, if an essay was selected.
    :param essay_templates: the templates of new essays.
    :param model: the model of new drafts and essays: the essay's own, else its draft's.
    """

    draft_id: str
    draft: Generation
    essay_id: str | None
    essay: Generation | None
    essay_templates: tuple[str, ...]
    model: str | None

    @property
    def selected(self) -> str:
        """The id that stands in the selection."""
        return self.essay_id or self.draft_id


def plan_curated(planner: Planner, selection: Selection) -> None:
    """Plan what a selection asks for.

    New generations continue the replicates of those that exist. Every id of the selection asks for its own: two
    selected essays of one draft get new drafts each.

    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_selection``, with ``file`` and under ``problems``
        everything that is wrong with any of the ids: ``problem`` (``unknown_id``, ``wrong_stage``, ``unverifiable``,
        ``parent_missing``, ``parent_unverifiable``), ``gen_id``, ``detail`` and ``nearest``; ``INVALID_CONFIG``,
        reason ``catalog_invalid``, when drafts are selected and no essay template is active.
    """
    lines = _lines(selection, planner.catalogs, planner.registry)
    if selection.repeated:
        planner.warn("selected_more_than_once", gen_ids=list(selection.repeated))
    reuses_essays = selection.mode is CuratedMode.REUSE_ESSAYS
    if selection.skip_existing and not reuses_essays:
        # New essays have no evaluations yet.
        planner.warn("skip_existing_without_effect", mode=selection.mode.value)
    if selection.mode is CuratedMode.REGENERATE:
        drafts = _new_drafts(planner, lines)
    else:
        drafts = [(line, line.draft_id) for line in lines]
        for line in lines:
            planner.keep("draft", line.draft_id, line.draft, line.selected)
    essays = _kept_essays(planner, lines) if reuses_essays else _new_essays(planner, drafts)
    _evaluations(planner, essays, fills_up=selection.skip_existing and reuses_essays)


def _new_drafts(planner: Planner, lines: Sequence[Line]) -> list[tuple[Line, str]]:
    """Ask for further replicates of each line's draft, with the line's model.

    :returns: each new draft's id with the line that it is for.
    """
    catalogs = planner.catalogs
    owners: list[Line] = []
    wanted: list[Generation] = []
    for line in lines:
        combo = catalogs.spelled_combo(line.draft.combo_id)
        template = catalogs.spelled_template("draft", line.draft.template_id)
        draft = Generation(combo, None, template, line.model, None)
        made = planner.registry.continued("draft", draft, catalogs.replicates["draft"])
        wanted += made
        owners += [line] * len(made)
    return list(zip(owners, planner.ask("draft", wanted, _selected(owners)), strict=True))


def _selected(lines: Sequence[Line]) -> list[str]:
    return [line.selected for line in lines]


def _new_essays(planner: Planner, drafts: Sequence[tuple[Line, str]]) -> list[tuple[Line, str]]:
    owners: list[Line] = []
    wanted: list[Generation] = []
    for line, draft_id in drafts:
        for template in line.essay_templates:
            essay = Generation(None, draft_id, template, line.model, None)
            made = planner.registry.continued("essay", essay, planner.catalogs.replicates["essay"])
            wanted += made
            owners += [line] * len(made)
    return list(zip(owners, planner.ask("essay", wanted, _selected(owners)), strict=True))


def _kept_essays(planner: Planner, lines: Sequence[Line]) -> list[tuple[Line, str]]:
    kept: list[tuple[Line, str]] = []
    for line in lines:
        if line.essay_id is not None and line.essay is not None:
            planner.keep("essay", line.essay_id, line.essay._replace(llm_model_id=line.model), line.selected)
            kept.append((line, line.essay_id))
    return kept


def _evaluations(planner: Planner, essays: Sequence[tuple[Line, str]], *, fills_up: bool) -> None:
    """Ask for evaluations of each essay by every active template and model.

    :param fills_up: stored ones count towards the replicates, the first ids first; otherwise all are new.
    """
    catalogs, registry = planner.catalogs, planner.registry
    judges = list(product(catalogs.active_templates("evaluation"), catalogs.evaluation_models))
    count = catalogs.replicates["evaluation"]
    owners: list[Line] = []
    wanted: list[Generation] = []
    for line, essay_id in essays:
        for template, model in judges:
            evaluation = Generation(None, essay_id, template, model, None)
            kept = registry.replicates("evaluation", evaluation)[:count] if fills_up else []
            for gen_id in kept:
                stored = registry.find("evaluation", gen_id) or evaluation
                planner.keep("evaluation", gen_id, stored._replace(parent_gen_id=essay_id), line.selected)
            made = registry.continued("evaluation", evaluation, count - len(kept))
            wanted += made
            owners += [line] * len(made)
    planner.ask("evaluation", wanted, _selected(owners))
    if not judges:
        planner.warn("no_evaluations")


def _lines(selection: Selection, catalogs: Catalogs, registry: GenerationRegistry) -> list[Line]:
    """Look every selected id up in the store."""
    finder = _Finder(registry)
    templates: tuple[str, ...] = ()
    if selection.stage == "draft":
        templates = tuple(catalogs.active_templates("essay"))
        if not templates:
            problem = {"catalog": TEMPLATES["essay"], "problem": "catalog_invalid", "detail": "no template is active"}
            raise_catalog_problems([problem])
    lines: list[Line] = []
    for gen_id in selection.ids:
        if selection.stage == "draft":
            if draft := finder.selected("draft", gen_id):
                model = catalogs.spelled_model(draft.llm_model_id)
                lines.append(Line(gen_id, draft, None, None, templates, model))
        elif (essay := finder.selected("essay", gen_id)) and (draft := finder.parent("draft", gen_id, essay)):
            template = str(catalogs.spelled_template("essay", essay.template_id))
            model = catalogs.spelled_model(essay.llm_model_id or draft.llm_model_id)
            lines.append(Line(str(essay.parent_gen_id), draft, gen_id, essay, (template,), model))
    if finder.problems:
        ctx = {"reason": "invalid_selection", "file": selection.source, "problems": finder.problems}
        raise DDError(Err.INVALID_MEMBERSHIP, ctx)
    return lines


class _Finder:
    """Looks generations up in the store and gathers why it could not."""

    def __init__(self, registry: GenerationRegistry) -> None:
        self.problems: list[dict[str, Any]] = []
        self._registry = registry

    def selected(self, stage: str, gen_id: str) -> Generation | None:
        """Find a selected generation."""
        found = self._registry.find(stage, gen_id)
        if found is None:
            elsewhere = next((other for other in STAGES if self._registry.is_stored(other, gen_id)), None)
            if problem := self._registry.unverifiable(stage, gen_id):
                self._add("unverifiable", gen_id, problem)
            elif elsewhere is not None:
                self._add("wrong_stage", gen_id, f"it is in stage {elsewhere}, not {stage}")
            else:
                nearest = self._registry.nearest(stage, gen_id)
                self._add("unknown_id", gen_id, f"no such {stage}", nearest)
        return found

    def parent(self, stage: str, gen_id: str, child: Generation) -> Generation | None:
        """Find the parent of a selected generation."""
        parent_id = str(child.parent_gen_id)
        found = self._registry.find(stage, parent_id)
        if found is None:
            problem = self._registry.unverifiable(stage, parent_id)
            detail = f"its {stage} {parent_id}: {problem or 'not in the store'}"
            self._add("parent_unverifiable" if problem else "parent_missing", gen_id, detail)
        return found

    def _add(self, problem: str, gen_id: str, detail: str, nearest: str | None = None) -> None:
        self.problems.append({"problem": problem, "gen_id": gen_id, "detail": detail, "nearest": nearest})
