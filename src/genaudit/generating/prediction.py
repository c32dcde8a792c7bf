"""Predictions of the decision about each generation of a plan, from a snapshot and the preflight."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genaudit.decisions import CONTENT_CHANGED, MISSING, Decision, Outcome, Step, decide
from genaudit.encoded import MISSING as NO_VALUE
from genaudit.encoded import Encoded, distinct
from genaudit.generating.preflight import ParentText, PlannedGeneration, Preflight
from genaudit.generating.prompts import template_text
from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.schemas import ArtifactState
from genaudit.stages import PARENT, STAGES
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
# The file sets by number: a bit for each file.
_FILE_SETS: Final = tuple(
    frozenset(name for place, name in enumerate(_COLUMNS) if number >> place & 1)
    for number in range(1 << len(_COLUMNS))
)
_PROMPT: Final = 1 << [*_COLUMNS].index(PROMPT)
_FIELDS: Final = PlannedGeneration._fields[2:]
_STATES: Final = tuple(ParentText)


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
        # One prediction sees one text of a template.
        self._preflight = Preflight(snapshot.root, read_template=lru_cache(template_text))
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

    def outcomes(
        self, stage: str, gen_ids: Sequence[str], columns: Mapping[str, Encoded]
    ) -> tuple[list[Outcome], NDArray[np.int64]]:
        """Decide about the generations of a stage, once for each distinct situation; parents come first.

        :param columns: the fields of the records.
        :returns: the distinct outcomes, and the place of each generation's among them.
        """
        fields = [columns[name] for name in _FIELDS]
        known = self._snapshot.rows.get(stage, {})
        rows = np.fromiter(map(known.get, gen_ids, repeat(NO_VALUE)), np.int64, len(gen_ids))
        files = np.append(self._files_of_rows, 0)[rows]
        remade = np.zeros(len(gen_ids), dtype=np.int64)
        if self._remade:
            remade[:] = [(stage, gen_id) in self._remade for gen_id in gen_ids]
        found: dict[Outcome, int] = {}
        numbers = np.full(len(gen_ids), NO_VALUE)

        def decide_about(row: int) -> int:
            planned = PlannedGeneration(stage, gen_ids[row], *(each.value(row) for each in fields))
            return found.setdefault(self.outcome(planned), len(found))

        def one_by_one(wanted: NDArray[np.int64]) -> None:
            numbers[wanted] = [decide_about(row) for row in wanted.tolist()]

        # The first child of a stored parent reads it; then the others need not.
        parents = columns[PARENT]
        waiting = np.flatnonzero(self._states(stage, parents) == _STATES.index(ParentText.STORED))
        one_by_one(np.sort(waiting[np.unique(parents.places[waiting], return_index=True)[1]]))
        states = self._states(stage, parents)
        reads = (states == _STATES.index(ParentText.STORED)) | (columns["llm_model_id"].places == NO_VALUE)
        if not self._force:
            reads |= (files & _PROMPT > 0) & (remade == 0)
        one_by_one(np.flatnonzero(reads & (numbers < 0)))
        alike = np.flatnonzero(numbers < 0)
        if len(alike):
            kinds = [*(columns[name].places for name in _FIELDS if name != PARENT), files, remade, states]
            first, kind = distinct([each[alike] for each in kinds])
            numbers[alike] = np.array([decide_about(row) for row in alike[first].tolist()])[kind]
        outcomes = [*found]
        if any(other.parent == stage for other in STAGES.values()):
            each = map(outcomes.__getitem__, numbers.tolist())
            self._outcomes |= zip(((stage, gen_id) for gen_id in gen_ids), each, strict=True)
        return outcomes, numbers

    def _states(self, stage: str, parents: Encoded) -> NDArray[np.int64]:
        """Return the place of each parent's state among :data:`_STATES`."""
        above = STAGES[stage].parent or ""
        return parents.mapped(
            lambda parent: _STATES.index(self._parent((above, parent))),
            np.int64,
            _STATES.index(ParentText.MISSING),
        )

    def _files(self, stage: str, gen_id: str) -> frozenset[str]:
        """Return the files of a generation that the table of reuse covers; empty if it is not in the store."""
        row = self._snapshot.rows.get(stage, {}).get(gen_id)
        return _FILE_SETS[0 if row is None else self._files_of_rows[row]]

    @cached_property
    def _files_of_rows(self) -> NDArray[np.int64]:
        """The number of each row's file set."""
        table = self._snapshot.generations
        numbers = np.zeros(len(table), dtype=np.int64)
        for place, column in enumerate(_COLUMNS.values()):
            numbers += ~table[column].isin(_ABSENT).to_numpy() << place
        return numbers
