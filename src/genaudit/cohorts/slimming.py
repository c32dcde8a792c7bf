"""Rewriting wide memberships in the slim form, where nothing is lost by it.

A wide file is rewritten only when the manifest that belongs to it says what each of its cells says, when no cell
contradicts the generation's record, and when the record has what a record has to have: the manifest and the records
are what remains. The file itself stays beside the new one, byte for byte, under :data:`ORIGINAL_NAME`; to go back,
put it in the place of the membership, and backfill its manifest.

The original is linked under its second name before the commit that :mod:`genaudit.cohorts.membership` describes, so
that a slimming that is stopped leaves the wide membership or the slim one, and in either case can be run again.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.artifacts import changing, exchanging, one_writer
from genaudit.cohorts.listing import choose_cohorts
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
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.schemas import RecordState
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES
from genaudit.store.records import normal_field
from genaudit.store.snapshot import scan
from genaudit.store.written import record_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from genaudit.store.snapshot import Snapshot

ORIGINAL_NAME: Final = "membership.wide.csv"


class Action(StrEnum):
    """What becomes of a cohort's membership."""

    REWRITE = "rewrite"
    ALREADY_SLIM = "already_slim"
    TWO_COLUMN = "two_column"
    REFUSED = "refused"
    FAILED = "failed"


class Reason(StrEnum):
    """What would be lost, or contradicted, by a rewriting."""

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
    """What a slimming does, or did, with one cohort.

    :param reasons: why it is refused, all of them: mappings with ``reason``, a word of :class:`Reason`, and what
        names the column, or the member, the field and the values.
    :param error: why it failed: the ``code`` and the context of the error.
    """

    cohort_id: str
    action: Action
    members: int = 0
    reasons: Sequence[Mapping[str, Any]] = ()
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SlimReport:
    """What a slimming does, or did.

    :param applied: whether memberships were rewritten.
    :param cohorts: those that were asked for, sorted.
    """

    applied: bool
    cohorts: Sequence[CohortSlimming]

    @property
    def complete(self) -> bool:
        """Whether no cohort was refused, and none failed."""
        return not any(cohort.action in (Action.REFUSED, Action.FAILED) for cohort in self.cohorts)

    def as_plain(self) -> dict[str, Any]:
        """Write the report out in plain values."""
        return asdict(self)


def slim_memberships(
    root: Path,
    cohorts: Sequence[str] = (),
    *,
    apply: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SlimReport:
    """Rewrite the wide memberships of cohorts, where nothing is lost by it.

    What is wrong with one cohort is said in its row, and does not keep the others from being rewritten.

    :param cohorts: their ids; none means all.
    :param apply: whether to write; without it, nothing is.
    :param progress: as for :func:`~genaudit.store.snapshot.scan`.
    :raises DDError: as :func:`~genaudit.cohorts.listing.choose_cohorts` and :func:`~genaudit.store.snapshot.scan` do.
    """
    layout = Layout(root)
    chosen = choose_cohorts(layout, cohorts)
    snapshot = scan(root, progress)
    results = []
    for name, error in chosen.items():
        try:
            if error:
                raise error
            results.append(_slim(layout, name, snapshot, apply=apply))
        except DDError as problem:
            found = {"code": str(problem.code), **problem.ctx}
            results.append(CohortSlimming(name, Action.FAILED, error=found))
    return SlimReport(apply, results)


def _slim(layout: Layout, cohort_id: str, snapshot: Snapshot, *, apply: bool) -> CohortSlimming:
    _, table, result = _judged(layout, cohort_id, snapshot)
    if not apply or result.action is not Action.REWRITE:
        return result
    with one_writer(layout, cohort_id) as handle:
        # Judged again, because another writer may have been faster; from here on there is none.
        membership, table, result = _judged(layout, cohort_id, snapshot)
        if result.action is Action.REWRITE and table.manifest:
            slim = render_membership(membership.frame, SLIM_COLUMNS)
            manifest = table.manifest.bound_to(slim, table.manifest.metadata)
            original, _ = read_membership_file(layout, cohort_id)
            record_written(layout.root, {layout.cohort(cohort_id) / ORIGINAL_NAME: original})
            with exchanging(handle, layout, manifest, slim), changing(layout.cohort(cohort_id)):
                _keep_original(handle)
    return result


def _keep_original(handle: int) -> None:
    """Give the membership a second name, which it keeps when another file takes its first."""
    try:
        os.link(MEMBERSHIP_NAME, ORIGINAL_NAME, src_dir_fd=handle, dst_dir_fd=handle, follow_symlinks=False)
    except FileExistsError:
        # Left by a slimming that was stopped: it was judged to be the same, byte for byte.
        return
    os.fsync(handle)


def _judged(
    layout: Layout, cohort_id: str, snapshot: Snapshot
) -> tuple[MembershipCsv, MembershipTable, CohortSlimming]:
    """Read a cohort's membership, and say what is to become of it."""
    data, membership = read_membership_file(layout, cohort_id)
    table = read_membership(layout, cohort_id)
    members = len(membership.frame)
    form = MembershipForm.of(membership.columns)
    if form is not MembershipForm.WIDE:
        action = Action.ALREADY_SLIM if form is MembershipForm.SLIM else Action.TWO_COLUMN
        return membership, table, CohortSlimming(cohort_id, action, members)
    reasons = [*_about_the_file(layout, cohort_id, data, membership, table.manifest_state)]
    reasons += _about_the_members(membership, table, snapshot)
    action = Action.REFUSED if reasons else Action.REWRITE
    return membership, table, CohortSlimming(cohort_id, action, members, reasons)


def _about_the_file(
    layout: Layout, cohort_id: str, data: bytes, membership: MembershipCsv, state: ManifestState
) -> Iterator[dict[str, Any]]:
    if state is not ManifestState.OK:
        yield {"reason": Reason.NO_MANIFEST, "manifest": str(state)}
    for heading, rows in membership.others.items():
        if rows:
            yield {"reason": Reason.UNKNOWN_COLUMN, "column": heading, "rows": rows}
    kept = read_kept(layout, cohort_id, ORIGINAL_NAME)
    if kept is not None and kept != data:
        yield {"reason": Reason.ORIGINAL_EXISTS, "path": str(layout.cohort(cohort_id) / ORIGINAL_NAME)}


def _about_the_members(
    membership: MembershipCsv, table: MembershipTable, snapshot: Snapshot
) -> Iterator[dict[str, Any]]:
    """Hold each cell against the manifest, if there is one, and against the record."""
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
                    told = {"listed": cell, "manifest": getattr(entry, name)}
                    yield {"reason": Reason.DIFFERS_FROM_MANIFEST, **key, "field": name, **told}
        row = snapshot.rows[member.stage].get(member.gen_id)
        if row is None:
            yield {"reason": Reason.RECORD_MISSING, **key}
        elif states[row] != RecordState.OK:
            yield {"reason": Reason.RECORD_UNREADABLE, **key, "state": str(states[row])}
        else:
            yield from _about_the_record(key, cells, snapshot, row)


def _about_the_record(
    key: Mapping[str, str], cells: Mapping[str, Any], snapshot: Snapshot, row: int
) -> Iterator[dict[str, Any]]:
    """Hold cells against a record that can be read; what does not belong into one is left to the manifest."""
    stage = STAGES[key["stage"]]
    for name, cell in cells.items():
        stored = snapshot.values(name)[row]
        if stored is None and name in stage.required:
            yield {"reason": Reason.NOT_IN_RECORD, **key, "field": name, "listed": cell}
        elif stored is not None and name not in stage.extraneous and normal_field(name, cell) != stored:
            yield {"reason": Reason.CONTRADICTS_RECORD, **key, "field": name, "listed": cell, "recorded": stored}
