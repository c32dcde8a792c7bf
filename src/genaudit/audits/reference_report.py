"""Report of a search for references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from genaudit.audits.occurrences import Occurrences
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.ids import IdForm, parse_id
from genaudit.layout import is_safe_name
from genaudit.schemas import RefKind, Treatment, rows
from genaudit.stages import StageTable
from genaudit.store.snapshot import Snapshot
from genaudit.store.walk import Root

# Binary files and links are skipped by rule; everything else that was not searched may hold ids.
_BY_RULE: Final = ("binary", "symbolic_link", "folder_symbolic_link")
# File types in which a missing id is a finding of the metadata, parents or cohorts audit.
_OTHERS_FIND: Final = frozenset({RefKind.RECORD, RefKind.MEMBERSHIP, RefKind.STAGE_MANIFEST})
_TOLD: Final = frozenset(
    {RefKind.RAW_METADATA, RefKind.MANIFEST, RefKind.SELECTION, RefKind.SCORES, RefKind.TABLE, RefKind.DATA}
)
_MEANT: Final = frozenset({"id", "path"})


@dataclass(slots=True)
class SearchStats:
    """Statistics and hits of a search.

    :param rows: the references, and the entries that were not searched.
    :param unscanned: entries that were not searched, by reason.
    :param scanned: files by type.
    :param entered: folders of generations.
    :param seen: everything but folders, and folders that could not be entered.
    :param read: bytes.
    """

    rows: Occurrences = field(default_factory=Occurrences)
    unscanned: Counter[str] = field(default_factory=Counter)
    scanned: Counter[RefKind] = field(default_factory=Counter)
    entered: int = 0
    seen: int = 0
    read: int = 0

    def extend(self, other: SearchStats) -> None:
        """Add the hits and numbers of another part."""
        self.rows.extend(other.rows)
        self.unscanned += other.unscanned
        self.scanned += other.scanned
        self.entered += other.entered
        self.seen += other.seen
        self.read += other.read


@dataclass(frozen=True, slots=True)
class ReferencesSummary:
    """Numbers of the references audit.

    :param files: numbers of files ``seen`` and ``scanned``, and ``unscanned`` by reason.
    :param bytes: bytes read.
    :param left_out: folders excluded by rule.
    :param kinds: by file type, the files and the references by treatment.
    :param reasons: references by treatment and reason.
    :param dangling: number of references to each id that is not in the store.
    """

    roots: list[str]
    ids: int
    ids_referenced: int
    files: dict[str, Any]
    bytes: int
    left_out: list[str]
    occurrences: int
    treatments: dict[Treatment, int]
    kinds: dict[RefKind, dict[str, int]]
    reasons: dict[Treatment, dict[str, int]]
    handlers: dict[str, int]
    dangling: dict[str, int]


ReferencesResult = AuditResult[ReferencesSummary]


def report(snapshot: Snapshot, roots: Sequence[Root], stats: SearchStats) -> ReferencesResult:
    """Build the audit's result."""
    table = stats.rows.frame(snapshot.stages)
    findings = Findings(snapshot.stages)
    _report_dangling(snapshot, table[table["treatment"] == Treatment.DANGLING], findings)
    unsafe = sum(not is_safe_name(name) for by_name in snapshot.rows.values() for name in by_name)
    by_rule = {reason: count for reason, count in sorted(stats.unscanned.items()) if reason in _BY_RULE}
    unverified = {reason: count for reason, count in sorted(stats.unscanned.items()) if reason not in _BY_RULE}
    coverage = Coverage(
        checked={"files": sum(stats.scanned.values()), "bytes": stats.read},
        skipped={
            **by_rule,
            "folder names that cannot be ids": unsafe,
            "folders left out by rule": sum(len(root.skipped) for root in roots),
        },
        unverified=unverified,
    )
    return AuditResult(
        "references",
        _summary(snapshot, roots, stats, table),
        table,
        findings.frame(),
        coverage,
        stages=snapshot.stages,
    )


def _report_dangling(snapshot: Snapshot, table: pd.DataFrame, findings: Findings) -> None:
    """Report each missing id once per referencing file, unless another audit reports it."""
    elsewhere = set(table[table["kind"].isin(_OTHERS_FIND)]["gen_id"])
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows(table):
        if row.kind in _TOLD and row.reason in _MEANT and row.gen_id not in elsewhere:
            found.setdefault((row.root, row.path, row.gen_id), []).append(row)
    for (root, path, gen_id), references in found.items():
        place = "" if root == snapshot.name else f", below {root}"
        times = f"referenced {len(references):,} times" if len(references) > 1 else "referenced once"
        findings.add(
            "REFERENCE_DANGLING",
            stage=_stage_of(gen_id, snapshot.stages),
            gen_id=gen_id,
            field=references[0].field,
            expected="a generation in the store",
            path=path,
            detail=f"{times}, first in line {references[0].line:,}{place}",
        )


def _stage_of(gen_id: str, stages: StageTable) -> str | None:
    """Return the stage of an id by its prefix; a legacy id has none."""
    return next((stage for stage in stages if parse_id(stage, gen_id, stages).form is IdForm.DETERMINISTIC), None)


def _summary(snapshot: Snapshot, roots: Sequence[Root], stats: SearchStats, table: pd.DataFrame) -> ReferencesSummary:
    references = table[table["treatment"] != Treatment.UNSCANNED]
    is_dangling = references["treatment"] == Treatment.DANGLING
    treatments = _counts(references, ["treatment"])
    kinds = _counts(references, ["kind", "treatment"])
    reasons = _counts(references, ["treatment", "reason"])
    handlers = _counts(references, ["handler"])
    dangling = _counts(references[is_dangling], ["gen_id"])
    shown = [treatment for treatment in Treatment if treatment is not Treatment.UNSCANNED]
    return ReferencesSummary(
        roots=[snapshot.as_named(str(root.given)) for root in roots],
        ids=len({name for by_name in snapshot.rows.values() for name in by_name}),
        ids_referenced=references[~is_dangling]["gen_id"].nunique(),
        files={
            "seen": stats.seen,
            "scanned": sum(stats.scanned.values()),
            "unscanned": dict(sorted(stats.unscanned.items())),
        },
        bytes=stats.read,
        left_out=[snapshot.as_named(f"{root.given}/{path}") for root in roots for path in root.skipped.values()],
        occurrences=len(references),
        treatments={treatment: treatments[treatment] for treatment in shown},
        kinds={
            kind: {"files": stats.scanned[kind], **{treatment: kinds[kind, treatment] for treatment in shown}}
            for kind in RefKind
            if stats.scanned[kind] or any(kinds[kind, treatment] for treatment in shown)
        },
        reasons={
            treatment: {why: n for (one, why), n in sorted(reasons.items()) if one == treatment}
            for treatment in shown
        },
        handlers=dict(sorted(handlers.items())),
        dangling=dict(sorted(dangling.items())),
    )


def _counts(table: pd.DataFrame, names: list[str]) -> Counter[Any]:
    """Count the rows by the values of some columns; rows without a value are left out."""
    numbers = table.groupby(names if len(names) > 1 else names[0], observed=True).size()
    return Counter(dict(zip(numbers.index.tolist(), numbers.tolist(), strict=True)))
