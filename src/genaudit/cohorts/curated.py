"""Curated plans: from stored essays or drafts, with as many new generations as the mode asks for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from genaudit.cohorts.catalogs import TEMPLATES, Catalogs, raise_catalog_problems
from genaudit.cohorts.design_size import check_size, judge_sizes
from genaudit.cohorts.generations import Generation, base_of
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.plan import Planner
from genaudit.cohorts.selection import CuratedMode, Selection
from genaudit.errors import DDError, Err, Reason
from genaudit.limits import MAX_MEMBERS
from genaudit.stages import STAGES


class Line(NamedTuple):
    """The generations selected by one id.

    :param draft_id: the selected draft, or the parent of the selected essay.
    :param essay_id: the selected essay, if an essay was selected.
    :param essay_templates: templates of new essays.
    :param model: model of new drafts and essays: the essay's own, else its draft's.
    """

    draft_id: str
    draft: Generation
    essay_id: str | None
    essay: Generation | None
    essay_templates: tuple[str, ...]
    model: str | None

    @property
    def selected(self) -> str:
        """The id in the selection."""
        return self.essay_id or self.draft_id


def plan_curated(planner: Planner, selection: Selection, max_members: int = MAX_MEMBERS) -> None:
    """Plan the generations of a selection.

    New generations continue the existing replicates. Every selected id gets its own: two selected essays of one draft
    get separate new drafts.

    :param max_members: the largest number of members of a stage.
    :raises DDError: as :func:`~genaudit.cohorts.design_size.check_size`, before anything is planned;
        ``INVALID_MEMBERSHIP``, reason ``invalid_selection``, with ``file`` and under ``problems``
        everything that is wrong with any of the ids: ``problem`` (``unknown_id``, ``wrong_stage``, ``unverifiable``,
        ``parent_missing``, ``parent_unverifiable``), ``gen_id``, ``detail`` and ``nearest``; ``INVALID_CONFIG``,
        reason ``catalog_invalid``, when drafts are selected and no essay template is active.
    """
    lines = _lines(selection, planner.catalogs, planner.registry)
    check_size(selection.source, _sizes(planner.catalogs, selection, lines), max_members)
    if selection.repeated:
        planner.warn("selected_more_than_once", gen_ids=list(selection.repeated))
    reuses_essays = selection.mode is CuratedMode.REUSE_ESSAYS
    if selection.skip_existing and (selection.reuse or not reuses_essays):
        # New essays have no evaluations yet; with "# reuse:", only the stages that it names are filled up.
        planner.warn("skip_existing_without_effect", mode=selection.mode.value)
    if selection.mode is CuratedMode.REGENERATE:
        drafts = _new_drafts(planner, lines)
    else:
        drafts = [(line, line.draft_id) for line in lines]
        for line in lines:
            planner.keep("draft", line.draft_id, line.draft, line.selected)
    if reuses_essays:
        essays = _kept_essays(planner, lines)
    else:
        essays = _essays(planner, drafts, fills_up="essay" in selection.reuse)
    skips = selection.skip_existing and reuses_essays and not selection.reuse
    _evaluations(planner, essays, fills_up=skips or "evaluation" in selection.reuse)


def _sizes(catalogs: Catalogs, selection: Selection, lines: Sequence[Line]) -> dict[str, int]:
    """Number of levels of each axis of a curated plan; stored generations that it keeps count as new ones."""
    sizes = {f"selected {selection.stage}s": len(lines)}
    if selection.mode is CuratedMode.REGENERATE:
        sizes["draft replicates"] = catalogs.replicates["draft"]
    if selection.mode is not CuratedMode.REUSE_ESSAYS:
        sizes["essay templates"] = max((len(line.essay_templates) for line in lines), default=0)
        sizes["essay replicates"] = catalogs.replicates["essay"]
    templates = catalogs.active_templates("evaluation")
    return {**sizes, **judge_sizes(len(templates), len(catalogs.evaluation_models), catalogs.replicates)}


def _new_drafts(planner: Planner, lines: Sequence[Line]) -> list[tuple[Line, str]]:
    """Plan further replicates of each line's draft, with the line's model.

    :returns: each new draft's id with its line.
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


def _essays(planner: Planner, drafts: Sequence[tuple[Line, str]], *, fills_up: bool) -> list[tuple[Line, str]]:
    """Plan essays of each draft.

    :param fills_up: as for :class:`_Asking`.
    :returns: each essay's id with its line; kept essays before new ones.
    """
    asking = _Asking(planner, "essay", fills_up=fills_up)
    for line, draft_id in drafts:
        for template in line.essay_templates:
            asking.take(line, Generation(None, draft_id, template, line.model, None))
    return asking.settle()


def _kept_essays(planner: Planner, lines: Sequence[Line]) -> list[tuple[Line, str]]:
    kept: list[tuple[Line, str]] = []
    for line in lines:
        if line.essay_id is not None and line.essay is not None:
            planner.keep("essay", line.essay_id, line.essay._replace(llm_model_id=line.model), line.selected)
            kept.append((line, line.essay_id))
    return kept


def _evaluations(planner: Planner, essays: Sequence[tuple[Line, str]], *, fills_up: bool) -> None:
    """Plan evaluations of each essay by every active template and model.

    :param fills_up: as for :class:`_Asking`.
    """
    catalogs = planner.catalogs
    judges = list(product(catalogs.active_templates("evaluation"), catalogs.evaluation_models))
    asking = _Asking(planner, "evaluation", fills_up=fills_up)
    for line, essay_id in essays:
        for template, model in judges:
            asking.take(line, Generation(None, essay_id, template, model, None))
    asking.settle()
    if not judges:
        planner.warn("no_evaluations")


class _Asking:
    """Collector of the configured number of replicates for one stage.

    :param fills_up: stored generations count towards the number, lowest ids first; otherwise all are new. Lines for
        the same generation then share its replicates.
    """

    def __init__(self, planner: Planner, stage: str, *, fills_up: bool) -> None:
        self._planner = planner
        self._stage = stage
        self._fills_up = fills_up
        self._count = planner.catalogs.replicates[stage]
        self._known: dict[tuple[str, ...], tuple[list[str], list[Generation]]] = {}
        # A kept generation is a slot by its id, a new one by its index in the wanted ones.
        self._slots: list[tuple[Line, str | int]] = []
        self._wanted: list[Generation] = []
        self._owners: list[Line] = []

    def take(self, line: Line, generation: Generation) -> None:
        """Add a line's replicates of a generation; the generation's own replicate is ignored."""
        kept, made = self._replicates(generation)
        for gen_id in kept:
            stored = self._planner.registry.find(self._stage, gen_id) or generation
            model = stored.llm_model_id or generation.llm_model_id
            stored = stored._replace(parent_gen_id=generation.parent_gen_id, llm_model_id=model)
            self._planner.keep(self._stage, gen_id, stored, line.selected)
        self._slots += [(line, gen_id) for gen_id in kept]
        self._slots += [(line, len(self._wanted) + place) for place in range(len(made))]
        self._wanted += made
        self._owners += [line] * len(made)

    def _replicates(self, generation: Generation) -> tuple[list[str], list[Generation]]:
        registry, stage = self._planner.registry, self._stage
        if not self._fills_up:
            return [], registry.continued(stage, generation, self._count)
        base = base_of(stage, generation)
        if base not in self._known:
            kept = registry.replicates(stage, generation)[: self._count]
            self._known[base] = kept, registry.continued(stage, generation, self._count - len(kept))
        return self._known[base]

    def settle(self) -> list[tuple[Line, str]]:
        """Assign ids to the new generations.

        :returns: each id with its line, in the order of the calls.
        """
        ids = self._planner.ask(self._stage, self._wanted, _selected(self._owners))
        return [(line, ids[slot] if isinstance(slot, int) else slot) for line, slot in self._slots]


def _lines(selection: Selection, catalogs: Catalogs, registry: GenerationRegistry) -> list[Line]:
    """Look up every selected id in the store."""
    finder = _Finder(registry)
    templates: tuple[str, ...] = ()
    if selection.stage == "draft":
        templates = tuple(catalogs.active_templates("essay"))
        if not templates:
            problem = {
                "catalog": TEMPLATES["essay"],
                "problem": str(Reason.CATALOG_INVALID),
                "detail": "no template is active",
            }
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
        ctx = {"reason": Reason.INVALID_SELECTION, "file": selection.source, "problems": finder.problems}
        raise DDError(Err.INVALID_MEMBERSHIP, ctx)
    return lines


class _Finder:
    """Lookup of selected generations that collects its errors."""

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
