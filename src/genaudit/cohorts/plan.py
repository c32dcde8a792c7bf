"""Planner of a cohort's members, stage by stage, stored and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.cohorts.catalogs import Catalogs
from genaudit.cohorts.generations import Generation, Generations, stacked
from genaudit.cohorts.interfaces import GenerationRegistry
from genaudit.cohorts.membership_rows import MODE, ORIGIN, WITH_MODE
from genaudit.encoded import Encoded, concatenated, constant, encode
from genaudit.ids import normal_name
from genaudit.schemas import frame
from genaudit.stages import STAGES

# The columns of a membership with its modes, and whether the store already has the generation.
PLAN: Final = MappingProxyType({**WITH_MODE, "origin": "str"})
STORED: Final = "stored"
NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """The planned members of a stage, a row each.

    :param stored: whether the store already has each of them.
    :param lines: the rows, once for each selected id behind a member, or once without any.
    :param selected: the selected id of each line.
    """

    gen_ids: Sequence[str]
    generations: Generations
    stored: NDArray[np.bool_]
    lines: NDArray[np.int64]
    selected: Encoded


@dataclass(frozen=True)
class MembershipPlan:
    """The planned members of a cohort.

    :param members: the columns of :data:`PLAN`; drafts, then essays, then evaluations, no ``(stage, gen_id)`` twice.
    :param warnings: effects that may be unintended; mappings with the key ``warning`` and details.
    :param stages: the members by stage, with the selected ids behind them.
    """

    members: pd.DataFrame
    warnings: tuple[Mapping[str, Any], ...]
    stages: Mapping[str, PlannedStage] = field(default_factory=dict)


class Planner:
    """Collector of the members of one cohort, shared by all ways to plan one.

    :param catalogs: source of each template's mode.
    :param registry: source of ids.
    """

    def __init__(self, cohort_id: str, catalogs: Catalogs, registry: GenerationRegistry) -> None:
        self.catalogs = catalogs
        self.registry = registry
        self.cohort_id = cohort_id
        self._stages = {stage: _Members() for stage in STAGES}
        self._warnings: list[dict[str, Any]] = []

    def warn(self, warning: str, **more: object) -> None:
        """Add a warning about an effect that may be unintended."""
        self._warnings.append({"warning": warning, **more})

    def keep(
        self,
        stage: str,
        gen_ids: Sequence[str],
        generations: Sequence[Generation] | Generations,
        selected: Encoded | None = None,
    ) -> None:
        """Add stored generations as members.

        :param selected: the selected id behind each one; ``None`` for a plan without a selection.
        """
        kept = Generations.of(generations)
        modes = kept.columns[MODE].filled(self._modes(stage, kept))
        self._stages[stage].add(gen_ids, kept.replace(mode=modes))
        self.note(stage, gen_ids, selected)

    def ask(
        self, stage: str, wanted: Sequence[Generation] | Generations, selected: Encoded | None = None
    ) -> list[str]:
        """Add planned generations as members, stored or not.

        :param selected: the selected id behind each one; ``None`` for a plan without a selection.
        :returns: their ids, in order; a repeated signature is one member.
        """
        planned = Generations.of(wanted)
        ids = self.registry.assign(stage, planned)
        planned = planned.replace(mode=self._modes(stage, planned))
        members = self._stages[stage]
        if self.registry.are_new(stage, ids) and members.rows.keys().isdisjoint(ids):
            members.append(ids, planned)
        else:
            members.add(ids, Generations.of(self._compared(stage, ids, planned)))
        self.note(stage, ids, selected)
        return ids

    def note(self, stage: str, gen_ids: Sequence[str], selected: Encoded | None) -> None:
        """Note the selected id behind members; ``None`` for a plan without a selection."""
        if selected is not None:
            self._stages[stage].note(gen_ids, selected)

    def _modes(self, stage: str, generations: Generations) -> Encoded:
        """Return the modes of the catalog's templates."""
        templates = generations.columns["template_id"]
        modes = templates.each(partial(self.catalogs.mode, stage))
        return modes.filled(constant(self.catalogs.mode(stage, None), len(templates)))

    def _compared(self, stage: str, gen_ids: Sequence[str], planned: Generations) -> list[Generation]:
        """Put known generations in the place of planned ones with the same id, one by one, and warn."""
        compared: dict[str, Generation] = {}
        found: list[Generation] = []
        for gen_id, generation in zip(gen_ids, planned, strict=True):
            known = compared.get(gen_id) or self._stages[stage].find(gen_id)
            if known is None:
                if taken := self.registry.taken(stage).get(gen_id):
                    self.warn("id_taken", stage=stage, gen_id=gen_id, taken=taken)
                known = self._as_stored(stage, gen_id, generation)
            compared[gen_id] = known
            asked = normal_name(generation.llm_model_id)
            if asked and asked != normal_name(known.llm_model_id):
                # An essay's signature does not include its model, so the stored essay may have another.
                models = {"kept": known.llm_model_id, "asked": generation.llm_model_id}
                self.warn("model_differs", stage=stage, gen_id=gen_id, **models)
            found.append(known)
        return found

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
        stages = {stage: self._planned(stage, members) for stage, members in self._stages.items()}
        parts = stages.values()
        generations = stacked([part.generations for part in parts])
        stored = np.concatenate([part.stored for part in parts])
        columns: dict[str, Sequence[Any] | Encoded] = {
            **generations.columns,
            "stage": concatenated([constant(stage, len(part.gen_ids)) for stage, part in stages.items()]),
            "gen_id": [gen_id for part in parts for gen_id in part.gen_ids],
            ORIGIN: generations.columns[ORIGIN].filled(constant(self.cohort_id, len(stored))),
            "origin": Encoded(stored.astype(np.int32), [NEW, STORED]),
        }
        return MembershipPlan(frame(PLAN, columns), tuple(self._warnings), stages)

    def _planned(self, stage: str, members: _Members) -> PlannedStage:
        gen_ids = [*members.rows]
        stored = self.registry.are_stored(stage, gen_ids)
        return PlannedStage(gen_ids, stacked(members.parts), stored, *members.lines())


class _Members:
    """Collector of the members of a stage.

    :param rows: the row of each member.
    :param parts: the members, in parts that follow each other.
    """

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.parts: list[Generations] = []
        self._noted: list[tuple[NDArray[np.int64], Encoded]] = []

    def add(self, gen_ids: Sequence[str], generations: Generations) -> None:
        """Add those generations that are no members yet."""
        rows, known = self.rows, len(self.rows)
        places = np.fromiter((rows.setdefault(gen_id, len(rows)) for gen_id in gen_ids), np.int64, len(gen_ids))
        members, first = np.unique(places, return_index=True)
        self.parts.append(generations.take(first[members >= known]))

    def append(self, gen_ids: Sequence[str], generations: Generations) -> None:
        """Add generations with new ids, each once."""
        self.rows.update(zip(gen_ids, range(len(self.rows), len(self.rows) + len(gen_ids)), strict=True))
        self.parts.append(generations)

    def find(self, gen_id: str) -> Generation | None:
        """Look up a member."""
        row = self.rows.get(gen_id)
        if row is None:
            return None
        for part in self.parts:
            if row < len(part):
                break
            row -= len(part)
        return part[row]

    def note(self, gen_ids: Sequence[str], selected: Encoded) -> None:
        """Note the selected id behind members."""
        if len(gen_ids) != len(selected):
            msg = f"{len(gen_ids)} members and {len(selected)} selected ids"
            raise ValueError(msg)
        places = np.fromiter(map(self.rows.__getitem__, gen_ids), np.int64, len(gen_ids))
        self._noted.append((places, selected))

    def lines(self) -> tuple[NDArray[np.int64], Encoded]:
        """Return each row once for each selected id behind it, or once without any, and these ids."""
        noted = np.concatenate([np.empty(0, dtype=np.int64), *(places for places, _ in self._noted)])
        without = np.setdiff1d(np.arange(len(self.rows)), noted)
        rows = np.concatenate([noted, without])
        selected = concatenated([encode(()), *(owners for _, owners in self._noted), constant(None, len(without))])
        order = np.argsort(rows, kind="stable")
        rows, selected = rows[order], selected.at(order)
        # A plan goes line by line, so a repeated id stands behind itself.
        new = np.ones(len(rows), dtype=bool)
        new[1:] = (np.diff(rows) != 0) | (np.diff(selected.places) != 0)
        return rows[new], selected.at(new)
