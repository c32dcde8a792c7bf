"""Cohorts audit: compares every cohort's membership with the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from genaudit.audits.memberships import INVALID, Cohort, Cohorts, read_cohorts
from genaudit.audits.result import MAX_NAMED, AuditResult, Coverage, Findings, others, shown_value
from genaudit.cohorts.membership import ManifestState, MembershipForm
from genaudit.humanize import counted
from genaudit.layout import GENS, is_safe_name, metadata_path
from genaudit.schemas import COHORTS, RecordState, from_rows, rows
from genaudit.stages import PARENT, STAGES, StageTable
from genaudit.store.records import normal_field
from genaudit.store.snapshot import Snapshot

# Folders known to hold no generation need no cohort.
_NO_GENERATION: Final = (RecordState.FOLDER_EMPTY, RecordState.FOLDER_UNREADABLE, RecordState.VANISHED)
_KEY: Final = ("stage", "gen_id")
_ORIGIN: Final = "origin_cohort_id"


@dataclass(frozen=True, slots=True)
class CohortsSummary:
    """Numbers of the cohorts audit; each generation counts once, however many cohorts list it.

    :param cohorts: row of the audit's frame by cohort id.
    :param listed: generations that at least one membership lists, by stage.
    :param in_no_cohort: generations that no membership lists, by stage.
    :param not_in_store: listed generations that are not in the store.
    :param unreadable: memberships that cannot be read.
    """

    cohorts: dict[str, dict[str, Any]]
    listed: dict[str, int]
    in_no_cohort: dict[str, int]
    not_in_store: int
    unreadable: int


CohortsResult = AuditResult[CohortsSummary]


def cohort_columns(stages: StageTable) -> dict[str, str]:
    """Return :data:`genaudit.schemas.COHORTS` with the columns of this table's stages."""
    counts = dict.fromkeys(stages, "Int64")
    columns: dict[str, str] = {}
    for name, dtype in COHORTS.items():
        columns |= {} if name in STAGES else {name: dtype}
        columns |= counts if name == "form" else {}
    return columns


def cohorts(snapshot: Snapshot, memberships: Cohorts | None = None) -> CohortsResult:
    """Compare the members of every cohort with the store, and the store with all memberships.

    The frame has the columns of :data:`genaudit.schemas.COHORTS`, one row per cohort with a membership: its members
    by stage, and the numbers of members that are not in the store, contradict their record, or have a parent that the
    cohort does not list. ``manifest`` is ``ok``, ``absent``, ``stale`` or ``invalid``.

    Memberships are not part of a snapshot: they are read here, from the scanned root.

    :param memberships: all memberships, if they were read already.
    :returns: findings ``MEMBERSHIP_*``, ``MANIFEST_*``, ``MEMBER_*`` and ``GENERATION_IN_NO_COHORT``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``: the root no longer exists.
    """
    read = memberships or read_cohorts(snapshot.layout)
    check = _Check(snapshot)
    for problem in filter(None, [read.problem, *(cohort.problem for cohort in read.found)]):
        check.findings.add(problem.code, path=problem.path, detail=problem.detail)
    table = from_rows(cohort_columns(snapshot.stages), [check.cohort(cohort) for cohort in read.found])
    check.report_absent()
    unlisted = check.report_unlisted(read)
    coverage = Coverage(
        checked={"memberships": len(table) - int(table["form"].isna().sum()), "members": check.members},
        skipped={
            "cohorts without a membership": read.without_membership,
            "generations without any membership to look in": 0 if read.found else len(snapshot.generations),
        },
        unverified={reason: count for reason, count in sorted(check.unverified.items()) if count},
    )
    return AuditResult(
        "cohorts", _summary(table, check, unlisted), table, check.findings.frame(), coverage, stages=snapshot.stages
    )


class _Check:
    """The check of all cohorts, which collects the listed generations."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.findings = Findings(snapshot.stages)
        self.members = 0
        self.unverified: Counter[str] = Counter()
        self.listed: dict[str, set[str]] = {stage: set() for stage in snapshot.stages}
        self.absent: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._states = snapshot.values("state")
        # Paths at which the inventory found something other than a generation or a stage folder.
        self._strays = set(snapshot.strays["path"].tolist())

    def cohort(self, cohort: Cohort) -> dict[str, Any]:
        """Check a cohort, and summarise it as a row of the audit's frame."""
        summed: dict[str, Any] = {"cohort_id": cohort.cohort_id, "path": cohort.path, "manifest": cohort.manifest}
        summed |= dict.fromkeys(("not_in_store", "contradicting", "parents_outside"), 0)
        if cohort.members is None or cohort.form is None:
            return summed
        members = [row._asdict() for row in rows(cohort.members)]
        listed: dict[str, set[str]] = {stage: set() for stage in self.snapshot.stages}
        self._report_manifest(cohort, len(members))
        for member in members:
            listed[member["stage"]].add(member["gen_id"])
        places = [self.snapshot.rows[member["stage"]].get(member["gen_id"]) for member in members]
        there = [(member, row) for member, row in zip(members, places, strict=True) if row is not None]
        unread = sum(self._states[row] != RecordState.OK for _, row in there)
        self.unverified["members whose record cannot be read"] += unread
        self.members += len(members)
        for stage, gen_ids in listed.items():
            self.listed[stage] |= gen_ids
            summed[stage] = len(gen_ids)
        return {
            **summed,
            "form": cohort.form.value,
            "not_in_store": self._note_absent(cohort, members, places),
            "contradicting": self._report_contradictions(cohort, there),
            "parents_outside": self._report_parents(cohort, there, listed),
        }

    def _report_manifest(self, cohort: Cohort, members: int) -> None:
        if cohort.manifest in (ManifestState.OK, INVALID):
            return
        stale = "MANIFEST_REWRITTEN" if cohort.rewritten else "MANIFEST_STALE"
        code = "MANIFEST_MISSING" if cohort.manifest == ManifestState.ABSENT else stale
        source = "its own rows" if cohort.form is MembershipForm.WIDE else "their records alone"
        self.findings.add(
            code, path=cohort.manifest_path, detail=f"{counted(members, 'member')}; {source} give their fields"
        )

    def _note_absent(self, cohort: Cohort, members: Sequence[dict[str, Any]], places: Sequence[int | None]) -> int:
        absent = [
            tuple(member[name] for name in _KEY) for member, row in zip(members, places, strict=True) if row is None
        ]
        for stage, gen_id in absent:
            self.absent[stage, gen_id].append(cohort.cohort_id)
        return len(absent)

    def report_absent(self) -> None:
        """Report each listed generation that is not in the store once, with the cohorts that list it."""
        for (stage, gen_id), cohort_ids in self.absent.items():
            folder = f"{GENS}/{stage}/{gen_id}"
            if self._strays & {f"{GENS}/{stage}", folder}:
                self.unverified["members where the store has something else than a folder"] += 1
                continue
            self.findings.add(
                "MEMBER_NOT_IN_STORE",
                stage=stage,
                gen_id=gen_id,
                expected="a generation in the store",
                path=folder,
                detail=f"listed by {_named(cohort_ids)}",
            )

    def _report_contradictions(self, cohort: Cohort, there: Sequence[tuple[dict[str, Any], int]]) -> int:
        """Compare a membership with the records of its members; a missing value contradicts nothing."""
        path = cohort.path if cohort.form is MembershipForm.WIDE else cohort.manifest_path
        contradicting: set[int] = set()
        for field in self.snapshot.stages.record_fields:
            # Without a manifest the file's cohort gives the membership of a row, not its origin.
            if field in _KEY or (field == _ORIGIN and cohort.manifest != ManifestState.OK):
                continue
            stored = self.snapshot.values(field)
            for member, row in there:
                own, kept = stored[row], member.get(field)
                if (
                    kept is None
                    or own is None
                    or kept == own
                    or field in self.snapshot.stages[member["stage"]].extraneous
                ):
                    continue
                if normal_field(field, kept, self.snapshot.stages) != own:
                    contradicting.add(row)
                    self.findings.add(
                        "MEMBERSHIP_CONTRADICTS_METADATA",
                        stage=member["stage"],
                        gen_id=member["gen_id"],
                        field=field,
                        expected=shown_value(own),
                        actual=shown_value(kept),
                        path=path,
                    )
        return len(contradicting)

    def _report_parents(
        self, cohort: Cohort, there: Sequence[tuple[dict[str, Any], int]], listed: dict[str, set[str]]
    ) -> int:
        """Report each stored parent of members that the cohort does not list, once."""
        parents = self.snapshot.values(PARENT)
        outside: dict[tuple[str, str], list[str]] = defaultdict(list)
        for member, row in there:
            stage = self.snapshot.stages[member["stage"]]
            if stage.parent is None:
                continue
            parent = parents[row] or normal_field(PARENT, member[PARENT])
            # A parent that is missing from the store is a finding of the parents audit.
            if parent in self.snapshot.rows[stage.parent] and parent not in listed[stage.parent]:
                outside[stage.name, str(parent)].append(member["gen_id"])
        for (name, parent_id), children in outside.items():
            gen_ids = sorted(children)
            also = f", and so are those of {others(gen_ids)}" if len(gen_ids) > 1 else ""
            self.findings.add(
                "MEMBER_PARENT_OUTSIDE_COHORT",
                stage=name,
                gen_id=gen_ids[0],
                field=PARENT,
                expected=f"a member of {cohort.cohort_id}",
                actual=parent_id,
                path=cohort.path,
                detail=f"in the store, but not in the cohort{also}",
            )
        return sum(map(len, outside.values()))

    def report_unlisted(self, read: Cohorts) -> dict[str, int]:
        """Report the generations that no membership lists, and count them by stage.

        A generation that an unreadable membership may list counts as unverified.
        """
        counts = dict.fromkeys(self.snapshot.stages, 0)
        if not read.found:
            return counts
        unreadable = [cohort.mentioned for cohort in read.found if cohort.members is None]
        perhaps = frozenset().union(*(names for names in unreadable if names is not None))
        for stage, gen_id, row in self._unlisted():
            if None in unreadable or gen_id in perhaps:
                self.unverified["generations that an unreadable membership may list"] += 1
                continue
            counts[stage] += 1
            origin = self.snapshot.values(_ORIGIN)[row]
            self.findings.add(
                "GENERATION_IN_NO_COHORT",
                stage=stage,
                gen_id=gen_id,
                path=metadata_path(stage, gen_id),
                detail=f"its record names the cohort {origin}" if origin else None,
            )
        return counts

    def _unlisted(self) -> Iterator[tuple[str, str, int]]:
        for stage, by_name in self.snapshot.rows.items():
            listed = self.listed[stage]
            for gen_id, row in by_name.items():
                if gen_id not in listed and self._states[row] not in _NO_GENERATION and is_safe_name(gen_id):
                    yield stage, gen_id, row


def _named(cohort_ids: list[str]) -> str:
    shown = ", ".join(cohort_ids[:MAX_NAMED])
    return f"{shown} and {len(cohort_ids) - MAX_NAMED} more" if len(cohort_ids) > MAX_NAMED else shown


def _summary(table: pd.DataFrame, check: _Check, unlisted: dict[str, int]) -> CohortsSummary:
    keys = [name for name in table.columns if name not in ("cohort_id", "path")]
    return CohortsSummary(
        cohorts={row.cohort_id: {key: getattr(row, key) for key in keys} for row in rows(table)},
        listed={stage: len(gen_ids) for stage, gen_ids in check.listed.items()},
        in_no_cohort=unlisted,
        not_in_store=len(check.absent),
        unreadable=int(table["form"].isna().sum()),
    )
