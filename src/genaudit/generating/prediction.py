"""Predictions of the decision about each generation of a plan, from a snapshot and the preflight."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from genaudit.decisions import CONTENT_CHANGED, MISSING, Decision, Outcome, decide
from genaudit.generating.preflight import ParentText, PlannedGeneration, Preflight
from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.schemas import ArtifactState
from genaudit.stages import STAGES
from genaudit.store.snapshot import Snapshot

_TEXTS: Mapping[str, str] = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_REPORTS: Mapping[str, str] = {RAW_METADATA: "raw_metadata", PARSED_METADATA: "parsed_metadata"}


class Predictor:
    """Predictor of decisions, parents before their children.

    :param force: whether every step acts, whatever is stored.
    :param remade: generations, as stage and id, whose stored prompt counts as missing, because its inputs changed.
    :param preflight: a preflight shared by plans over the same store; by default a new one.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        force: bool = False,
        remade: Collection[tuple[str, str]] = frozenset(),
        preflight: Preflight | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._force = force
        self._remade = remade
        self._preflight = preflight or Preflight(snapshot.root)
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def outcome(self, generation: PlannedGeneration) -> Outcome:
        """Decide about a generation; its planned ancestors must have been decided."""
        check = self._preflight.check(generation, self._parent(generation))
        files = stored_files(self._snapshot, generation.stage, generation.gen_id)
        if (generation.stage, generation.gen_id) in self._remade:
            files -= {PROMPT}
        outcome = decide(generation.mode, files, force=self._force, check=check)
        if outcome.cause == MISSING[PROMPT] and (generation.stage, generation.gen_id) in self._remade:
            outcome = replace(outcome, cause=CONTENT_CHANGED)
        self._outcomes[generation.stage, generation.gen_id] = outcome
        return outcome

    def _parent(self, generation: PlannedGeneration) -> ParentText:
        stage, gen_id = STAGES[generation.stage].parent or "", generation.parent_gen_id or ""
        outcome = self._outcomes.get((stage, gen_id))
        if outcome is not None and outcome.decision not in (Decision.REUSE, Decision.BLOCKED):
            return ParentText.PLANNED
        return ParentText.STORED if PARSED in stored_files(self._snapshot, stage, gen_id) else ParentText.MISSING


def stored_files(snapshot: Snapshot, stage: str, gen_id: str) -> frozenset[str]:
    """Return the files of a generation that the table of reuse covers; empty if it is not in the store."""
    row = snapshot.rows.get(stage, {}).get(gen_id)
    if row is None:
        return frozenset()
    texts = {name for name, column in _TEXTS.items() if snapshot.values(column)[row]}
    reports = {name for name, column in _REPORTS.items() if snapshot.values(column)[row] != ArtifactState.ABSENT}
    return frozenset(texts | reports)
