"""Lookup of reissued ids: stored signatures to which the current id scheme gives another id."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaudit.audits.rebuild.modes import PlanningContext
from genaudit.cohorts.generations import key_of
from genaudit.cohorts.registry import candidates
from genaudit.encoded import Numbers
from genaudit.stages import PARENT


class AskedAgain:
    """Lookup of the ids that a plan would give to stored generations, each computed once, in batches."""

    def __init__(self, ground: PlanningContext) -> None:
        self._ground = ground
        self._registry = ground.registry()
        self._names: dict[str, NDArray[np.object_]] = {}
        self._known: dict[str, NDArray[np.bool_]] = {}

    def names(self, stage: str, wanted: Numbers) -> NDArray[np.object_]:
        """Compute the ids of some stored generations under the scheme.

        :param wanted: the generations, as in :attr:`genaudit.cohorts.generations.StoredStage.bases`.
        :returns: for every stored generation, its reissued id if that is known and differs from the stored one.
        """
        stored = self._ground.stored[stage]
        every = stored.names
        names = self._names.setdefault(stage, np.full(len(every), None, dtype=object))
        known = self._known.setdefault(stage, np.zeros(len(every), dtype=bool))
        asked = np.zeros(len(every), dtype=bool)
        asked[wanted] = True
        new = np.flatnonzero(asked & ~known).tolist()
        known |= asked
        if stage == "essay":
            # A legacy id is made from a task that includes the draft's.
            drafts, parents = self._ground.stored["draft"].rows, stored.generations.columns[PARENT].take()
            new = [row for row in new if parents[row] in drafts]
        made = self._registry.names(stage, stored.generations.take(np.array(new, dtype=np.int64)))
        for row, name in zip(new, made, strict=True):
            if name != every[row] or name in stored.incomparable:
                names[row] = self._settled(stage, every[row], name)
        return names

    def _settled(self, stage: str, gen_id: str, name: str) -> Any:  # noqa: ANN401 (a cell of text)
        """Return the reissued id after skipping taken ids, as for a stored id with a collision suffix."""
        key = key_of(stage, self._ground.stored[stage].generations[self._ground.stored[stage].rows[gen_id]])
        candidate = name
        for candidate in candidates(stage, key, name, deterministic=stage in self._ground.ids.deterministic):
            if not self._registry.is_taken(stage, candidate, key):
                # Free, or a second generation of the same signature, which the plan would find.
                break
        return None if candidate == gen_id else candidate
