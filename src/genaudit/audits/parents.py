"""Parents audit: checks every link to a parent, and counts the descendants of each break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.layout import metadata_path
from genaudit.schemas import BREAKS, PARENTS, REPAIRS, ParentStatus, frame, rows
from genaudit.stages import PARENT, STAGES, StageTable
from genaudit.store.links import NO_ROW, NUMBER, follow
from genaudit.store.near_misses import NearMisses
from genaudit.store.snapshot import Snapshot

_BROKEN: Final = (ParentStatus.MISSING, ParentStatus.UNREADABLE, ParentStatus.WRONG_STAGE, ParentStatus.CYCLE)


@dataclass(frozen=True, slots=True)
class StageChains:
    """The chains that start at one stage."""

    total: int
    statuses: dict[ParentStatus, int]
    reaching_the_first_stage: int
    orphans: int
    without_children: int


@dataclass(frozen=True, slots=True)
class ParentsSummary:
    """Numbers of the parents audit.

    :param hanging_on_breaks: generations below a break whose own link is intact.
    """

    stages: dict[str, StageChains]
    broken_references: int
    hanging_on_breaks: int


ParentsResult = AuditResult[ParentsSummary]


def parents(snapshot: Snapshot) -> ParentsResult:
    """Check every generation's link to its parent and the chain above it.

    The frame has the columns of :data:`genaudit.schemas.PARENTS`, one row per generation.

    :returns: findings ``PARENT_*`` for each broken link and ``CHAIN_BROKEN_ABOVE`` for its descendants.
    """
    links = follow(snapshot)
    stages, names = snapshot.values("stage"), snapshot.values("gen_id")
    above = {stage.name: stage.parent for stage in snapshot.stages.values()}
    parent_stages = [above[stage] for stage in stages]
    parent_names = snapshot.values(PARENT).copy()
    for row in np.flatnonzero(links.status == NUMBER[ParentStatus.ROOT]).tolist():
        parent_names[row] = None
    elsewhere = (links.status == NUMBER[ParentStatus.WRONG_STAGE]) | (links.status == NUMBER[ParentStatus.CYCLE])
    for row in np.flatnonzero(elsewhere).tolist():
        parent_stages[row] = stages[links.parent[row]]
    break_stages: list[str | None] = [None] * len(names)
    break_names = break_stages.copy()
    for row in np.flatnonzero(links.broken_at != NO_ROW).tolist():
        break_stages[row], break_names[row] = stages[links.broken_at[row]], names[links.broken_at[row]]
    table = frame(
        PARENTS,
        {
            "stage": stages,
            "gen_id": names,
            "parent_stage": parent_stages,
            "parent_gen_id": parent_names,
            "status": links.status,
            "reaches_root": links.broken_at == NO_ROW,
            "break_stage": break_stages,
            "break_gen_id": break_names,
            "children": links.children,
            "descendants": links.descendants,
        },
        snapshot.stages,
    )
    findings = Findings(snapshot.stages)
    _report(table, findings, snapshot.stages)
    coverage = _coverage(table)
    return AuditResult("parents", _summary(table), table, findings.frame(), coverage, stages=snapshot.stages)


def _report(table: pd.DataFrame, findings: Findings, stages: StageTable) -> None:
    for row in rows(table[~table["reaches_root"]]):
        if row.status in _BROKEN:
            found = "" if row.status == ParentStatus.MISSING else f"{row.parent_stage} "
            code, expected = f"PARENT_{row.status.upper()}", f"a readable {stages[row.stage].parent}"
            actual, detail = f"{found}{row.parent_gen_id}", f"descendants: {row.descendants:,}"
        elif row.status == ParentStatus.OK:
            code, expected = "CHAIN_BROKEN_ABOVE", "a chain up to the first stage"
            actual, detail = row.parent_gen_id, f"breaks at {row.break_stage} {row.break_gen_id}"
        else:
            # The metadata audit reports unreadable records and missing parent fields.
            continue
        findings.add(
            code,
            stage=row.stage,
            gen_id=row.gen_id,
            field=PARENT,
            expected=expected,
            actual=actual,
            path=metadata_path(row.stage, row.gen_id),
            detail=detail,
        )


def repairs(table: pd.DataFrame, stages: StageTable = STAGES) -> pd.DataFrame:
    """List the links to repair by hand, with candidates for the intended parent.

    :param table: the frame of :func:`parents`.
    :param stages: the store's table of stages.
    :returns: columns of :data:`genaudit.schemas.REPAIRS`, sorted by the number of descendants: ``found_stage`` is
        the stage that has the id, ``near_miss`` an id of the expected stage that shares its first or last
        eight digits or more.
    """
    broken = table[table["status"].isin(BREAKS)]
    missing = broken["status"] == ParentStatus.MISSING
    near = {
        stage: NearMisses(table.loc[table["stage"] == stage, "gen_id"].tolist())
        for stage in broken.loc[missing, "parent_stage"].unique()
    }
    near_misses = [
        near[row.parent_stage].find(row.parent_gen_id) if row.status == ParentStatus.MISSING else None
        for row in rows(broken)
    ]
    elsewhere = broken["status"].isin([ParentStatus.WRONG_STAGE, ParentStatus.CYCLE, ParentStatus.UNREADABLE])
    columns = {name: broken[name] for name in ("stage", "gen_id", "parent_gen_id", "status", "descendants")}
    listed = frame(
        REPAIRS,
        {
            **{name: values.tolist() for name, values in columns.items()},
            "parent_stage": [stages[stage].parent for stage in broken["stage"]],
            "found_stage": broken["parent_stage"].where(elsewhere).tolist(),
            "near_miss": near_misses,
            "metadata_path": list(map(metadata_path, broken["stage"], broken["gen_id"])),
        },
        stages,
    )
    return listed.sort_values(["descendants", "stage", "gen_id"], ascending=[False, True, True], ignore_index=True)


def _summary(table: pd.DataFrame) -> ParentsSummary:
    stages = {
        str(stage): StageChains(
            total=len(own),
            statuses={
                ParentStatus(str(status)): int(count)
                for status, count in own["status"].value_counts(sort=False).items()
                if count
            },
            reaching_the_first_stage=int(own["reaches_root"].sum()),
            orphans=int((~own["reaches_root"]).sum()),
            without_children=int((own["children"] == 0).sum()),
        )
        for stage, own in table.groupby("stage", observed=False)
    }
    return ParentsSummary(
        stages=stages,
        broken_references=int(table["status"].isin(_BROKEN).sum()),
        hanging_on_breaks=int((~table["reaches_root"] & (table["status"] == ParentStatus.OK)).sum()),
    )


def _coverage(table: pd.DataFrame) -> Coverage:
    counts = table["status"].value_counts()
    return Coverage(
        checked={"links to a parent": int(counts[[ParentStatus.OK, *_BROKEN]].sum())},
        skipped={"the first stage has no parents": int(counts[ParentStatus.ROOT])},
        unverified={
            "record cannot be read": int(counts[ParentStatus.UNKNOWN]),
            "no usable parent_gen_id": int(counts[ParentStatus.UNNAMED]),
        },
    )
