"""Explanations of decisions, from a comparison of each planned generation with its stored counterpart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from genaudit.audits.rebuild.causes import OWN, Cause, CauseDetail, Explained
from genaudit.audits.rebuild.modes import Member, ModePlan, PlanningContext
from genaudit.audits.rebuild.reissued_ids import AskedAgain
from genaudit.decisions import Decision
from genaudit.ids import normal_name
from genaudit.stages import PARENT, REPLICATE, STAGES

PARENT_NOT_PARSED: Final = "parent_not_parsed"
TEMPLATE: Final = "template_id"
MODEL: Final = "llm_model_id"


class Siblings(NamedTuple):
    """The stored templates, models and their pairs at a stage, under one parent or combo."""

    templates: set[str]
    models: set[str]
    pairs: set[tuple[str, ...]]


class Place(NamedTuple):
    """Position of a new generation in the store.

    :param anchor: the parent or combo of its stored counterpart, as in signatures: if the member's parent is new, the
        stored counterpart of that parent.
    :param instead: the stored counterpart of the member, if there is one.
    :param fresh: whether the member's parent is new.
    """

    anchor: str | None
    instead: str | None
    fresh: bool


class Explainer:
    """Explainer of the decisions of modes over one store, with a cache across modes."""

    def __init__(self, ground: PlanningContext) -> None:
        self._ground = ground
        self._stored = ground.stored
        self._again = AskedAgain(ground)

    def explain(self, tried: ModePlan) -> dict[str, dict[str, Explained]]:
        """Explain each member of a mode that is not reused.

        :returns: by stage and id.
        """
        explained: dict[str, dict[str, Explained]] = {}
        places: dict[str, Place] = {}
        active = _Active(tried)
        for stage, members in tried.members.items():
            places = self._places(tried, stage, places)
            self._again.prepare(stage, filter(None, (place.instead for place in places.values())))
            roots = explained.get(STAGES[stage].parent or "", {})
            found = explained[stage] = {}
            for gen_id, member in members.items():
                if member.decision is Decision.REUSE:
                    continue
                place = places.get(gen_id)
                taken = _of_taken(member)
                of_new = self._of_new(member, place, active) if place and not taken else ()
                causes = [*taken, *of_new, *self._of_artifacts(member)]
                above = (place and place.fresh) or (member.outcome.cause == PARENT_NOT_PARSED)
                root = _root(member, roots) if above and member.parent_gen_id in roots else OWN
                found[gen_id] = Explained(tuple(causes), root)
        return explained

    def _places(self, tried: ModePlan, stage: str, above: Mapping[str, Place]) -> dict[str, Place]:
        """Find the place of each new member of a stage.

        :param above: the places of new members at the parent stage.
        """
        places: dict[str, Place] = {}
        for gen_id, member in tried.members[stage].items():
            if not member.stored:
                parent = above.get(member.parent_gen_id or "")
                anchor = normal_name(parent.instead) if parent else _anchor(member)
                places[gen_id] = Place(anchor, self._stand_in(member, anchor), parent is not None)
        return places

    def _stand_in(self, member: Member, anchor: str | None) -> str | None:
        """Find the stored counterpart of a new generation: same replicate first, then the highest."""
        if member.selected and (selected := self._selected(member)):
            return selected
        if anchor is None:
            return None
        ids = self._alike(member, anchor)
        keys = self._stored[member.stage].keys
        same = [name for name in ids if keys[name].replicate == member.replicate]
        return same[0] if same else max(ids, key=lambda name: keys[name].replicate, default=None)

    def _selected(self, member: Member) -> str | None:
        """Return the selected generation of a member's stage: the selected id itself, or its parent."""
        choice, first = self._ground.choice, member.selected[0]
        if member.stage == choice.stage:
            return first
        if STAGES[choice.stage].parent == member.stage:
            found = self._stored[choice.stage].found.get(first)
            return found.parent_gen_id if found else None
        return None

    def _of_new(self, member: Member, place: Place, active: _Active) -> Iterator[CauseDetail]:
        anchor, instead, fresh = place
        stored = self._stored[member.stage]
        if fresh:
            yield CauseDetail(Cause.PARENT_IS_NEW, PARENT, anchor, member.parent_gen_id, instead)
        if instead is None:
            if anchor is not None:
                yield from self._of_axes(member, anchor, active)
            return
        model = stored.found[instead].llm_model_id
        if MODEL in STAGES[member.stage].signature and normal_name(member.llm_model_id) != normal_name(model):
            yield CauseDetail(Cause.MODEL_DIFFERS, MODEL, model, member.llm_model_id, instead)
        replicates = {stored.keys[name].replicate: name for name in self._alike(member, _anchor(member))}
        if replicates and member.replicate not in replicates:
            last = max(replicates)
            yield CauseDetail(Cause.NEW_REPLICATE, REPLICATE, str(last), str(member.replicate), replicates[last])
        if asked := self._again.other_name(member.stage, instead):
            yield CauseDetail(Cause.ID_DIFFERS, "gen_id", instead, asked, instead)

    def _alike(self, member: Member, anchor: str | None) -> Sequence[str]:
        """Return the stored generations that differ from a member, put under an anchor, at most in the replicate."""
        fields = STAGES[member.stage].signature[1:]
        base = (anchor or "", *(normal_name(getattr(member, name)) or "" for name in fields))
        return self._stored[member.stage].by_base.get(base, ())

    def _of_axes(self, member: Member, anchor: str, active: _Active) -> Iterator[CauseDetail]:
        """Yield the parts of a signature that were never used under its parent or combo."""
        siblings = self._siblings[member.stage].get(anchor)
        template, model = normal_name(member.template_id) or "", normal_name(member.llm_model_id) or ""
        if siblings is None:
            first = STAGES[member.stage].signature[0]
            field, planned = (TEMPLATE, member.template_id) if first == PARENT else (first, anchor)
            yield CauseDetail(Cause.AXIS_NEW, field, None, planned)
            return
        if template not in siblings.templates:
            yield CauseDetail(Cause.AXIS_NEW, TEMPLATE, _listed(siblings.templates), member.template_id)
            for other in sorted(siblings.templates - active.templates[member.stage]):
                yield CauseDetail(Cause.TEMPLATE_INACTIVE, TEMPLATE, other, member.template_id)
        if MODEL not in STAGES[member.stage].signature:
            return
        if model not in siblings.models:
            yield CauseDetail(Cause.AXIS_NEW, MODEL, _listed(siblings.models), member.llm_model_id)
            for other in sorted(siblings.models - active.models[member.stage]):
                yield CauseDetail(Cause.MODEL_INACTIVE, MODEL, other, member.llm_model_id)
        elif template in siblings.templates:
            used = {pair[1] for pair in siblings.pairs if pair[0] == template}
            yield CauseDetail(Cause.AXIS_NEW, MODEL, _listed(used), member.llm_model_id)

    def _of_artifacts(self, member: Member) -> Iterator[CauseDetail]:
        outcome = member.outcome
        in_store = member.gen_id in self._ground.snapshot.rows[member.stage]
        if outcome.cause and (in_store or outcome.decision is Decision.BLOCKED):
            yield CauseDetail(outcome.cause, outcome.file)
        if member.decision is Decision.COPY:
            yield CauseDetail(Cause.MODE_COPY, "mode", None, Decision.COPY.value)

    @cached_property
    def _siblings(self) -> Mapping[str, Mapping[str, Siblings]]:
        index: dict[str, dict[str, Siblings]] = {}
        for stage, stored in self._stored.items():
            found = index[stage] = defaultdict(lambda: Siblings(set(), set(), set()))
            for base in stored.highest:
                anchor, template, *model = base
                siblings = found[anchor]
                siblings.templates.add(template)
                siblings.models.update(model)
                siblings.pairs.add((template, *model))
            index[stage] = dict(found)
        return index


def _of_taken(member: Member) -> list[CauseDetail]:
    """Return the cause of a taken id; its stored generation is not another replicate of this one."""
    taken = member.taken
    return [CauseDetail(Cause.ID_TAKEN, "gen_id", taken, member.gen_id, taken)] if taken else []


def _root(member: Member, roots: Mapping[str, Explained]) -> str:
    """Return the topmost new ancestor of a member whose parent is new."""
    parent = member.parent_gen_id or ""
    above = roots[parent].root
    return f"{STAGES[member.stage].parent}:{parent}" if above == OWN else above


class _Active:
    """The templates and models that a mode can plan, by stage; if it may use any, none counts as retired."""

    def __init__(self, tried: ModePlan) -> None:
        catalogs = tried.catalogs
        if tried.by_the_catalogs:
            self.templates = {stage: _normal(catalogs.active_templates(stage)) for stage in STAGES}
            judges, writers = _normal(catalogs.evaluation_models), _normal(catalogs.generation_models)
            self.models = {stage: judges if stage == "evaluation" else writers for stage in STAGES}
        else:
            known = set(catalogs.models)
            self.templates = {stage: set(catalogs.templates[stage]) for stage in STAGES}
            self.models = dict.fromkeys(STAGES, known)


def _normal(names: Sequence[str]) -> set[str]:
    return {normal_name(name) or "" for name in names}


def _anchor(member: Member) -> str | None:
    """Return the parent of a generation, or a draft's combo, as in signatures."""
    return normal_name(member.parent_gen_id or member.combo_id)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
