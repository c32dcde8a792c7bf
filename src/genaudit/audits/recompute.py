"""Recompute audit: every id against its stored record, and after a rename of all parents.

The first shows whether a name still holds. A migration needs the second, because the child of a renamed parent gets
another id even if its own name holds today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from genaudit.audits.result import AuditResult, Coverage, Findings, others, repeated
from genaudit.ids import IdForm, ParsedId, hashed_text, ids_of_texts, with_collision
from genaudit.layout import metadata_path
from genaudit.schemas import MAPPING, IdClass, RecordState, RenameCause, frame
from genaudit.stages import PARENT, REPLICATE
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
    columns: dict[str, Sequence[Any]] = {
        "stage": stages,
        "gen_id": names,
        "class": _patched(IdClass.DETERMINISTIC, _classes(names, recomputed, parsed), names),
        "form": _patched(IdForm.DETERMINISTIC, {row: one.form for row, one in parsed.items()}, names),
        "collision_index": _patched(0, {row: one.collision for row, one in parsed.items()}, names),
        "recomputed_id": recomputed,
        "migrated_id": migrated,
        "cause": _causes(names, recomputed, migrated),
        "problem": _patched(None, {row: _problem(snapshot, row) for row in parsed if not recomputed[row]}, names),
        "metadata_path": list(map(metadata_path, stages, names)),
    }
    findings = Findings(snapshot.stages)
    _report_mismatches(columns, findings)
    _report_collisions(snapshot, columns, findings)
    table = frame(MAPPING, columns, snapshot.stages)
    return AuditResult(
        "recompute", _summary(snapshot, table), table, findings.frame(), _coverage(table), stages=snapshot.stages
    )


def _patched(usual: object, others: Mapping[int, object], names: Sequence[str]) -> list[object]:
    """Build a column with the usual value in all rows but some."""
    column = [usual] * len(names)
    for row, value in others.items():
        column[row] = value
    return column


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
) -> list[RenameCause]:
    """Return the cause of each rename: its own record, only its parent's new id, or none."""
    causes = [RenameCause.NONE] * len(names)
    for row, (name, new) in enumerate(zip(names, migrated, strict=True)):
        if new != name and new is not None:
            causes[row] = RenameCause.CASCADE if recomputed[row] == name else RenameCause.OWN
    return causes


def _problem(snapshot: Snapshot, row: int) -> str:
    state: str = snapshot.values("state")[row]
    if state != RecordState.OK:
        return f"record: {state.replace('_', ' ')}"
    fields = (*snapshot.stages[snapshot.values("stage")[row]].signature, REPLICATE)
    return f"no usable {', '.join(field for field in fields if snapshot.values(field)[row] is None)}"


def _report_mismatches(columns: Mapping[str, Sequence[Any]], findings: Findings) -> None:
    for row, kind in enumerate(columns["class"]):
        if kind is IdClass.MISMATCHED:
            findings.add(
                "ID_MISMATCH",
                stage=columns["stage"][row],
                gen_id=columns["gen_id"][row],
                field="gen_id",
                expected=columns["recomputed_id"][row],
                actual=columns["gen_id"][row],
                path=columns["metadata_path"][row],
            )


def _report_collisions(snapshot: Snapshot, columns: Mapping[str, Sequence[Any]], findings: Findings) -> None:
    """Report the names that several generations would get, unless they share one signature."""
    names, migrated = columns["gen_id"], columns["migrated_id"]
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
                path=columns["metadata_path"][rows[0]],
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
    names, parents = snapshot.values("gen_id"), snapshot.values(PARENT)
    holds = (table["class"] == IdClass.DETERMINISTIC).tolist()
    collisions = table["collision_index"].tolist()
    found: dict[str, set[str]] = {}
    for stage, span in snapshot.spans.items():
        above = snapshot.stages[stage].parent
        known = found[stage] = set()
        for row in span:
            if holds[row] and (above is None or parents[row] in found[above]):
                taken = snapshot.rows[stage]
                earlier = _earlier_names(snapshot, stage, row, collisions[row]) if collisions[row] else ()
                if all(name in taken for name in earlier):
                    known.add(names[row])
    return found


def _earlier_names(snapshot: Snapshot, stage: str, row: int, collision: int) -> list[str]:
    """Return the ids that a plan tries before the one with a collision index."""
    text = str(snapshot.signatures[row])
    bases = ids_of_texts(stage, [hashed_text(text, index) for index in range(collision)], snapshot.stages)
    return [with_collision(base, index) if index else base for index, base in enumerate(bases)]


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
