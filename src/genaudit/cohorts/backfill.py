"""Manifests for historical cohorts, gathered from memberships and records.

Each field of a member comes from the membership's cell; else from the generation's record; else from a manifest of an
earlier membership of the cohort, which is often the only source of a mode. The origin cohort comes from the record
first, because the membership's cell names the cohort that lists the member.

If a required field is unknown or a cell contradicts a record, the cohort is left alone, unless the caller accepts a
partial manifest: it leaves unknown fields empty and follows the record. Only ``stage_manifest.json`` is written,
bound to the current membership.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.artifacts import one_writer
from genaudit.cohorts.backfill_sources import CohortFiles, read_cohort_files
from genaudit.cohorts.combo_proposals import ComboProposal, drafts_without_combo, propose_combos
from genaudit.cohorts.listing import choose_cohorts, for_each_cohort, list_cohorts
from genaudit.cohorts.manifest import DETAILS, MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import ManifestState
from genaudit.cohorts.membership_rows import MODE, ORIGIN, WITH_MODE, problem_of
from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.schemas import frame as make_frame
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES
from genaudit.store.records import normal_field
from genaudit.store.snapshot import Snapshot, scan
from genaudit.store.written import write_recorded

# Keys of a manifest's metadata: the fields that the backfill could not find, and the build metadata of an earlier
# manifest.
BACKFILL: Final = "backfill"
EARLIER: Final = "earlier"


class BackfillAction(StrEnum):
    """The outcome for a cohort's manifest."""

    WRITE = "write"
    KEPT = "kept"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CohortBackfill:
    """The result of a backfill for one cohort.

    :param manifest: the state before: a value of :class:`~genaudit.cohorts.membership.ManifestState`, or ``damaged``;
        ``None`` if it could not be read.
    :param unknown: required fields and modes without a source: ``stage``, ``gen_id``, ``field``.
    :param conflicts: cells that contradict a record: also ``listed`` and ``recorded``.
    :param dropped: values of records that no manifest can hold, such as another mode: also ``value``.
    :param error: ``code`` and context of the error, if the backfill failed.
    """

    cohort_id: str
    action: BackfillAction
    manifest: str | None = None
    members: int = 0
    unknown: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[Mapping[str, Any]] = ()
    dropped: Sequence[Mapping[str, Any]] = ()
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """The result of a backfill, applied or planned.

    :param applied: whether manifests were written.
    :param cohorts: the requested cohorts, sorted.
    :param combos: proposals for drafts without a combination in their record, from all readable cohorts.
    :param drafts_without_combo: all such drafts, with or without a proposal, sorted.
    :param unread: other cohorts that could not be read and so gave no proposals.
    """

    applied: bool
    partial: bool
    cohorts: Sequence[CohortBackfill]
    combos: Sequence[ComboProposal]
    drafts_without_combo: Sequence[str]
    unread: Sequence[str]

    @property
    def complete(self) -> bool:
        """Whether every cohort has a manifest, or will have one."""
        return all(cohort.action in (BackfillAction.WRITE, BackfillAction.KEPT) for cohort in self.cohorts)

    def as_plain(self) -> dict[str, Any]:
        """Convert the report to plain values."""
        return asdict(self)


def backfill_manifests(
    root: Path,
    cohorts: Sequence[str] = (),
    *,
    partial: bool = False,
    apply: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> BackfillReport:
    """Create the missing manifests of cohorts, from one scan of the store.

    A manifest that belongs to its membership is never replaced. The errors of one cohort are in its row and do not
    affect the others.

    :param cohorts: cohort ids; empty for all.
    :param partial: whether to accept incomplete manifests.
    :param apply: whether to write; the default is a dry run.
    :param progress: as for :func:`~genaudit.store.snapshot.scan`.
    :raises DDError: as :func:`~genaudit.cohorts.listing.choose_cohorts` and :func:`~genaudit.store.snapshot.scan` do;
        as :func:`~genaudit.cohorts.pipeline_stages.check_pipeline_stages`.
    """
    layout = Layout(root)
    chosen = choose_cohorts(layout, cohorts)
    snapshot = scan(root, progress)
    check_pipeline_stages(snapshot.stages)
    there = {**list_cohorts(layout), **chosen}
    read = {name: error or _read(layout, name) for name, error in sorted(there.items())}
    files = [each for each in read.values() if isinstance(each, CohortFiles)]
    results = for_each_cohort(
        {name: read[name] for name in chosen},
        lambda _, each: _backfill(layout, each, snapshot, partial=partial, apply=apply),
        lambda name, error: CohortBackfill(name, BackfillAction.FAILED, error=error),
    )
    return BackfillReport(
        applied=apply,
        partial=partial,
        cohorts=results,
        combos=propose_combos(snapshot, files),
        drafts_without_combo=sorted(drafts_without_combo(snapshot)),
        unread=[name for name, each in read.items() if isinstance(each, DDError) and name not in chosen],
    )


def _read(layout: Layout, cohort_id: str) -> CohortFiles | DDError:
    try:
        return read_cohort_files(layout, cohort_id)
    except DDError as error:
        return error


def _backfill(
    layout: Layout, files: CohortFiles, snapshot: Snapshot, *, partial: bool, apply: bool
) -> CohortBackfill:
    members = len(files.membership.frame)
    if files.state == ManifestState.OK:
        return CohortBackfill(files.cohort_id, BackfillAction.KEPT, files.state, members)
    gathered = _Gathered(files, snapshot)
    frame = gathered.frame()
    unknown = Counter(each["field"] for each in gathered.unknown)
    holds = not gathered.conflicts and set(unknown) <= {MODE}
    action = BackfillAction.WRITE if holds or partial else BackfillAction.BLOCKED
    if action is BackfillAction.WRITE:
        earlier = next((manifest.metadata for manifest in files.manifests), {})
        metadata = {
            BACKFILL: {"unknown": dict(sorted(unknown.items())), "conflicts": len(gathered.conflicts)},
            EARLIER: earlier.get(EARLIER, {}) if BACKFILL in earlier else earlier,
        }
        manifest = StageManifest.from_membership(frame, files.cohort_id)
        manifest = manifest.bound_to(files.membership.canonical(), metadata)
        if apply and not _write(layout, files, manifest):
            action = BackfillAction.KEPT
    found = (gathered.unknown, gathered.conflicts, gathered.dropped)
    return CohortBackfill(files.cohort_id, action, files.state, members, *found)


def _write(layout: Layout, files: CohortFiles, manifest: StageManifest) -> bool:
    """Write a manifest. Return False if another writer added one first.

    :raises DDError: ``IO_ERROR``, reason ``membership_changed``.
    """
    with one_writer(layout, files.cohort_id):
        now = read_cohort_files(layout, files.cohort_id)
        if now.data != files.data:
            ctx = {"reason": Reason.MEMBERSHIP_CHANGED, "cohort_id": files.cohort_id}
            raise DDError(Err.IO_ERROR, {**ctx, "path": str(layout.cohort(files.cohort_id))})
        if now.state == ManifestState.OK:
            return False
        write_recorded(layout.root, layout.cohort(files.cohort_id) / MANIFEST_NAME, manifest.to_bytes())
        return True


class _Gathered:
    """A cohort's members and its errors."""

    def __init__(self, files: CohortFiles, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._earlier = [manifest.entries for manifest in files.manifests]
        self._rows = [row._asdict() for row in rows_of(files.membership.frame)]
        self.unknown: list[dict[str, Any]] = []
        self.conflicts: list[dict[str, Any]] = []
        self.dropped: list[dict[str, Any]] = []

    def frame(self) -> pd.DataFrame:
        """Gather all fields of all members."""
        members = [self._member(row) for row in self._rows]
        return make_frame(WITH_MODE, {name: [member[name] for member in members] for name in WITH_MODE})

    def _member(self, row: Mapping[str, Any]) -> dict[str, Any]:
        key = {"stage": row["stage"], "gen_id": row["gen_id"]}
        recorded = self._recorded(key)
        member: dict[str, Any] = {**key}
        for field in DETAILS:
            listed, stored = row.get(field), recorded.get(field)
            if field != ORIGIN and None not in (listed, stored) and normal_field(field, listed) != stored:
                self.conflicts.append({**key, "field": field, "listed": listed, "recorded": stored})
                listed = None
            sources = (stored, self._earlier_value(key, field), listed)
            member[field] = _first(sources if field == ORIGIN else (listed, stored, sources[1]))
        for field in (*STAGES[key["stage"]].required, MODE):
            if member[field] is None:
                self.unknown.append({**key, "field": field})
        return member

    def _recorded(self, key: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields of a member's record that belong there and that a manifest can hold."""
        row = self._snapshot.rows[key["stage"]].get(key["gen_id"])
        if row is None:
            return {}
        found = {}
        for field in DETAILS:
            value = self._snapshot.values(field)[row]
            if value is None or field in STAGES[key["stage"]].extraneous:
                continue
            if problem_of(field, value):
                self.dropped.append({**key, "field": field, "value": value})
            else:
                found[field] = value
        return found

    def _earlier_value(self, key: Mapping[str, str], field: str) -> Any:  # noqa: ANN401 (a field of either type)
        if field in STAGES[key["stage"]].extraneous:
            return None
        entries = (each.get((key["stage"], key["gen_id"])) for each in self._earlier)
        return _first(getattr(entry, field) for entry in entries if entry)


def _first(values: Iterable[Any]) -> Any:  # noqa: ANN401 (a field of either type)
    return next((value for value in values if value is not None), None)
