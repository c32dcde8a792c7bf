"""Curated plans: from stored essays or drafts, with as many new generations as the mode asks for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genaudit.cohorts.catalogs import TEMPLATES, Catalogs, raise_catalog_problems
from genaudit.cohorts.design_size import check_size, judge_sizes
from genaudit.cohorts.generations import Generation, Generations
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.plan import Planner
from genaudit.cohorts.selection import CuratedMode, Selection
from genaudit.encoded import Encoded, distinct, encode
from genaudit.errors import DDError, Err, Reason
from genaudit.limits import MAX_MEMBERS
from genaudit.stages import PARENT, STAGES

MODEL: Final = "llm_model_id"


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
    owners = encode([line.selected for line in lines])
    if selection.mode is CuratedMode.REGENERATE:
        drafts = _new_drafts(planner, lines, owners)
    else:
        drafts = _Asked(np.arange(len(lines)), [line.draft_id for line in lines])
        planner.keep("draft", drafts.gen_ids, [line.draft for line in lines], owners)
    if reuses_essays:
        essays = _kept_essays(planner, lines, owners)
    else:
        essays = _essays(planner, lines, owners, drafts, fills_up="essay" in selection.reuse)
    skips = selection.skip_existing and reuses_essays and not selection.reuse
    _evaluations(planner, owners, essays, fills_up=skips or "evaluation" in selection.reuse)


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


class _Asked(NamedTuple):
    """Members of a stage, with the place of the line that asked for each; a member can have several lines."""

    lines: NDArray[np.int64]
    gen_ids: Sequence[str]


def _new_drafts(planner: Planner, lines: Sequence[Line], owners: Encoded) -> _Asked:
    """Plan further replicates of each line's draft, with the line's model."""
    catalogs = planner.catalogs
    drafts = [
        Generation(
            catalogs.spelled_combo(line.draft.combo_id),
            None,
            catalogs.spelled_template("draft", line.draft.template_id),
            line.model,
            None,
        )
        for line in lines
    ]
    return _ask(planner, "draft", _Wanted(np.arange(len(lines)), Generations.of(drafts)), owners, fills_up=False)


def _essays(planner: Planner, lines: Sequence[Line], owners: Encoded, drafts: _Asked, *, fills_up: bool) -> _Asked:
    """Plan essays of each draft.

    :param fills_up: as for :func:`_ask`.
    :returns: the essays; kept ones before new ones.
    """
    wanted = [
        (place, Generation(None, draft_id, template, lines[place].model, None))
        for place, draft_id in zip(drafts.lines.tolist(), drafts.gen_ids, strict=True)
        for template in lines[place].essay_templates
    ]
    places = np.array([place for place, _ in wanted], dtype=np.int64)
    essays = Generations.of([essay for _, essay in wanted])
    return _ask(planner, "essay", _Wanted(places, essays), owners, fills_up=fills_up)


def _kept_essays(planner: Planner, lines: Sequence[Line], owners: Encoded) -> _Asked:
    kept = [(place, line, line.essay) for place, line in enumerate(lines) if line.essay is not None]
    places = np.array([place for place, _, _ in kept], dtype=np.int64)
    ids = [line.selected for _, line, _ in kept]
    essays = [essay._replace(llm_model_id=line.model) for _, line, essay in kept]
    planner.keep("essay", ids, essays, owners.at(places))
    return _Asked(places, ids)


def _evaluations(planner: Planner, owners: Encoded, essays: _Asked, *, fills_up: bool) -> None:
    """Plan evaluations of each essay by every active template and model.

    :param fills_up: as for :func:`_ask`.
    """
    catalogs = planner.catalogs
    judges = list(product(catalogs.active_templates("evaluation"), catalogs.evaluation_models))
    of_essay = np.repeat(np.arange(len(essays.gen_ids)), len(judges))
    of_judge = np.tile(np.arange(len(judges)), len(essays.gen_ids))
    wanted = Generations.of([Generation(None, None, *judge, None) for judge in judges]).take(of_judge)
    wanted = wanted.replace(parent_gen_id=encode(essays.gen_ids).at(of_essay))
    _ask(planner, "evaluation", _Wanted(essays.lines[of_essay], wanted), owners, fills_up=fills_up)
    if not judges:
        planner.warn("no_evaluations")


class _Wanted(NamedTuple):
    """Generations to plan replicates of, with the place of each one's line; their own replicates are ignored."""

    lines: NDArray[np.int64]
    generations: Generations


def _ask(planner: Planner, stage: str, wanted: _Wanted, owners: Encoded, *, fills_up: bool) -> _Asked:
    """Plan the configured number of replicates of each generation.

    :param owners: the selected id of each line.
    :param fills_up: stored generations count towards the number, lowest ids first; otherwise all are new. Lines for
        the same generation then share its replicates.
    :returns: the members in the order of the generations; kept ones of a generation before its new ones.
    """
    lines, generations = wanted
    count = planner.catalogs.replicates[stage]
    if not fills_up:
        of = np.repeat(np.arange(len(lines)), count)
        made = planner.registry.continued(stage, generations, [count] * len(lines))
        return _Asked(lines[of], planner.ask(stage, made, owners.at(lines[of])))
    counts, kept, stored = planner.registry.replicates(stage, generations, count)
    of_kept = np.repeat(np.arange(len(lines)), counts)
    asked = generations.take(of_kept).columns
    models = stored.columns[MODEL].filled(asked[MODEL])
    found = stored.replace(parent_gen_id=asked[PARENT], llm_model_id=models)
    planner.keep(stage, kept, found, owners.at(lines[of_kept]))
    first, bases = distinct([part.places for part in generations.parts(stage)])
    order = np.argsort(first)
    lacking = count - counts
    ids = planner.ask(stage, planner.registry.continued(stage, generations.take(first[order]), lacking[first[order]]))
    starts = np.empty(len(first), dtype=np.int64)
    starts[order] = np.cumsum(lacking[first[order]]) - lacking[first[order]]
    of_new = np.repeat(np.arange(len(lines)), lacking)
    offsets = np.arange(len(of_new)) - np.repeat(np.cumsum(lacking) - lacking, lacking)
    new = [ids[place] for place in (starts[bases[of_new]] + offsets).tolist()]
    planner.note(stage, new, owners.at(lines[of_new]))
    places = np.argsort(np.concatenate([of_kept, of_new]), kind="stable")
    every = [*kept, *new]
    return _Asked(lines[np.concatenate([of_kept, of_new])[places]], [every[place] for place in places.tolist()])


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
