"""Predictions of the decision about each generation of a plan, from a snapshot and the preflight."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from genaudit.decisions import CONTENT_CHANGED, MISSING, Decision, Outcome, Step, decide
from genaudit.generating.preflight import ParentText, PlannedGeneration, Preflight
from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.schemas import ArtifactState
from genaudit.stages import STAGES
from genaudit.store.snapshot import Snapshot

# The columns of a snapshot with the files that the table of reuse covers.
_COLUMNS: Final = {
    PROMPT: "has_prompt",
    RAW: "has_raw",
    PARSED: "has_parsed",
    RAW_METADATA: "raw_metadata",
    PARSED_METADATA: "parsed_metadata",
}
_ABSENT: Final = (False, ArtifactState.ABSENT)
_NO_FILES: Final = frozenset[str]()


class Predictor:
    """Predictor of decisions, parents before their children.

    Equal inputs are decided once: most generations of a plan are new, and differ only in their ids.

    :param force: whether every step acts, whatever is stored.
    :param remade: generations, as stage and id, whose stored prompt counts as missing, because its inputs changed.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        force: bool = False,
        remade: Collection[tuple[str, str]] = frozenset(),
    ) -> None:
        self._snapshot = snapshot
        self._force = force
        self._remade = remade
        self._preflight = Preflight(snapshot.root)
        self._columns = [snapshot.values(column) for column in _COLUMNS.values()]
        self._file_sets: dict[tuple[object, ...], frozenset[str]] = {}
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._known: dict[tuple[Any, ...], Outcome] = {}
        # Parents whose parsed text could be read.
        self._readable: set[tuple[str, str]] = set()

    def start_plan(self) -> None:
        """Forget the outcomes of the previous plan over the same store."""
        self._outcomes = {}

    def outcome(self, generation: PlannedGeneration) -> Outcome:
        """Decide about a generation; its planned ancestors must have been decided."""
        at = (generation.stage, generation.gen_id)
        above = (STAGES[generation.stage].parent or "", generation.parent_gen_id or "")
        files, parent = self._files(*at), self._parent(above)
        remade = at in self._remade
        if remade:
            files -= {PROMPT}
        # Making the prompt deletes the later files, so that no step reads the generation's own.
        own = None if self._force or PROMPT not in files else generation.gen_id
        reads_parent = own is not None or parent is ParentText.STORED or generation.llm_model_id is None
        inputs = (
            *(own, generation.stage, generation.mode, generation.template_id, generation.combo_id),
            *(generation.llm_model_id, generation.parent_gen_id if reads_parent else None, files, remade, parent),
        )
        outcome = self._known.get(inputs)
        if outcome is None:
            outcome = decide(
                generation.mode, files, force=self._force, check=self._preflight.check(generation, parent)
            )
            if remade and outcome.cause == MISSING[PROMPT]:
                outcome = replace(outcome, cause=CONTENT_CHANGED)
            self._known[inputs] = outcome
        if parent is ParentText.STORED and not (outcome.decision is Decision.BLOCKED and outcome.step is Step.PROMPT):
            self._readable.add(above)
        self._outcomes[at] = outcome
        return outcome

    def _parent(self, parent: tuple[str, str]) -> ParentText:
        outcome = self._outcomes.get(parent)
        if outcome is not None and outcome.decision not in (Decision.REUSE, Decision.BLOCKED):
            return ParentText.PLANNED
        if parent in self._readable:
            return ParentText.CHECKED
        return ParentText.STORED if PARSED in self._files(*parent) else ParentText.MISSING

    def _files(self, stage: str, gen_id: str) -> frozenset[str]:
        """Return the files of a generation that the table of reuse covers; empty if it is not in the store."""
        row = self._snapshot.rows.get(stage, {}).get(gen_id)
        if row is None:
            return _NO_FILES
        cells = tuple([column[row] for column in self._columns])
        if cells not in self._file_sets:
            there = (name for name, cell in zip(_COLUMNS, cells, strict=True) if cell not in _ABSENT)
            self._file_sets[cells] = frozenset(there)
        return self._file_sets[cells]
