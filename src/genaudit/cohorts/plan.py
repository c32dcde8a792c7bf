"""Planner of a cohort's members, stage by stage, stored and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.catalogs import Catalogs
from genaudit.cohorts.generations import Generation
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.membership_rows import MODE, ORIGIN, WITH_MODE
from genaudit.ids import normal_name
from genaudit.schemas import frame
from genaudit.stages import STAGES

# The columns of a membership with its modes, and whether the store already has the generation.
PLAN: Final = MappingProxyType({**WITH_MODE, "origin": "str"})
STORED: Final = "stored"
NEW: Final = "new"
_MODE: Final = Generation._fields.index(MODE)


@dataclass(frozen=True)
class MembershipPlan:
    """The planned members of a cohort.

    :param members: the columns of :data:`PLAN`; drafts, then essays, then evaluations, no ``(stage, gen_id)`` twice.
    :param warnings: effects that may be unintended; mappings with the key ``warning`` and details.
    :param selected_by: the selected ids behind each member, by stage and id; empty for a plan without a selection.
    """

    members: pd.DataFrame
    warnings: tuple[Mapping[str, Any], ...]
    selected_by: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


class Planner:
    """Collector of the members of one cohort, shared by all ways to plan one.

    :param catalogs: source of each template's mode.
    :param registry: source of ids.
    """

    def __init__(self, cohort_id: str, catalogs: Catalogs, registry: GenerationRegistry) -> None:
        self.catalogs = catalogs
        self.registry = registry
        self.cohort_id = cohort_id
        self._members: dict[str, dict[str, Generation]] = {stage: {} for stage in STAGES}
        self._warnings: list[dict[str, Any]] = []
        self._selected_by: dict[str, dict[str, list[str]]] = {stage: {} for stage in STAGES}

    def warn(self, warning: str, **more: object) -> None:
        """Add a warning about an effect that may be unintended."""
        self._warnings.append({"warning": warning, **more})

    def keep(self, stage: str, gen_id: str, generation: Generation, selected: str | None = None) -> None:
        """Add a stored generation as a member.

        :param selected: the selected id behind it, if there is one.
        """
        if selected is not None:
            self._note(stage, gen_id, selected)
        if gen_id not in self._members[stage]:
            mode = generation.mode or self.catalogs.mode(stage, generation.template_id)
            self._members[stage][gen_id] = generation._replace(mode=mode)

    def ask(self, stage: str, wanted: Sequence[Generation], selected: Sequence[str] = ()) -> list[str]:
        """Add planned generations as members, stored or not.

        :param selected: the selected id behind each one; empty for a plan without a selection.
        :returns: their ids, in order; a repeated signature is one member.
        """
        ids = self.registry.assign(stage, wanted)
        modes = {name: self.catalogs.mode(stage, name) for name in {each.template_id for each in wanted}}
        members = self._members[stage]
        for gen_id, generation in zip(ids, wanted, strict=True):
            known = members.get(gen_id)
            if known is None:
                mode = modes[generation.template_id]
                planned = Generation._make((*generation[:_MODE], mode, *generation[_MODE + 1 :]))
                if taken := self.registry.taken(stage, gen_id):
                    self.warn("id_taken", stage=stage, gen_id=gen_id, taken=taken)
                known = self._as_stored(stage, gen_id, planned)
                members[gen_id] = known
            asked = normal_name(generation.llm_model_id)
            if asked and asked != normal_name(known.llm_model_id):
                # An essay's signature does not include its model, so the stored essay may have another.
                models = {"kept": known.llm_model_id, "asked": generation.llm_model_id}
                self.warn("model_differs", stage=stage, gen_id=gen_id, **models)
        for gen_id, owner in zip(ids, selected, strict=bool(selected)):
            self._note(stage, gen_id, owner)
        return ids

    def _note(self, stage: str, gen_id: str, selected: str) -> None:
        owners = self._selected_by[stage].setdefault(gen_id, [])
        # A plan goes line by line, so a repeated id can only be the last one.
        if not owners or owners[-1] != selected:
            owners.append(selected)

    def _as_stored(self, stage: str, gen_id: str, generation: Generation) -> Generation:
        """Return the stored generation in place of a planned one with the same signature."""
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
        """Return the members as a frame, parents before their children."""
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
