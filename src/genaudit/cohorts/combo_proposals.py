"""Proposals for combinations that draft records leave out, from the files of cohorts.

A proposal changes nothing. It is confirmed if the combination and the rest of the record give the generation's id; a
repair can rely on that. Unconfirmed proposals are only hints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from genaudit.cohorts.backfill_sources import CohortFiles
from genaudit.errors import DDError
from genaudit.ids import (
    IdForm,
    deterministic_id,
    legacy_id,
    legacy_salt,
    legacy_task_id,
    normal_text,
    parse_id,
    signature,
)
from genaudit.schemas import RecordState
from genaudit.schemas import rows as rows_of
from genaudit.stages import PARENT, REPLICATE, STAGES
from genaudit.store.snapshot import Snapshot

COMBO: Final = "combo_id"

# The stage whose generations are written from combinations.
_STAGE: Final = next(stage for stage in STAGES.values() if COMBO in stage.required)


@dataclass(frozen=True, slots=True)
class ComboProposal:
    """A combination that a draft's record may have left out.

    :param sources: the cohorts that name it, sorted.
    :param confirmed: whether it gives the draft's id.
    :param conflict: whether there is another proposal for the same draft.
    """

    gen_id: str
    combo_id: str
    sources: tuple[str, ...]
    confirmed: bool
    conflict: bool


def drafts_without_combo(snapshot: Snapshot) -> dict[str, int]:
    """Find the drafts with a readable record and no usable combination; their rows, by id."""
    states, combos = snapshot.values("state"), snapshot.values(COMBO)
    rows = snapshot.rows[_STAGE.name]
    return {gen_id: row for gen_id, row in rows.items() if states[row] == RecordState.OK and combos[row] is None}


def propose_combos(snapshot: Snapshot, cohorts: Iterable[CohortFiles]) -> list[ComboProposal]:
    """Propose a combination for each draft without one, if a cohort names one.

    :returns: sorted by draft; for each draft the confirmed one first.
    """
    without_combo = drafts_without_combo(snapshot)
    proposals: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    if without_combo:
        for files in cohorts:
            for gen_id, combo in _named_combos(files, without_combo):
                proposals[gen_id, normal_text(combo) or combo][files.cohort_id].add(combo)
    rivals: dict[str, int] = defaultdict(int)
    for gen_id, _ in proposals:
        rivals[gen_id] += 1
    found = []
    for (gen_id, _), sources in proposals.items():
        spellings = sorted(set().union(*sources.values()), key=lambda combo: (normal_text(combo) != combo, combo))
        confirming = [combo for combo in spellings if _gives(snapshot, without_combo[gen_id], combo)]
        combo = (confirming or spellings)[0]
        found.append(ComboProposal(gen_id, combo, tuple(sorted(sources)), bool(confirming), rivals[gen_id] > 1))
    return sorted(found, key=lambda each: (each.gen_id, not each.confirmed, each.combo_id))


def _named_combos(files: CohortFiles, without_combo: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Yield drafts and combinations from a cohort's files: from rows of drafts and of their descendants."""
    for frame in files.tables():
        for row in rows_of(frame.loc[frame[COMBO].notna(), ["stage", "gen_id", PARENT, COMBO]]):
            above = row.parent_gen_id if STAGES[row.stage].parent == _STAGE.name else None
            draft = row.gen_id if row.stage == _STAGE.name else above
            if draft is not None and draft in without_combo:
                yield draft, row.combo_id


def _gives(snapshot: Snapshot, row: int, combo: str) -> bool:
    """Return whether a draft's record gives the draft's id once the combination is added."""
    gen_id: str = snapshot.values("gen_id")[row]
    stored = {name: snapshot.values(name)[row] for name in (*_STAGE.signature, REPLICATE)}
    form = parse_id(_STAGE.name, gen_id)
    try:
        parts = signature(_STAGE.name, {**stored, COMBO: combo})
    except DDError:
        return False
    if form.form is IdForm.DETERMINISTIC:
        return deterministic_id(_STAGE.name, parts, form.collision) == gen_id
    return form.form is IdForm.LEGACY and _gives_legacy(snapshot, row, combo, int(parts[-1]))


def _gives_legacy(snapshot: Snapshot, row: int, combo: str, replicate: int) -> bool:
    """Return the same for a legacy id, which is hashed from the record's fields without normalising them."""
    record = snapshot.stored(row)
    template = record.get("template_id") or record.get(_STAGE.old_template_field)
    task = legacy_task_id(combo, str(template), str(record["llm_model_id"]))
    salt = legacy_salt(_STAGE.name, replicate)
    runs = (snapshot.values("origin_cohort_id")[row], None)
    return snapshot.values("gen_id")[row] in {legacy_id(_STAGE.name, task, run, salt) for run in runs}
