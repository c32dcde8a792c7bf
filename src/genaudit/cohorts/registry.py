"""Registry of a plan: existing generations, planned generations and their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genaudit.cohorts.bases import counted
from genaudit.cohorts.generations import (
    Generation,
    Generations,
    Key,
    StoredStage,
    key_of,
    nothing_stored,
    stacked,
    stored_in,
)
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.interfaces import Frames, ResolvedSpec
from genaudit.encoded import distinct, encode_numbers
from genaudit.errors import DDError, Err, Reason
from genaudit.ids import (
    MAX_COLLISION,
    MAX_REPLICATE,
    deterministic_id,
    ids_of_texts,
    legacy_id,
    legacy_salt,
    legacy_task_id,
)
from genaudit.stages import REPLICATE, STAGES
from genaudit.store.snapshot import Snapshot

# Each misspelt id is compared with every id of its stage; a long list must not take minutes.
_MAX_COMPARISONS: Final = 100_000


class InMemoryGenerationRegistry:
    """Registry that assigns ids to the generations of one plan and knows the stored ones.

    :param cohort_id: the run id of legacy ids.
    :param stored: stored generations by stage; none by default.
    :param ids: stages with deterministic ids; all by default.
    """

    def __init__(
        self, cohort_id: str, stored: Mapping[str, StoredStage] | None = None, ids: IdScheme | None = None
    ) -> None:
        self._cohort_id = cohort_id
        self._stored = nothing_stored() if stored is None else stored
        self._ids = ids or IdScheme()
        # The row of each planned generation among those that it was planned with.
        self._planned: dict[str, dict[str, tuple[Generations, int]]] = {stage: {} for stage in STAGES}
        self._continued: dict[str, list[Generations]] = {stage: [] for stage in STAGES}
        self._comparisons = 0
        self._taken: dict[str, dict[str, str]] = {stage: {} for stage in STAGES}

    def find(self, stage: str, gen_id: str) -> Generation | None:
        """Look up a stored generation with a complete signature, or one that got its id here."""
        found = self._stored[stage].find(gen_id)
        return found or self._planned_as(stage, gen_id)

    def _planned_as(self, stage: str, gen_id: str) -> Generation | None:
        planned = self._planned[stage].get(gen_id)
        return planned[0][planned[1]] if planned else None

    def is_stored(self, stage: str, gen_id: str) -> bool:
        """Return whether the store has a generation of this id, readable or not."""
        return self._stored[stage].holds(gen_id)

    def are_stored(self, stage: str, gen_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Return which ids the store has."""
        stored = self._stored[stage]
        held = np.fromiter(map(stored.rows.__contains__, gen_ids), bool, len(gen_ids))
        if stored.unverifiable:
            held |= np.fromiter(map(stored.unverifiable.__contains__, gen_ids), bool, len(gen_ids))
        return held

    def unverifiable(self, stage: str, gen_id: str) -> str | None:
        """Return why a stored signature is unknown; ``None`` if it is known or nothing is stored."""
        return self._stored[stage].unverifiable.get(gen_id)

    def taken(self, stage: str) -> Mapping[str, str]:
        """Return the ids that planned generations would have if another signature did not have them, by their ids."""
        return self._taken[stage]

    def are_new(self, stage: str, gen_ids: Sequence[str]) -> bool:
        """Return whether ids are all different, and none of them is stored or replaces a taken one."""
        known = (self._stored[stage].rows, self._stored[stage].unverifiable, self._taken[stage])
        return len(set(gen_ids)) == len(gen_ids) and all(each.keys().isdisjoint(gen_ids) for each in known)

    def nearest(self, stage: str, gen_id: str) -> str | None:
        """Find the stored id that is closest to a misspelt one."""
        names = [*self._stored[stage].names, *self._stored[stage].unverifiable]
        self._comparisons += len(names)
        if self._comparisons > _MAX_COMPARISONS:
            return None
        return next(iter(get_close_matches(gen_id, names, n=1)), None)

    def replicates(
        self, stage: str, wanted: Sequence[Generation] | Generations, most: int = MAX_REPLICATE
    ) -> tuple[NDArray[np.int64], list[str], Generations]:
        """List the stored generations whose signature differs from a wanted one at most in the replicate.

        :param most: the largest number of them for each wanted one, lowest ids first.
        :returns: their number for each wanted one, the ids and the generations.
        """
        stored = self._stored[stage]
        counts, rows = stored.bases.members(self._groups(stage, Generations.of(wanted)), most)
        return counts, [stored.names[row] for row in rows.tolist()], stored.generations.take(rows)

    def _groups(self, stage: str, wanted: Generations) -> NDArray[np.int64]:
        bases = self._stored[stage].bases
        return bases.find([bases.codes(place, part) for place, part in enumerate(wanted.parts(stage))])

    def continued(
        self, stage: str, wanted: Sequence[Generation] | Generations, counts: Sequence[int] | NDArray[np.int64]
    ) -> Generations:
        """Create further replicates of generations, numbered from the highest existing one.

        Stored replicates count whatever the form of their id, and so do those that were created here before. A
        replicate is skipped if its id exists with an unreadable record.

        :param wanted: their own replicates are ignored.
        :param counts: the number of replicates of each.
        :returns: the replicates of the first generation, then those of the second, and so on.
        """
        own = Generations.of(wanted)
        made = own.take(np.repeat(np.arange(len(own)), counts))
        highest = self._stored[stage].bases.highest_of(self._groups(stage, made))
        # Replicates that were created before stand above the new ones of their base.
        before = self._continued[stage]
        every = stacked([*before, made])
        earlier = len(every) - len(made)
        _, bases = distinct([part.places for part in every.parts(stage)])
        last = np.zeros(int(bases.max(initial=-1)) + 1, dtype=np.int64)
        np.maximum.at(last, bases[earlier:], highest)
        np.maximum.at(last, bases[:earlier], every.columns[REPLICATE].mapped(int, np.int64, 0)[:earlier])
        bases = bases[earlier:]
        replicates = last[bases] + counted(bases, np.ones(len(bases)))
        before.append(self._skipping(stage, made, replicates, bases))
        return before[-1]

    def _skipping(
        self, stage: str, made: Generations, replicates: NDArray[np.int64], bases: NDArray[np.int64]
    ) -> Generations:
        """Number replicates, and move them behind those whose id exists with an unreadable record.

        :param replicates: the numbers if there were no such records.
        :param bases: the number of each one's base; those of a base follow each other.
        """
        unverifiable = self._stored[stage].unverifiable
        rows = np.arange(len(made) if unverifiable else 0)
        while len(rows):
            tried = made.take(rows).replace(replicate=encode_numbers(replicates[rows]))
            taken = np.array([name in unverifiable for name in self.names(stage, tried)])
            # What stands behind the first one of a base moves with it, and is tried again.
            first = taken & (counted(bases[rows], taken) == 1)
            replicates[rows] += counted(bases[rows], first)
            rows = rows[np.isin(bases[rows], bases[rows[first]])]
        return made.replace(replicate=encode_numbers(replicates))

    def assign(self, stage: str, wanted: Sequence[Generation] | Generations) -> list[str]:
        """Assign an id to each generation and remember it.

        A deterministic id is taken if another signature has it in this plan, or if its stored record holds another
        signature or cannot be compared. The first collision index with a free id is used instead, so that a later run
        finds the same id. An id that the same signature has belongs to that generation.

        :param wanted: generations with their parents' ids; the parents are already known.
        :raises DDError: ``DATA_MISSING`` (``signature_incomplete``); ``INVALID_MEMBERSHIP``, reason
            ``deterministic_id_collision``, with ``problems`` (``stage, gen_id, signature``), if every collision index
            is taken; reason ``id_collision`` if a legacy id is taken, which has no collision index; or reason
            ``cohort_parent_integrity_failed`` if a legacy id needs an unknown draft.
        """
        own = Generations.of(wanted)
        ids = self.names(stage, own)
        planned = self._planned[stage]
        if self.are_new(stage, ids) and planned.keys().isdisjoint(ids):
            planned.update((gen_id, (own, place)) for place, gen_id in enumerate(ids))
            return ids
        ids = self._settled(stage, own, ids)
        for place, gen_id in enumerate(ids):
            planned.setdefault(gen_id, (own, place))
        return ids

    def names(self, stage: str, wanted: Sequence[Generation] | Generations) -> list[str]:
        """Return the ids of generations as if none were taken; nothing is remembered.

        :raises DDError: as :meth:`assign`, except for taken ids.
        """
        own = Generations.of(wanted)
        if stage in self._ids.deterministic:
            return ids_of_texts(stage, own.texts(stage))
        own.parts(stage)
        return [self._legacy_id(stage, generation) for generation in own]

    def _settled(self, stage: str, wanted: Generations, first: Sequence[str]) -> list[str]:
        """Find another id for each generation whose own id is taken."""
        keys = [key_of(stage, generation) for generation in wanted]
        given: dict[str, Key] = {}
        ids = [self._settle(stage, key, gen_id, given) for key, gen_id in zip(keys, first, strict=True)]
        problems = [
            {"stage": stage, "gen_id": tried, "signature": [*key.base, key.replicate]}
            for key, tried, gen_id in zip(keys, first, ids, strict=True)
            if gen_id is None
        ]
        if problems:
            reason = Reason.DETERMINISTIC_ID_COLLISION if stage in self._ids.deterministic else Reason.ID_COLLISION
            raise DDError(Err.INVALID_MEMBERSHIP, {"reason": reason, "stage": stage, "problems": problems})
        found = [gen_id for gen_id in ids if gen_id is not None]
        self._taken[stage] |= {gen_id: tried for gen_id, tried in zip(found, first, strict=True) if gen_id != tried}
        return found

    def _settle(self, stage: str, key: Key, first: str, given: dict[str, Key]) -> str | None:
        """Find the first collision index whose id is free, or already has this signature.

        :param given: the signatures that get their ids with this one, by id.
        """
        for gen_id in candidates(stage, key, first, deterministic=stage in self._ids.deterministic):
            earlier = self._planned_as(stage, gen_id)
            planned = given.get(gen_id, key_of(stage, earlier) if earlier else key)
            if planned == key and not self.is_taken(stage, gen_id, key):
                given[gen_id] = key
                return gen_id
        return None

    def is_taken(self, stage: str, gen_id: str, key: Key) -> bool:
        """Return whether the store uses an id for something other than a signature.

        A legacy id with an unreadable record belongs to the generation that it was made from.
        """
        stored = self._stored[stage]
        if stage in self._ids.deterministic:
            return stored.takes(gen_id, key)
        return stored.key(gen_id) not in (None, key)

    def _legacy_id(self, stage: str, generation: Generation) -> str:
        template, model, replicate = generation.template_id, generation.llm_model_id, generation.replicate
        parent, above = generation.parent_gen_id, 1
        if stage == "draft":
            task = legacy_task_id(str(generation.combo_id), str(template), str(model))
        elif stage == "essay":
            draft = self.find("draft", str(parent))
            if draft is None:
                ctx = {"reason": Reason.COHORT_PARENT_INTEGRITY_FAILED, "stage": stage, "parent_gen_id": parent}
                raise DDError(Err.INVALID_MEMBERSHIP, ctx)
            above = draft.replicate or 1
            task = legacy_task_id(*map(str, (draft.combo_id, draft.template_id, draft.llm_model_id, template)))
        else:
            task = legacy_task_id(str(parent), str(template), str(model))
        return legacy_id(stage, task, self._cohort_id, legacy_salt(stage, replicate or 1, above))


def candidates(stage: str, key: Key, first: str, *, deterministic: bool) -> Iterator[str]:
    """Yield the possible ids of a signature: the plain one, then one per collision index."""
    yield first
    for collision in range(1, MAX_COLLISION + 1) if deterministic else ():
        yield deterministic_id(stage, (*key.base, key.replicate), collision)


class InMemoryRegistryFactory:
    """Factory of registries without a store.

    :param ids: stages with deterministic ids; all by default.
    """

    def __init__(self, ids: IdScheme | None = None) -> None:
        self.ids = ids or IdScheme()

    def create_registry(self, spec: ResolvedSpec, _frames: Frames) -> InMemoryGenerationRegistry:
        """Create an empty registry."""
        return InMemoryGenerationRegistry(spec.cohort_id, ids=self.ids)


class SnapshotRegistryFactory:
    """Factory of registries for a store.

    :param take: returns a snapshot of the store, fresh or cached; called for each registry.
    :param ids: stages with deterministic ids; all by default.
    """

    def __init__(self, take: Callable[[], Snapshot], ids: IdScheme | None = None) -> None:
        self._take = take
        self.ids = ids or IdScheme()

    def create_registry(self, spec: ResolvedSpec, _frames: Frames) -> InMemoryGenerationRegistry:
        """Create a registry of the stored generations; it is empty if the data root has no store."""
        try:
            stored = stored_in(self._take())
        except DDError as error:
            if error.reason is not Reason.NO_STORE:
                raise
            stored = nothing_stored()
        return InMemoryGenerationRegistry(spec.cohort_id, stored, self.ids)
