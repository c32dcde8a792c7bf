"""Whether asking for exactly what is stored would find it: not where the id scheme gives its signature another id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genaudit.cohorts.registry import candidates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genaudit.audits.rebuild.modes import Ground


class AskedAgain:
    """Names stored generations as a plan would name them; each once, and many at a time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._registry = ground.registry()
        self._names: dict[tuple[str, str], str | None] = {}

    def prepare(self, stage: str, gen_ids: Iterable[str]) -> None:
        """Work out the ids that the scheme gives some stored generations."""
        stored = self._ground.stored
        new = [name for name in dict.fromkeys(gen_ids) if (stage, name) not in self._names]
        if stage == "essay":
            # The task that a legacy id is made from is the draft's too.
            new = [name for name in new if stored[stage].found[name].parent_gen_id in stored["draft"].found]
        named = self._registry.names(stage, [stored[stage].found[name] for name in new])
        for gen_id, name in zip(new, named, strict=True):
            self._names[stage, gen_id] = self._settled(stage, gen_id, name)

    def other_name(self, stage: str, gen_id: str) -> str | None:
        """The id that the scheme gives a stored generation, where that is not the stored one; prepared before."""
        return self._names.get((stage, gen_id))

    def _settled(self, stage: str, gen_id: str, name: str) -> str | None:
        """Skip the ids that are taken: behind them a stored id with a collision suffix is found."""
        key = self._ground.stored[stage].keys[gen_id]
        tried = name
        for tried in candidates(stage, key, name, deterministic=stage in self._ground.ids.deterministic):
            if not self._registry.is_taken(stage, tried, key):
                # Free, or a second generation of the same signature: asking finds that one.
                break
        return None if tried == gen_id else tried
