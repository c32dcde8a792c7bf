"""Lookup of reissued ids: stored signatures to which the current id scheme gives another id."""

from __future__ import annotations

from collections.abc import Iterable

from genaudit.audits.rebuild.modes import PlanningContext
from genaudit.cohorts.registry import candidates


class AskedAgain:
    """Lookup of the ids that a plan would give to stored generations, each computed once, in batches."""

    def __init__(self, ground: PlanningContext) -> None:
        self._ground = ground
        self._registry = ground.registry()
        self._names: dict[tuple[str, str], str | None] = {}

    def prepare(self, stage: str, gen_ids: Iterable[str]) -> None:
        """Compute the ids of some stored generations under the scheme."""
        stored = self._ground.stored
        new = [name for name in dict.fromkeys(gen_ids) if (stage, name) not in self._names]
        if stage == "essay":
            # A legacy id is made from a task that includes the draft's.
            new = [name for name in new if stored[stage].found[name].parent_gen_id in stored["draft"].found]
        named = self._registry.names(stage, [stored[stage].found[name] for name in new])
        for gen_id, name in zip(new, named, strict=True):
            self._names[stage, gen_id] = self._settled(stage, gen_id, name)

    def other_name(self, stage: str, gen_id: str) -> str | None:
        """Return the reissued id of a prepared generation, or ``None`` if its stored id is the same."""
        return self._names.get((stage, gen_id))

    def _settled(self, stage: str, gen_id: str, name: str) -> str | None:
        """Return the reissued id after skipping taken ids, as for a stored id with a collision suffix."""
        key = self._ground.stored[stage].keys[gen_id]
        tried = name
        for tried in candidates(stage, key, name, deterministic=stage in self._ground.ids.deterministic):
            if not self._registry.is_taken(stage, tried, key):
                # Free, or a second generation of the same signature, which the plan would find.
                break
        return None if tried == gen_id else tried
