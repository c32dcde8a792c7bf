"""Conversion of wide memberships to the slim form, without loss.

A wide file is converted only if its manifest repeats each of its cells, no cell contradicts the generation's record,
and the record is complete: the manifest and the records are the remaining sources. The original stays beside the new
file, byte for byte, under :data:`ORIGINAL_NAME`; to go back, move it to the membership's name, and backfill its
manifest.

The original gets its second name before the commit that :mod:`genaudit.cohorts.membership` describes. So an
interrupted conversion leaves the wide membership or the slim one, and can be run again in either case.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from genaudit.cohorts.artifacts import changing, exchanging, one_writer
from genaudit.cohorts.listing import choose_cohorts, for_each_cohort
from genaudit.cohorts.membership import (
    MEMBERSHIP_NAME,
    ManifestState,
    MembershipForm,
    MembershipTable,
    read_kept,
    read_membership,
    read_membership_file,
)
from genaudit.cohorts.membership_csv import SLIM_COLUMNS, MembershipCsv, render_membership
from genaudit.cohorts.membership_rows import KEY_COLUMNS, ORIGIN
from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.layout import Layout
from genaudit.schemas import RecordState
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES
from genaudit.store.records import normal_field
from genaudit.store.snapshot import Snapshot, scan
from genaudit.store.written import record_written

ORIGINAL_NAME: Final = "membership.wide.csv"


class SlimAction(StrEnum):
    """The outcome for a cohort's membership."""

    REWRITE = "rewrite"
    ALREADY_SLIM = "already_slim"
    TWO_COLUMN = "two_column"
    REFUSED = "refused"
    FAILED = "failed"


class Refusal(StrEnum):
    """The loss or contradiction that prevents a conversion."""

    NO_MANIFEST = "no_manifest"
    UNKNOWN_COLUMN = "unknown_column"
    ORIGINAL_EXISTS = "original_exists"
    DIFFERS_FROM_MANIFEST = "differs_from_manifest"
    CONTRADICTS_RECORD = "contradicts_record"
    NOT_IN_RECORD = "not_in_record"
    RECORD_MISSING = "record_missing"
    RECORD_UNREADABLE = "record_unreadable"


@dataclass(frozen=True, slots=True)
class CohortSlimming:
    """The result of slimming one cohort.

    :param reasons: all reasons for a refusal: mappings with ``reason``, a value of :class:`Refusal`, and the column,
        or the member, the field and the values.
    :param error: ``code`` and context of the error, if the conversion failed.
    """

    cohort_id: str
    action: SlimAction
    members: int = 0
    reasons: Sequence[Mapping[str, Any]] = ()
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SlimReport:
    """The result of slimming, applied or planned.

    :param applied: whether memberships were rewritten.
    :param cohorts: the requested cohorts, sorted.
    """

    applied: bool
    cohorts: Sequence[CohortSlimming]

    @property
    def complete(self) -> bool:
        """Whether no cohort was refused and none failed."""
        return not any(cohort.action in (SlimAction.REFUSED, SlimAction.FAILED) for cohort in self.cohorts)

    def as_plain(self) -> dict[str, Any]:
        """Convert the report to plain values."""
        return asdict(self)


def slim_memberships(
    root: Path,
    cohorts: Sequence[str] = (),
    *,
    apply: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SlimReport:
    """Convert the wide memberships of cohorts to the slim form, if nothing is lost.

    The errors of one cohort are in its row and do not affect the others.

    :param cohorts: cohort ids; empty for all.
    :param apply: whether to write; the default is a dry run.
    :param progress: as for :func:`~genaudit.store.snapshot.scan`.
    :raises DDError: as :func:`~genaudit.cohorts.listing.choose_cohorts` and :func:`~genaudit.store.snapshot.scan` do;
        as :func:`~genaudit.cohorts.pipeline_stages.check_pipeline_stages`.
    """
    layout = Layout(root)
    chosen = choose_cohorts(layout, cohorts)
    snapshot = scan(root, progress)
    check_pipeline_stages(snapshot.stages)
    results = for_each_cohort(
        chosen,
        lambda name, _: _slim(layout, name, snapshot, apply=apply),
        lambda name, error: CohortSlimming(name, SlimAction.FAILED, error=error),
    )
    return SlimReport(apply, results)


def _slim(layout: Layout, cohort_id: str, snapshot: Snapshot, *, apply: bool) -> CohortSlimming:
    _, table, result = _decide(layout, cohort_id, snapshot)
    if not apply or result.action is not SlimAction.REWRITE:
        return result
    with one_writer(layout, cohort_id) as handle:
        # Check again under the lock, because another writer may have changed the files.
        membership, table, result = _decide(layout, cohort_id, snapshot)
        if result.action is SlimAction.REWRITE and table.manifest:
            slim = render_membership(membership.frame, SLIM_COLUMNS)
            manifest = table.manifest.bound_to(slim, table.manifest.metadata)
            original, _ = read_membership_file(layout, cohort_id)
            record_written(layout.root, {layout.cohort(cohort_id) / ORIGINAL_NAME: original})
            with exchanging(handle, layout, manifest, slim), changing(layout.cohort(cohort_id)):
                _keep_original(handle)
    return result


def _keep_original(handle: int) -> None:
    """Give the membership a second name, which it keeps after the replacement."""
    try:
        os.link(MEMBERSHIP_NAME, ORIGINAL_NAME, src_dir_fd=handle, dst_dir_fd=handle, follow_symlinks=False)
    except FileExistsError:
        # A leftover of an interrupted conversion, already checked to be identical.
        return
    os.fsync(handle)


def _decide(
    layout: Layout, cohort_id: str, snapshot: Snapshot
) -> tuple[MembershipCsv, MembershipTable, CohortSlimming]:
    """Read a cohort's membership and decide on its conversion."""
    data, membership = read_membership_file(layout, cohort_id)
    table = read_membership(layout, cohort_id)
    members = len(membership.frame)
    form = MembershipForm.of(membership.columns)
    if form is not MembershipForm.WIDE:
        action = SlimAction.ALREADY_SLIM if form is MembershipForm.SLIM else SlimAction.TWO_COLUMN
        return membership, table, CohortSlimming(cohort_id, action, members)
    reasons = [*_about_the_file(layout, cohort_id, data, membership, table.manifest_state)]
    reasons += _about_the_members(membership, table, snapshot)
    action = SlimAction.REFUSED if reasons else SlimAction.REWRITE
    return membership, table, CohortSlimming(cohort_id, action, members, reasons)


def _about_the_file(
    layout: Layout, cohort_id: str, data: bytes, membership: MembershipCsv, state: ManifestState
) -> Iterator[dict[str, Any]]:
    if state is not ManifestState.OK:
        yield {"reason": Refusal.NO_MANIFEST, "manifest": str(state)}
    for heading, rows in membership.others.items():
        if rows:
            yield {"reason": Refusal.UNKNOWN_COLUMN, "column": heading, "rows": rows}
    kept = read_kept(layout, cohort_id, ORIGINAL_NAME)
    if kept is not None and kept != data:
        yield {"reason": Refusal.ORIGINAL_EXISTS, "path": str(layout.cohort(cohort_id) / ORIGINAL_NAME)}


def _about_the_members(
    membership: MembershipCsv, table: MembershipTable, snapshot: Snapshot
) -> Iterator[dict[str, Any]]:
    """Compare each cell with the manifest, if there is one, and with the record."""
    fields = [name for name in membership.columns if name not in (*KEY_COLUMNS, ORIGIN)]
    states = snapshot.values("state")
    entries = table.manifest.entries if table.manifest else {}
    for member in rows_of(membership.frame):
        cells = {name: value for name in fields if (value := getattr(member, name)) is not None}
        key = {"stage": member.stage, "gen_id": member.gen_id}
        entry = entries.get((member.stage, member.gen_id))
        if entry:
            for name, cell in cells.items():
                if getattr(entry, name) != cell:
                    differing = {"listed": cell, "manifest": getattr(entry, name)}
                    yield {"reason": Refusal.DIFFERS_FROM_MANIFEST, **key, "field": name, **differing}
        row = snapshot.rows[member.stage].get(member.gen_id)
        if row is None:
            yield {"reason": Refusal.RECORD_MISSING, **key}
        elif states[row] != RecordState.OK:
            yield {"reason": Refusal.RECORD_UNREADABLE, **key, "state": str(states[row])}
        else:
            yield from _about_the_record(key, cells, snapshot, row)


def _about_the_record(
    key: Mapping[str, str], cells: Mapping[str, Any], snapshot: Snapshot, row: int
) -> Iterator[dict[str, Any]]:
    """Compare cells with a readable record; fields that do not belong there are left to the manifest."""
    stage = STAGES[key["stage"]]
    for name, cell in cells.items():
        stored = snapshot.values(name)[row]
        if stored is None and name in stage.required:
            yield {"reason": Refusal.NOT_IN_RECORD, **key, "field": name, "listed": cell}
        elif stored is not None and name not in stage.extraneous and normal_field(name, cell) != stored:
            yield {"reason": Refusal.CONTRADICTS_RECORD, **key, "field": name, "listed": cell, "recorded": stored}
