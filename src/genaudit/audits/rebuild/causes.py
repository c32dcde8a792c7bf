"""Why a generation is not simply reused: every cause, with the field that differs and what is stored in its place."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from genaudit.decisions import Decision
from genaudit.ids import MAX_COLLISION, normal_text, with_collision
from genaudit.layout import PARSED, RAW
from genaudit.stages import PARENT, REPLICATE, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from genaudit.audits.rebuild.modes import Ground, Member, Tried
    from genaudit.cohorts.registry import InMemoryGenerationRegistry

TEMPLATE: Final = "template_id"
MODEL: Final = "llm_model_id"
OWN: Final = "own"


class Cause(StrEnum):
    """Why a planned generation is not simply reused.

    ``parent_is_new``: what it is made from is new, so its id is. ``new_replicate``: its signature is stored, and the
    plan asks for a further replicate. ``model_differs``: the stored one was made by another model.
    ``id_differs``: the plan's scheme gives the stored signature another id, so that asking for it would not find it.
    ``axis_new``: the template or the model was never used on what it is made from; ``template_inactive`` and
    ``model_inactive`` name those that were, and that the catalogs have retired. ``artifact_missing``: it is stored
    without the text that would be reused. ``mode_copy``: it repeats its parent. ``forced``: everything is made anew.
    """

    PARENT_IS_NEW = "parent_is_new"
    NEW_REPLICATE = "new_replicate"
    MODEL_DIFFERS = "model_differs"
    ID_DIFFERS = "id_differs"
    AXIS_NEW = "axis_new"
    TEMPLATE_INACTIVE = "template_inactive"
    MODEL_INACTIVE = "model_inactive"
    ARTIFACT_MISSING = "artifact_missing"
    MODE_COPY = "mode_copy"
    FORCED = "forced"


class Why(NamedTuple):
    """A cause of a decision.

    :param field: the field, or the file, that differs.
    :param stored: what the store has there.
    :param planned: what the plan asks for.
    :param of: the stored generation that was compared.
    """

    cause: Cause
    field: str | None = None
    stored: str | None = None
    planned: str | None = None
    of: str | None = None


class Siblings(NamedTuple):
    """What the store has of a stage under one parent, or of one combo: templates, models, and both together."""

    templates: set[str]
    models: set[str]
    pairs: set[tuple[str, ...]]


class Explained(NamedTuple):
    """Why a member is not reused, and where that begins: :data:`OWN`, or an ancestor as ``stage:id``."""

    causes: tuple[Why, ...]
    root: str | None


class Explainer:
    """Explains the decisions of modes over one store; what does not depend on the mode is worked out once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stored = ground.stored
        self._renamed: dict[tuple[str, str], str | None] = {}

    def explain(self, tried: Tried) -> dict[str, dict[str, Explained]]:
        """Explain each member of a mode that is not reused.

        :returns: by stage and id.
        """
        explained: dict[str, dict[str, Explained]] = {}
        # The stored generation that each new member stands in for.
        instead: dict[str, dict[str, str | None]] = {stage: {} for stage in STAGES}
        active = _Active(tried)
        for stage in STAGES.values():
            members = tried.members[stage.name]
            above = tried.members[stage.parent] if stage.parent else {}
            roots = explained[stage.parent] if stage.parent else {}
            of_parents = instead[stage.parent] if stage.parent else {}
            found = explained[stage.name] = {}
            for gen_id, member in members.items():
                parent = above.get(member.parent_gen_id or "")
                fresh = parent is not None and not parent.stored
                if not member.stored:
                    anchor = _anchor(member)
                    if parent is not None and fresh:
                        anchor = normal_text(of_parents.get(parent.gen_id))
                    instead[stage.name][gen_id] = self._stand_in(member, anchor)
                    causes = list(self._of_new(member, anchor, instead[stage.name][gen_id], active, fresh=fresh))
                else:
                    causes = []
                causes += self._of_artifacts(member)
                if causes and member.decision is not Decision.REUSE:
                    root = OWN
                    if fresh and parent is not None:
                        root = roots[parent.gen_id].root or OWN
                        root = f"{parent.stage}:{parent.gen_id}" if root == OWN else root
                    found[gen_id] = Explained(tuple(causes), root)
        return explained

    def _stand_in(self, member: Member, anchor: str | None) -> str | None:
        """Find the stored generation that a new one is compared with: same replicate first, then the highest."""
        if member.selected and (selected := self._selected(member)):
            return selected
        if anchor is None:
            return None
        ids = self._stored[member.stage].by_base.get(_base(member, anchor), ())
        keys = self._stored[member.stage].keys
        same = [name for name in ids if keys[name].replicate == member.replicate]
        return same[0] if same else max(ids, key=lambda name: keys[name].replicate, default=None)

    def _selected(self, member: Member) -> str | None:
        """The selected generation of a member's stage: the selected id itself, or its parent."""
        choice, first = self._ground.choice, member.selected[0]
        if member.stage == choice.stage:
            return first
        if STAGES[choice.stage].parent == member.stage:
            found = self._stored[choice.stage].found.get(first)
            return found.parent_gen_id if found else None
        return None

    def _of_new(
        self, member: Member, anchor: str | None, instead: str | None, active: _Active, *, fresh: bool
    ) -> Iterator[Why]:
        stored = self._stored[member.stage]
        if fresh:
            yield Why(Cause.PARENT_IS_NEW, PARENT, anchor, member.parent_gen_id, instead)
        if instead is None:
            if anchor is not None:
                yield from self._of_axes(member, anchor, active)
            return
        own = _base(member, _anchor(member) or "")
        model = stored.found[instead].llm_model_id
        if MODEL in STAGES[member.stage].signature and normal_text(member.llm_model_id) != normal_text(model):
            yield Why(Cause.MODEL_DIFFERS, MODEL, model, member.llm_model_id, instead)
        highest = stored.highest.get(own)
        if highest is not None and highest != member.replicate and stored.keys[instead].replicate != member.replicate:
            last = max(stored.by_base[own], key=lambda name: stored.keys[name].replicate)
            yield Why(Cause.NEW_REPLICATE, REPLICATE, str(highest), str(member.replicate), last)
        if asked := self._asked_again(member.stage, instead):
            yield Why(Cause.ID_DIFFERS, "gen_id", instead, asked, instead)

    def _of_axes(self, member: Member, anchor: str, active: _Active) -> Iterator[Why]:
        """Say which part of a signature was never used on what it is made from."""
        siblings = self._siblings[member.stage].get(anchor)
        template, model = normal_text(member.template_id) or "", normal_text(member.llm_model_id) or ""
        if siblings is None:
            first = STAGES[member.stage].signature[0]
            field, planned = (TEMPLATE, member.template_id) if first == PARENT else (first, anchor)
            yield Why(Cause.AXIS_NEW, field, None, planned)
            return
        if template not in siblings.templates:
            yield Why(Cause.AXIS_NEW, TEMPLATE, _listed(siblings.templates), member.template_id)
            for other in sorted(siblings.templates - active.templates[member.stage]):
                yield Why(Cause.TEMPLATE_INACTIVE, TEMPLATE, other, member.template_id)
        if MODEL not in STAGES[member.stage].signature:
            return
        if model not in siblings.models:
            yield Why(Cause.AXIS_NEW, MODEL, _listed(siblings.models), member.llm_model_id)
            for other in sorted(siblings.models - active.models[member.stage]):
                yield Why(Cause.MODEL_INACTIVE, MODEL, other, member.llm_model_id)
        elif template in siblings.templates:
            used = {pair[1] for pair in siblings.pairs if pair[0] == template}
            yield Why(Cause.AXIS_NEW, MODEL, _listed(used), member.llm_model_id)

    def _of_artifacts(self, member: Member) -> Iterator[Why]:
        row = self._ground.snapshot.rows[member.stage].get(member.gen_id)
        if row is not None:
            if self._ground.force:
                yield Why(Cause.FORCED)
            if not self._ground.snapshot.values("has_parsed")[row]:
                yield Why(Cause.ARTIFACT_MISSING, PARSED)
                if not self._ground.snapshot.values("has_raw")[row]:
                    yield Why(Cause.ARTIFACT_MISSING, RAW)
        if member.decision is Decision.COPY:
            yield Why(Cause.MODE_COPY, "mode", None, Decision.COPY.value)

    def _asked_again(self, stage: str, gen_id: str) -> str | None:
        """The id that the scheme gives a stored signature, where that is not the stored id."""
        if (stage, gen_id) not in self._renamed:
            self._renamed[stage, gen_id] = self._other_name(stage, gen_id)
        return self._renamed[stage, gen_id]

    def _other_name(self, stage: str, gen_id: str) -> str | None:
        generation = self._stored[stage].found[gen_id]
        if stage == "essay" and generation.parent_gen_id not in self._stored["draft"].found:
            return None
        name = self._registry.names(stage, [generation])[0]
        tried = [with_collision(name, collision) for collision in range(MAX_COLLISION + 1)]
        # A stored id with a collision suffix is found as long as every id before it is taken.
        for one in tried if stage in self._ground.ids.deterministic else [name]:
            if one == gen_id:
                return None
            if one not in self._stored[stage].keys:
                return one
        return name

    @cached_property
    def _registry(self) -> InMemoryGenerationRegistry:
        return self._ground.registry()

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


class _Active:
    """The templates and models that a mode can plan for, by stage; where it may use any, none counts as retired."""

    def __init__(self, tried: Tried) -> None:
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
    return {normal_text(name) or "" for name in names}


def _anchor(member: Member) -> str | None:
    """What a generation is made from: its parent, or a draft's combo; as it stands in signatures."""
    return normal_text(member.parent_gen_id or member.combo_id)


def _base(member: Member, anchor: str) -> tuple[str, ...]:
    """A member's signature without its replicate, below another anchor."""
    fields = STAGES[member.stage].signature[1:]
    return (anchor, *(normal_text(getattr(member, name)) or "" for name in fields))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
