"""The registry of a plan: which generations exist, which are asked for, and which id each of them has."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.generations import Generation, Key, key_of, nothing_stored, stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err
from genaudit.ids import (
    MAX_COLLISION,
    SEPARATOR,
    deterministic_id,
    ids_of_texts,
    legacy_id,
    legacy_salt,
    legacy_task_id,
)
from genaudit.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from genaudit.cohorts.generations import StoredStage
    from genaudit.cohorts.interfaces import Frames, ResolvedSpec
    from genaudit.store.snapshot import Snapshot

# Each misspelt id is held against every id of its stage; a long list of them must not take minutes.
_MAX_COMPARISONS: Final = 100_000


class InMemoryGenerationRegistry:
    """Gives ids to the generations of one plan and knows those that a store holds already.

    :param cohort_id: the run id of legacy ids.
    :param stored: what the store holds, by stage; nothing by default.
    :param ids: which stages get deterministic ids; all by default.
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
        """Look a generation up: one of the store with a complete signature, or one that was given its id here."""
        return self._stored[stage].found.get(gen_id) or self._planned[stage].get(gen_id)

    def is_stored(self, stage: str, gen_id: str) -> bool:
        """Say whether the store has a generation of this id, readable or not."""
        return self._stored[stage].holds(gen_id)

    def unverifiable(self, stage: str, gen_id: str) -> str | None:
        """Say why a stored generation's signature is not known; ``None`` when it is, or nothing is stored."""
        return self._stored[stage].unverifiable.get(gen_id)

    def taken(self, stage: str, gen_id: str) -> str | None:
        """Return the id that a planned generation would have if another signature did not have it already."""
        return self._taken.get((stage, gen_id))

    def nearest(self, stage: str, gen_id: str) -> str | None:
        """Find the stored id that a misspelt one most likely means."""
        names = [*self._stored[stage].found, *self._stored[stage].unverifiable]
        self._comparisons += len(names)
        if self._comparisons > _MAX_COMPARISONS:
            return None
        return next(iter(get_close_matches(gen_id, names, n=1)), None)

    def replicates(self, stage: str, generation: Generation) -> list[str]:
        """List the stored ids that differ from a generation at most in the replicate, sorted."""
        base = key_of(stage, generation._replace(replicate=1)).base
        return list(self._stored[stage].by_base.get(base, ()))

    def continued(self, stage: str, generation: Generation, count: int) -> list[Generation]:
        """Make further replicates of a generation, from one more than the highest that exists.

        Whatever the form of a stored id, its replicate counts; so do those that were handed out here before. A
        replicate whose id stands in the store with a record that cannot be read is skipped: it exists as well.

        :param generation: its own replicate plays no role.
        """
        base = key_of(stage, generation._replace(replicate=1)).base
        last = self._last.get((stage, base), self._stored[stage].highest.get(base, 0))
        made: list[Generation] = []
        while len(made) < count:
            last += 1
            candidate = generation._replace(replicate=last)
            if not self._stored[stage].unverifiable or not self._looks_taken(stage, candidate):
                made.append(candidate)
        self._last[stage, base] = last
        return made

    def assign(self, stage: str, wanted: Sequence[Generation]) -> list[str]:
        """Give each generation its id, and remember it.

        A deterministic id is taken if another signature has it in this plan, or if its record in the store holds
        another signature or cannot be compared. Then the first collision index whose id is not taken is used, which
        finds the same id again once its record is written. An id that the same signature has is that generation's.

        :param wanted: with their parents' ids; the parents are known already.
        :raises DDError: ``DATA_MISSING`` (``signature_incomplete``); ``INVALID_MEMBERSHIP``, reason
            ``deterministic_id_collision``, with ``problems`` (``stage, gen_id, signature``) when every collision
            index is taken, or ``id_collision`` when a legacy id is, which has none; or reason
            ``cohort_parent_integrity_failed``, when a legacy id needs a draft that is not known.
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
            reason = "deterministic_id_collision" if stage in self._ids.deterministic else "id_collision"
            raise DDError(Err.INVALID_MEMBERSHIP, {"reason": reason, "stage": stage, "problems": problems})
        found = [gen_id for gen_id in ids if gen_id is not None]
        self._taken |= {(stage, gen_id): tried for gen_id, tried in zip(found, first, strict=True) if gen_id != tried}
        for gen_id, generation in zip(found, wanted, strict=True):
            self._planned[stage].setdefault(gen_id, generation)
        return found

    def names(self, stage: str, wanted: Sequence[Generation]) -> list[str]:
        """Name generations as they are named where no other generation has the id; nothing is remembered.

        :raises DDError: as :meth:`assign`, except for taken ids.
        """
        return self._names(stage, wanted, [key_of(stage, generation) for generation in wanted])

    def _names(self, stage: str, wanted: Sequence[Generation], keys: Sequence[Key]) -> list[str]:
        if stage in self._ids.deterministic:
            return ids_of_texts(stage, [SEPARATOR.join((*key.base, str(key.replicate))) for key in keys])
        return [self._legacy_id(stage, generation) for generation in wanted]

    def _settle(self, stage: str, key: Key, first: str) -> str | None:
        """Find the first collision index whose id is free, or this signature's already."""
        planned = self._planned_keys[stage]
        for gen_id in candidates(stage, key, first, deterministic=stage in self._ids.deterministic):
            if planned.get(gen_id, key) == key and not self.is_taken(stage, gen_id, key):
                planned[gen_id] = key
                return gen_id
        return None

    def is_taken(self, stage: str, gen_id: str, key: Key) -> bool:
        """Return whether the store has an id for something else than a signature.

        A legacy id whose record cannot be read is taken for the generation that the id is made from.
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
                ctx = {"reason": "cohort_parent_integrity_failed", "stage": stage, "parent_gen_id": parent}
                raise DDError(Err.INVALID_MEMBERSHIP, ctx)
            above = draft.replicate or 1
            task = legacy_task_id(*map(str, (draft.combo_id, draft.template_id, draft.llm_model_id, template)))
        else:
            task = legacy_task_id(str(parent), str(template), str(model))
        return legacy_id(stage, task, self._cohort_id, legacy_salt(stage, replicate or 1, above))


def candidates(stage: str, key: Key, first: str, *, deterministic: bool) -> Iterator[str]:
    """Go through the ids that a signature can have: the first one, then one for each collision index."""
    yield first
    for collision in range(1, MAX_COLLISION + 1) if deterministic else ():
        yield deterministic_id(stage, (*key.base, key.replicate), collision)


class InMemoryRegistryFactory:
    """Makes registries for plans that stand alone: nothing is stored.

    :param ids: which stages get deterministic ids; all by default.
    """

    def __init__(self, ids: IdScheme | None = None) -> None:
        self.ids = ids or IdScheme()

    def create_registry(self, spec: ResolvedSpec, _frames: Frames) -> InMemoryGenerationRegistry:
        """Make an empty registry."""
        return InMemoryGenerationRegistry(spec.cohort_id, ids=self.ids)


class SnapshotRegistryFactory:
    """Makes registries over a store.

    :param take: called for each registry; takes a snapshot of the store, or hands out the one that it keeps.
    :param ids: which stages get deterministic ids; all by default.
    """

    def __init__(self, take: Callable[[], Snapshot], ids: IdScheme | None = None) -> None:
        self._take = take
        self.ids = ids or IdScheme()

    def create_registry(self, spec: ResolvedSpec, _frames: Frames) -> InMemoryGenerationRegistry:
        """Make a registry that knows what the store holds; a data root without a store holds nothing."""
        try:
            stored = stored_in(self._take())
        except DDError as error:
            if error.ctx.get("reason") != "no_store":
                raise
            stored = nothing_stored()
        return InMemoryGenerationRegistry(spec.cohort_id, stored, self.ids)
