"""A plan in the making: the members of a cohort, stage by stage, stored ones and new ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.membership_rows import ORIGIN, WITH_MODE
from genaudit.ids import normal_text
from genaudit.schemas import frame
from genaudit.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from genaudit.cohorts.catalogs import Catalogs
    from genaudit.cohorts.generations import Generation
    from genaudit.cohorts.interfaces import GenerationRegistry

# The columns of a membership with its modes, and whether the store has the generation already.
PLAN: Final = MappingProxyType({**WITH_MODE, "origin": "str"})
STORED: Final = "stored"
NEW: Final = "new"


@dataclass(frozen=True)
class MembershipPlan:
    """The generations that a cohort is made of.

    :param members: the columns of :data:`PLAN`; drafts, then essays, then evaluations, no ``(stage, gen_id)`` twice.
    :param warnings: what the plan does although it may not be meant; mappings with the key ``warning`` and more.
    :param selected_by: by stage and id, the ids of the selection that a member is there for; a plan without a
        selection leaves it empty.
    """

    members: pd.DataFrame
    warnings: tuple[Mapping[str, Any], ...]
    selected_by: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


class Planner:
    """Gathers the members of one cohort; each way to plan one fills it with the same few calls.

    :param catalogs: where templates say what makes their text.
    :param registry: gives the ids.
    """

    def __init__(self, cohort_id: str, catalogs: Catalogs, registry: GenerationRegistry) -> None:
        self.catalogs = catalogs
        self.registry = registry
        self.cohort_id = cohort_id
        self._members: dict[str, dict[str, Generation]] = {stage: {} for stage in STAGES}
        self._warnings: list[dict[str, Any]] = []
        self._selected_by: dict[str, dict[str, list[str]]] = {stage: {} for stage in STAGES}

    def warn(self, warning: str, **more: object) -> None:
        """Note what the plan does although it may not be meant."""
        self._warnings.append({"warning": warning, **more})

    def keep(self, stage: str, gen_id: str, generation: Generation, selected: str | None = None) -> None:
        """Make a stored generation a member.

        :param selected: the id of the selection that it is for, if there is one.
        """
        if selected is not None:
            self._note(stage, gen_id, selected)
        mode = generation.mode or self.catalogs.mode(stage, generation.template_id)
        self._members[stage].setdefault(gen_id, generation._replace(mode=mode))

    def ask(self, stage: str, wanted: Sequence[Generation], selected: Sequence[str] = ()) -> list[str]:
        """Make generations members that the plan asks for, stored or not.

        :param selected: for each, the id of the selection that it is for; nothing for a plan without a selection.
        :returns: their ids, in order; a signature that is asked for twice is one member.
        """
        ids = self.registry.assign(stage, wanted)
        modes = {name: self.catalogs.mode(stage, name) for name in {each.template_id for each in wanted}}
        members = self._members[stage]
        for gen_id, generation in zip(ids, wanted, strict=True):
            known = members.get(gen_id)
            if known is None:
                if taken := self.registry.taken(stage, gen_id):
                    self.warn("id_taken", stage=stage, gen_id=gen_id, taken=taken)
                known = self._as_stored(stage, gen_id, generation._replace(mode=modes[generation.template_id]))
                members[gen_id] = known
            asked = normal_text(generation.llm_model_id)
            if asked and asked != normal_text(known.llm_model_id):
                # An essay's signature does not name its model, so the stored one can have another.
                models = {"kept": known.llm_model_id, "asked": generation.llm_model_id}
                self.warn("model_differs", stage=stage, gen_id=gen_id, **models)
        for gen_id, owner in zip(ids, selected, strict=bool(selected)):
            self._note(stage, gen_id, owner)
        return ids

    def _note(self, stage: str, gen_id: str, selected: str) -> None:
        owners = self._selected_by[stage].setdefault(gen_id, [])
        # A plan goes line by line, so that an id that is noted already was the last one.
        if not owners or owners[-1] != selected:
            owners.append(selected)

    def _as_stored(self, stage: str, gen_id: str, generation: Generation) -> Generation:
        """Take what the store has in place of what was asked for; both have one signature."""
        if not self.registry.is_stored(stage, gen_id):
            return generation
        if problem := self.registry.unverifiable(stage, gen_id):
            self.warn("unverifiable", stage=stage, gen_id=gen_id, detail=problem)
            return generation
        stored = self.registry.find(stage, gen_id) or generation
        return stored._replace(
            llm_model_id=stored.llm_model_id or generation.llm_model_id, mode=stored.mode or generation.mode
        )

    def plan(self) -> MembershipPlan:
        """Lay the members out as a frame, parents before their children."""
        rows = [(stage, gen_id, each) for stage, members in self._members.items() for gen_id, each in members.items()]
        stages, ids, generations = zip(*rows, strict=True) if rows else ((), (), ())
        columns: dict[str, Sequence[Any]] = {
            "stage": stages,
            "gen_id": ids,
            ORIGIN: [each.origin_cohort_id or self.cohort_id for each in generations],
            "origin": [STORED if self.registry.is_stored(stage, gen_id) else NEW for stage, gen_id, _ in rows],
        }
        for name in PLAN:
            if name not in columns:
                columns[name] = [getattr(each, name) for each in generations]
        return MembershipPlan(frame(PLAN, columns), tuple(self._warnings), self._selected_by)
