"""Registry of a plan: existing generations, planned generations and their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from genaudit.cohorts.generations import Generation, Key, StoredStage, base_of, key_of, nothing_stored, stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.interfaces import Frames, ResolvedSpec
from genaudit.errors import DDError, Err, Reason
from genaudit.ids import (
    MAX_COLLISION,
    SEPARATOR,
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
_REPLICATE: Final = Generation._fields.index(REPLICATE)


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
        self._planned: dict[str, dict[str, Generation]] = {stage: {} for stage in STAGES}
        self._planned_keys: dict[str, dict[str, Key]] = {stage: {} for stage in STAGES}
        self._last: dict[tuple[str, tuple[str, ...]], int] = {}
        self._comparisons = 0
        self._taken: dict[tuple[str, str], str] = {}

    def find(self, stage: str, gen_id: str) -> Generation | None:
        """Look up a stored generation with a complete signature, or one that got its id here."""
        return self._stored[stage].found.get(gen_id) or self._planned[stage].get(gen_id)

    def is_stored(self, stage: str, gen_id: str) -> bool:
        """Return whether the store has a generation of this id, readable or not."""
        return self._stored[stage].holds(gen_id)

    def unverifiable(self, stage: str, gen_id: str) -> str | None:
        """Return why a stored signature is unknown; ``None`` if it is known or nothing is stored."""
        return self._stored[stage].unverifiable.get(gen_id)

    def taken(self, stage: str, gen_id: str) -> str | None:
        """Return the id that a planned generation would have if another signature did not have it already."""
        return self._taken.get((stage, gen_id))

    def nearest(self, stage: str, gen_id: str) -> str | None:
        """Find the stored id that is closest to a misspelt one."""
        names = [*self._stored[stage].found, *self._stored[stage].unverifiable]
        self._comparisons += len(names)
        if self._comparisons > _MAX_COMPARISONS:
            return None
        return next(iter(get_close_matches(gen_id, names, n=1)), None)

    def replicates(self, stage: str, generation: Generation) -> list[str]:
        """List the stored ids whose signature differs at most in the replicate, sorted."""
        base = base_of(stage, generation)
        return list(self._stored[stage].by_base.get(base, ()))

    def continued(self, stage: str, generation: Generation, count: int) -> list[Generation]:
        """Create further replicates of a generation, numbered from the highest existing one.

        Stored replicates count whatever the form of their id, and so do those that were assigned here before. A
        replicate is skipped if its id exists with an unreadable record.

        :param generation: its own replicate is ignored.
        """
        base = base_of(stage, generation)
        last = self._last.get((stage, base), self._stored[stage].highest.get(base, 0))
        made: list[Generation] = []
        while len(made) < count:
            last += 1
            candidate = Generation._make((*generation[:_REPLICATE], last, *generation[_REPLICATE + 1 :]))
            if not self._stored[stage].unverifiable or not self._looks_taken(stage, candidate):
                made.append(candidate)
        self._last[stage, base] = last
        return made

    def assign(self, stage: str, wanted: Sequence[Generation]) -> list[str]:
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
        keys = [key_of(stage, generation) for generation in wanted]
        first = self._names(stage, wanted, keys)
        ids = [self._settle(stage, key, gen_id) for key, gen_id in zip(keys, first, strict=True)]
        problems = [
            {"stage": stage, "gen_id": tried, "signature": [*key.base, key.replicate]}
            for key, tried, gen_id in zip(keys, first, ids, strict=True)
            if gen_id is None
        ]
        if problems:
            reason = Reason.DETERMINISTIC_ID_COLLISION if stage in self._ids.deterministic else Reason.ID_COLLISION
            raise DDError(Err.INVALID_MEMBERSHIP, {"reason": reason, "stage": stage, "problems": problems})
        found = [gen_id for gen_id in ids if gen_id is not None]
        self._taken |= {(stage, gen_id): tried for gen_id, tried in zip(found, first, strict=True) if gen_id != tried}
        for gen_id, generation in zip(found, wanted, strict=True):
            self._planned[stage].setdefault(gen_id, generation)
        return found

    def names(self, stage: str, wanted: Sequence[Generation]) -> list[str]:
        """Return the ids of generations as if none were taken; nothing is remembered.

        :raises DDError: as :meth:`assign`, except for taken ids.
        """
        return self._names(stage, wanted, [key_of(stage, generation) for generation in wanted])

    def _names(self, stage: str, wanted: Sequence[Generation], keys: Sequence[Key]) -> list[str]:
        if stage in self._ids.deterministic:
            return ids_of_texts(stage, [SEPARATOR.join((*key.base, str(key.replicate))) for key in keys])
        return [self._legacy_id(stage, generation) for generation in wanted]

    def _settle(self, stage: str, key: Key, first: str) -> str | None:
        """Find the first collision index whose id is free, or already has this signature."""
        planned = self._planned_keys[stage]
        for gen_id in candidates(stage, key, first, deterministic=stage in self._ids.deterministic):
            if planned.get(gen_id, key) == key and not self.is_taken(stage, gen_id, key):
                planned[gen_id] = key
                return gen_id
        return None

    def is_taken(self, stage: str, gen_id: str, key: Key) -> bool:
        """Return whether the store uses an id for something other than a signature.

        A legacy id with an unreadable record belongs to the generation that it was made from.
        """
        stored = self._stored[stage]
        if stage in self._ids.deterministic:
            return stored.takes(gen_id, key)
        return stored.keys.get(gen_id, key) != key

    def _looks_taken(self, stage: str, generation: Generation) -> bool:
        return self.unverifiable(stage, self.names(stage, [generation])[0]) is not None

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
