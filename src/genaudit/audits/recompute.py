"""Recompute audit: every id against its stored record, and after a rename of all parents.

The first shows whether a name still holds. A migration needs the second, because the child of a renamed parent gets
another id even if its own name holds today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genaudit.audits.result import AuditResult, Coverage, Findings, others, repeated
from genaudit.encoded import Encoded, patched, unequal
from genaudit.ids import IdForm, ParsedId, hashed_text, ids_of_texts, with_collision
from genaudit.layout import metadata_path
from genaudit.schemas import MAPPING, IdClass, RecordState, RenameCause, frame
from genaudit.stages import REPLICATE
from genaudit.store.recomputed import recompute_ids
from genaudit.store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StageIds:
    """The ids of one stage.

    :param causes: number of ids by cause of a change in a migration.
    """

    total: int
    classes: dict[IdClass, int]
    forms: dict[IdForm, int]
    deterministic_with_collision_suffix: int
    causes: dict[RenameCause, int]


@dataclass(frozen=True, slots=True)
class LookupSummary:
    """Stored generations that a plan with deterministic ids finds by id, and those that it misses.

    :param own: missed because their own record gives another id.
    :param below: missed because their parent is missed, or because a name before theirs is free.
    :param unverifiable: missed because their record gives no id.
    """

    found_by_id: int
    missed_by_id: int
    own: int
    below: int
    unverifiable: int
    verdict: str


@dataclass(frozen=True, slots=True)
class RecomputeSummary:
    """Numbers of the recompute audit."""

    stages: dict[str, StageIds]
    lookup: LookupSummary


RecomputeResult = AuditResult[RecomputeSummary]


def recompute(snapshot: Snapshot) -> RecomputeResult:
    """Classify every generation and map its name to the id that its record gives.

    The frame has the columns of :data:`genaudit.schemas.MAPPING`, one row per generation.

    :returns: findings ``ID_MISMATCH`` (a row each) and ``ID_COLLISION`` (one for each group).
    """
    stages: list[str] = snapshot.values("stage")
    names: list[str] = snapshot.values("gen_id")
    parsed, recomputed, migrated = recompute_ids(snapshot)
    rows, classes = len(names), _classes(names, recomputed, parsed)
    paths = list(map(metadata_path, stages, names))
    columns: dict[str, Sequence[Any] | Encoded] = {
        "stage": stages,
        "gen_id": names,
        "class": patched(IdClass.DETERMINISTIC, classes, rows),
        "form": patched(IdForm.DETERMINISTIC, {row: one.form for row, one in parsed.items()}, rows),
        "collision_index": patched(0, {row: one.collision for row, one in parsed.items()}, rows),
        "recomputed_id": recomputed,
        "migrated_id": migrated,
        "cause": patched(RenameCause.NONE, _causes(names, recomputed, migrated), rows),
        "problem": patched(None, {row: _problem(snapshot, row) for row in parsed if not recomputed[row]}, rows),
        "metadata_path": paths,
    }
    findings = Findings(snapshot.stages)
    for row in (row for row, kind in classes.items() if kind is IdClass.MISMATCHED):
        findings.add(
            "ID_MISMATCH",
            stage=stages[row],
            gen_id=names[row],
            field="gen_id",
            expected=recomputed[row],
            actual=names[row],
            path=paths[row],
        )
    _report_collisions(snapshot, migrated, findings)
    table = frame(MAPPING, columns, snapshot.stages)
    return AuditResult(
        "recompute", _summary(snapshot, table), table, findings.frame(), _coverage(table), stages=snapshot.stages
    )


def _classes(
    names: Sequence[str], recomputed: Sequence[str | None], parsed: Mapping[int, ParsedId]
) -> dict[int, IdClass]:
    """Classify the names that are not simply the base id of their signature."""
    classes = {}
    for row, one in parsed.items():
        if recomputed[row] is None:
            classes[row] = IdClass.UNVERIFIABLE
        elif recomputed[row] == names[row]:
            classes[row] = IdClass.DETERMINISTIC
        else:
            classes[row] = IdClass.MISMATCHED if one.form is IdForm.DETERMINISTIC else IdClass.LEGACY
    return classes


def _causes(
    names: Sequence[str], recomputed: Sequence[str | None], migrated: Sequence[str | None]
) -> dict[int, RenameCause]:
    """Return the cause of each rename, by row: its own record, or only its parent's new id."""
    return {
        row: RenameCause.CASCADE if recomputed[row] == names[row] else RenameCause.OWN
        for row in unequal(migrated, names)
        if migrated[row] is not None
    }


def _problem(snapshot: Snapshot, row: int) -> str:
    state: str = snapshot.values("state")[row]
    if state != RecordState.OK:
        return f"record: {state.replace('_', ' ')}"
    fields = (*snapshot.stages[snapshot.values("stage")[row]].signature, REPLICATE)
    return f"no usable {', '.join(field for field in fields if snapshot.values(field)[row] is None)}"


def _report_collisions(snapshot: Snapshot, migrated: Sequence[str | None], findings: Findings) -> None:
    """Report the names that several generations would get, unless they share one signature."""
    names = snapshot.values("gen_id")
    for stage, span in snapshot.spans.items():
        targets = [migrated[row] or names[row] for row in span]
        for target, rows in repeated(targets, span.start).items():
            if len({snapshot.signature(row) for row in rows}) == 1:
                continue
            findings.add(
                "ID_COLLISION",
                stage=stage,
                gen_id=names[rows[0]],
                field="gen_id",
                expected="an id of its own",
                actual=target,
                path=metadata_path(stage, names[rows[0]]),
                detail=f"shared with {others([names[row] for row in rows])}",
            )


def _summary(snapshot: Snapshot, table: pd.DataFrame) -> RecomputeSummary:
    """Count classes, forms and causes by stage, and the generations that a plan finds by id."""
    stages = {str(stage): _stage_summary(rows) for stage, rows in table.groupby("stage", observed=False)}
    found = sum(map(len, found_by_id(snapshot, table).values()))
    own = int((table["cause"] == RenameCause.OWN).sum())
    unverifiable = int(table["recomputed_id"].isna().sum())
    below = len(table) - found - own - unverifiable
    verdict = _verdict(len(table), found, own, below, unverifiable)
    return RecomputeSummary(stages, LookupSummary(found, len(table) - found, own, below, unverifiable, verdict))


def found_by_id(snapshot: Snapshot, table: pd.DataFrame) -> dict[str, set[str]]:
    """Find the generations that a plan with deterministic ids finds by their signatures.

    A plan looks up the id of a signature under parents that it has found. A name with a collision suffix is found
    only if the names before it are taken.

    :param table: columns of :data:`genaudit.schemas.MAPPING`, one row per row of the snapshot.
    :returns: ids by stage.
    """
    names, parents = snapshot.values("gen_id"), snapshot.parent_rows
    holds = (table["class"] == IdClass.DETERMINISTIC).to_numpy()
    collisions = table["collision_index"].to_numpy()
    found = np.zeros(len(names), dtype=bool)
    for stage, span in snapshot.spans.items():
        rows = slice(span.start, span.stop)
        found[rows] = holds[rows]
        if snapshot.stages[stage].parent is not None:
            found[rows] &= (parents[rows] >= 0) & found[parents[rows]]
        late = (np.flatnonzero(found[rows] & (collisions[rows] > 0)) + span.start).tolist()
        found[_behind_free_names(snapshot, stage, late, collisions[late].tolist())] = False
    return {
        stage: {names[row] for row in (np.flatnonzero(found[span.start : span.stop]) + span.start).tolist()}
        for stage, span in snapshot.spans.items()
    }


def _behind_free_names(snapshot: Snapshot, stage: str, rows: Sequence[int], collisions: Sequence[int]) -> list[int]:
    """Find the rows for which a plan would take an earlier name, as a name before theirs is free."""
    tried = [(row, index) for row, collision in zip(rows, collisions, strict=True) for index in range(collision)]
    texts = [hashed_text(snapshot.signature_text(row), index) for row, index in tried]
    bases = ids_of_texts(stage, texts, snapshot.stages)
    taken = snapshot.rows[stage]
    return [row for (row, index), base in zip(tried, bases, strict=True) if with_collision(base, index) not in taken]


def _stage_summary(rows: pd.DataFrame) -> StageIds:
    holds = rows[rows["class"] == IdClass.DETERMINISTIC]
    return StageIds(
        total=len(rows),
        classes={kind: int((rows["class"] == kind).sum()) for kind in IdClass},
        forms={form: int((rows["form"] == form).sum()) for form in IdForm},
        deterministic_with_collision_suffix=int((holds["collision_index"] > 0).sum()),
        causes={cause: int((rows["cause"] == cause).sum()) for cause in RenameCause},
    )


def _verdict(total: int, found: int, own: int, below: int, unverifiable: int) -> str:
    finds = f"A spec or Cartesian plan finds generations by the ids that their records give: {found:,} of {total:,}."
    missed = {
        "under another name, such as a legacy id": own,
        "whose record gives no id": unverifiable,
        "below one of these": below,
    }
    if found < total:
        finds += f" Not found: {'; '.join(f'{count:,} {reason}' for reason, count in missed.items() if count)}."
    return f"{finds} mode: regenerate pays for everything in any case; the reuse modes keep all that they select."


def _coverage(table: pd.DataFrame) -> Coverage:
    reasons = table["problem"].dropna().value_counts().sort_index()
    return Coverage(
        checked={"ids recomputed": int(table["problem"].isna().sum())},
        unverified={str(reason): int(count) for reason, count in reasons.items()},
    )
