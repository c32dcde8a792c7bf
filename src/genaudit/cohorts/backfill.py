"""Manifests for historical cohorts: what their members are made of, gathered from memberships and records.

Each field of a member is taken from the membership's cell; else from the generation's record; else from a manifest
that belonged to an earlier membership of the cohort, often the only place that knows a mode. Where a generation came
from is taken from its record first, because a membership's cell only says whose member it is.

A cohort is left alone where a required field is not known or a cell contradicts a record, unless the caller takes a
partial manifest: what is not known is then missing in it, and the record is believed. Nothing but
``stage_manifest.json`` is written, bound to the membership as it stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.artifacts import one_writer
from genaudit.cohorts.backfill_sources import CohortFiles, read_cohort_files
from genaudit.cohorts.combo_proposals import ComboProposal, drafts_without_combo, propose_combos
from genaudit.cohorts.listing import choose_cohorts, list_cohorts
from genaudit.cohorts.manifest import DETAILS, MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import ManifestState
from genaudit.cohorts.membership_rows import MODE, ORIGIN, WITH_MODE, problem_of
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.schemas import frame as make_frame
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES
from genaudit.store.records import normal_field
from genaudit.store.snapshot import scan
from genaudit.store.written import write_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from genaudit.store.snapshot import Snapshot

# Under this key of a manifest's metadata stands what the backfill could not know; under the other what an earlier
# manifest of the cohort said of its build.
BACKFILL: Final = "backfill"
EARLIER: Final = "earlier"


class Action(StrEnum):
    """What becomes of a cohort: its manifest is written, kept, not to be had, or something went wrong."""

    WRITE = "write"
    KEPT = "kept"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CohortBackfill:
    """What a backfill does, or did, with one cohort.

    :param manifest: what was there before: a word of :class:`~genaudit.cohorts.membership.ManifestState`, or
        ``damaged``; ``None`` where that could not be found out.
    :param unknown: the required fields and modes that nothing tells: ``stage``, ``gen_id``, ``field``.
    :param conflicts: the cells that contradict a record: also ``listed`` and ``recorded``.
    :param dropped: what records say and no manifest can hold, such as another mode: also ``value``.
    :param error: why it failed: the ``code`` and the context of the error.
    """

    cohort_id: str
    action: Action
    manifest: str | None = None
    members: int = 0
    unknown: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[Mapping[str, Any]] = ()
    dropped: Sequence[Mapping[str, Any]] = ()
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What a backfill does, or did.

    :param applied: whether manifests were written.
    :param cohorts: those that were asked for, sorted.
    :param combos: proposals for drafts whose records lack a combination, from all cohorts that can be read.
    :param drafts_without_combo: all such drafts, proposed for or not, sorted.
    :param unread: the other cohorts, which would have been asked for combinations and cannot be read.
    """

    applied: bool
    partial: bool
    cohorts: Sequence[CohortBackfill]
    combos: Sequence[ComboProposal]
    drafts_without_combo: Sequence[str]
    unread: Sequence[str]

    @property
    def complete(self) -> bool:
        """Whether every cohort has its manifest, or will have it."""
        return all(cohort.action in (Action.WRITE, Action.KEPT) for cohort in self.cohorts)

    def as_plain(self) -> dict[str, Any]:
        """Write the report out in plain values."""
        return asdict(self)


def backfill_manifests(
    root: Path,
    cohorts: Sequence[str] = (),
    *,
    partial: bool = False,
    apply: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> BackfillReport:
    """Make the manifests of cohorts that have none, from one scan of the store.

    A manifest that belongs to its membership is never replaced. What is wrong with one cohort is said in its row, and
    does not keep the others from theirs.

    :param cohorts: their ids; none means all.
    :param partial: whether to make do with what is known.
    :param apply: whether to write; without it, nothing is.
    :param progress: as for :func:`~genaudit.store.snapshot.scan`.
    :raises DDError: as :func:`~genaudit.cohorts.listing.choose_cohorts` and :func:`~genaudit.store.snapshot.scan` do.
    """
    layout = Layout(root)
    chosen = choose_cohorts(layout, cohorts)
    snapshot = scan(root, progress)
    there = {**list_cohorts(layout), **chosen}
    read = {name: error or _read(layout, name) for name, error in sorted(there.items())}
    files = [each for each in read.values() if isinstance(each, CohortFiles)]
    results = []
    for name in chosen:
        each = read[name]
        try:
            if isinstance(each, DDError):
                raise each
            results.append(_backfill(layout, each, snapshot, partial=partial, apply=apply))
        except DDError as error:
            found = {"code": str(error.code), **error.ctx}
            results.append(CohortBackfill(name, Action.FAILED, error=found))
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
        return CohortBackfill(files.cohort_id, Action.KEPT, files.state, members)
    gathered = _Gathered(files, snapshot)
    frame = gathered.frame()
    lacking = Counter(each["field"] for each in gathered.unknown)
    holds = not gathered.conflicts and set(lacking) <= {MODE}
    action = Action.WRITE if holds or partial else Action.BLOCKED
    if action is Action.WRITE:
        earlier = next((manifest.metadata for manifest in files.manifests), {})
        metadata = {
            BACKFILL: {"unknown": dict(sorted(lacking.items())), "conflicts": len(gathered.conflicts)},
            EARLIER: earlier.get(EARLIER, {}) if BACKFILL in earlier else earlier,
        }
        manifest = StageManifest.from_membership(frame, files.cohort_id)
        manifest = manifest.bound_to(files.membership.canonical(), metadata)
        if apply and not _write(layout, files, manifest):
            action = Action.KEPT
    found = (gathered.unknown, gathered.conflicts, gathered.dropped)
    return CohortBackfill(files.cohort_id, action, files.state, members, *found)


def _write(layout: Layout, files: CohortFiles, manifest: StageManifest) -> bool:
    """Write a manifest, unless another writer gave the membership one meanwhile; says whether it did.

    :raises DDError: ``IO_ERROR``, reason ``membership_changed``.
    """
    with one_writer(layout, files.cohort_id):
        now = read_cohort_files(layout, files.cohort_id)
        if now.data != files.data:
            ctx = {"reason": "membership_changed", "cohort_id": files.cohort_id}
            raise DDError(Err.IO_ERROR, {**ctx, "path": str(layout.cohort(files.cohort_id))})
        if now.state == ManifestState.OK:
            return False
        write_recorded(layout.root, layout.cohort(files.cohort_id) / MANIFEST_NAME, manifest.to_bytes())
        return True


class _Gathered:
    """What is known of a cohort's members, and what is wrong with it."""

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
            sources = (stored, self._told_earlier(key, field), listed)
            member[field] = _first(sources if field == ORIGIN else (listed, stored, sources[1]))
        for field in (*STAGES[key["stage"]].required, MODE):
            if member[field] is None:
                self.unknown.append({**key, "field": field})
        return member

    def _recorded(self, key: Mapping[str, str]) -> dict[str, Any]:
        """Take what a record says that belongs into it and that a manifest can hold."""
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

    def _told_earlier(self, key: Mapping[str, str], field: str) -> Any:  # noqa: ANN401 (a field of either type)
        if field in STAGES[key["stage"]].extraneous:
            return None
        entries = (each.get((key["stage"], key["gen_id"])) for each in self._earlier)
        return _first(getattr(entry, field) for entry in entries if entry)


def _first(values: Iterable[Any]) -> Any:  # noqa: ANN401 (a field of either type)
    return next((value for value in values if value is not None), None)
