"""Lookups of cohort members and their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from genaudit.cohorts.listing import list_cohorts
from genaudit.cohorts.membership import MembershipTable, read_membership
from genaudit.cohorts.membership_rows import KEY_COLUMNS, MEMBERSHIP_COLUMNS, MODE, ORIGIN
from genaudit.cohorts.pipeline_stages import check_root
from genaudit.cohorts.resolution import Resolved, Resolver
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, METADATA, Layout
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES
from genaudit.store.folders import read_file
from genaudit.store.ledger import Ledger, Names, read_ledger
from genaudit.store.records import UnreadableError, decode, normalise
from genaudit.store.snapshot import scan

FIELDS: Final = (*MEMBERSHIP_COLUMNS[len(KEY_COLUMNS) :], MODE)


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A member of a cohort.

    :param fields: a value or ``None`` for each of :data:`FIELDS`.
    :param source: source of the fields: ``manifest``, or without one ``membership``; ``metadata`` if the generation's
        record filled gaps of either.
    :param asked: the requested id, if it is another name of the member in a migration's ledger.
    """

    cohort_id: str
    stage: str
    gen_id: str
    fields: Mapping[str, Any]
    source: str
    asked: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The cohort, the stage and the id."""
        return (self.cohort_id, self.stage, self.gen_id)


class MembershipService:
    """Lookup service for the memberships of a data root.

    Each membership is read once, on first use, and a generation's record on every request. Create a new service to
    see later changes.

    :param root: the data root.
    :raises DDError: as :func:`genaudit.cohorts.pipeline_stages.check_root`.
    """

    def __init__(self, root: Path) -> None:
        check_root(root)
        self._layout = Layout(root)
        self._read: dict[str, _Members] = {}

    def cohorts(self) -> list[str]:
        """List the cohorts that have a membership, sorted.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_path`` (a cohort's folder is a link) or ``unsafe_id``;
            ``DATA_MISSING``, reason ``no_such_root``.
        """
        return list(self._cohorts)

    @cached_property
    def _cohorts(self) -> tuple[str, ...]:
        found = list_cohorts(self._layout)
        for error in filter(None, found.values()):
            raise error
        return tuple(found)

    def table(self, cohort_id: str) -> MembershipTable:
        """Return a cohort's membership, read on first use.

        :raises DDError: as :func:`~genaudit.cohorts.membership.read_membership` does; ``membership_missing`` has
            ``nearest``, similar cohorts that have one.
        """
        return self._members(cohort_id).table

    def _members(self, cohort_id: str) -> _Members:
        if cohort_id not in self._read:
            try:
                table = read_membership(self._layout, cohort_id)
            except DDError as error:
                if error.reason is not Reason.MEMBERSHIP_MISSING:
                    raise
                raise DDError(error.code, {**error.ctx, "nearest": self._nearest(cohort_id)}) from None
            self._read[cohort_id] = _Members(table)
        return self._read[cohort_id]

    def _nearest(self, cohort_id: str) -> list[str]:
        try:
            return get_close_matches(cohort_id, self._cohorts)
        except DDError:
            # Errors of other cohorts do not answer the request.
            return []

    def stage_gen_ids(self, stage: str, cohort_id: str | None = None) -> list[str]:
        """List the ids of a stage in membership order, without duplicates.

        :param cohort_id: the cohort; without one, all cohorts in sorted order.
        :raises DDError: ``INVALID_CONFIG``, reason ``unknown_stage``; as :meth:`cohorts` and :meth:`table`.
        """
        _check_stage(stage)
        cohorts = self._cohorts if cohort_id is None else (cohort_id,)
        return list(dict.fromkeys(gen_id for cohort in cohorts for gen_id in self._members(cohort).ids[stage]))

    def find_membership_row_by_gen(
        self, stage: str, gen_id: str, cohort_id: str | None = None
    ) -> MembershipRow | None:
        """Find a member, in the first cohort that has it.

        If no cohort lists the id, its other names in the migration ledger are tried.

        :param cohort_id: the cohort; without one, all cohorts in sorted order.
        :returns: ``None`` if no cohort has it.
        :raises DDError: as :meth:`stage_gen_ids`; as :func:`genaudit.store.ledger.read_ledger`, if no cohort lists
            the id; ``INVALID_MEMBERSHIP``, reason ``ambiguous_id``, with ``candidates``: members that had the name
            one after the other.
        """
        _check_stage(stage)
        cohorts = self._cohorts if cohort_id is None else (cohort_id,)
        if row := self._first_row(cohorts, stage, gen_id):
            return row
        known = self._ledger.named(stage, gen_id)
        found = [row for names in known if (row := self._row_of(cohorts, names))]
        if len({row.gen_id for row in found}) > 1:
            candidates = sorted(row.gen_id for row in found)
            ctx = {"reason": Reason.AMBIGUOUS_ID, "stage": stage, "gen_id": gen_id, "candidates": candidates}
            raise DDError(Err.INVALID_MEMBERSHIP, ctx)
        return replace(found[0], asked=gen_id) if found else None

    def _row_of(self, cohorts: Sequence[str], names: Names) -> MembershipRow | None:
        """Find a member by any of its names, the current one first."""
        rows = (self._first_row(cohorts, names.stage, name) for name in dict.fromkeys(reversed(names.names)))
        return next(filter(None, rows), None)

    def _first_row(self, cohorts: Sequence[str], stage: str, gen_id: str) -> MembershipRow | None:
        for cohort in cohorts:
            row = self._members(cohort).rows.get((stage, gen_id))
            if row is not None:
                return self._completed(cohort, row)
        return None

    @cached_property
    def _ledger(self) -> Ledger:
        return read_ledger(self._layout.root)

    def require_row(
        self, stage: str, gen_id: str, required: Sequence[str] = (), cohort_id: str | None = None
    ) -> MembershipRow:
        """Return a member that must exist, with required fields.

        :param required: names of :data:`FIELDS` that must not be missing.
        :raises DDError: ``DATA_MISSING``, reason ``row_not_found`` (with ``nearest``, similar ids of the stage, and
            ``other_stages``, those that have the id) or ``fields_missing`` (with all of them under ``fields``);
            ``INVALID_CONFIG``, reason ``unknown_field``; as :meth:`stage_gen_ids`.
        """
        unknown = [name for name in required if name not in FIELDS]
        if unknown:
            ctx = {"reason": Reason.UNKNOWN_FIELD, "fields": unknown, "known": list(FIELDS)}
            raise DDError(Err.INVALID_CONFIG, ctx)
        row = self.find_membership_row_by_gen(stage, gen_id, cohort_id)
        asked: dict[str, Any] = {"stage": stage, "gen_id": gen_id, "cohort_id": cohort_id}
        if row is None:
            near = {
                "nearest": get_close_matches(gen_id, self.stage_gen_ids(stage, cohort_id)),
                "other_stages": [each for each in STAGES if gen_id in self.stage_gen_ids(each, cohort_id)],
            }
            raise DDError(Err.DATA_MISSING, {"reason": Reason.ROW_NOT_FOUND, **asked, **near})
        missing = [name for name in required if row.fields[name] is None]
        if missing:
            ctx = {"reason": Reason.FIELDS_MISSING, **asked, "cohort_id": row.cohort_id, "fields": missing}
            raise DDError(Err.DATA_MISSING, {**ctx, "source": row.source})
        return row

    def resolve(self, stage: str, gen_id: str) -> Resolved:
        """Find the stored generation of an id of either form, whatever its name in the store.

        The store is scanned on the first call.

        :raises DDError: as :meth:`~genaudit.cohorts.resolution.Resolver.resolve`, :meth:`cohorts` and
            :func:`~genaudit.store.snapshot.scan`.
        """
        return self._resolver.resolve(stage, gen_id)

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(scan(self._layout.root), self.cohorts())

    def rows(self, cohort_id: str) -> list[MembershipRow]:
        """List a cohort's members with all their fields, in membership order.

        :raises DDError: as :meth:`table`.
        """
        return [self._completed(cohort_id, row) for row in self._members(cohort_id).rows.values()]

    def _completed(self, cohort_id: str, row: Mapping[str, Any]) -> MembershipRow:
        stage, gen_id = row["stage"], row["gen_id"]
        fields = {name: row.get(name) for name in FIELDS}
        manifest = self._members(cohort_id).table.manifest
        if manifest and all(fields[name] is not None for name in STAGES[stage].required):
            return MembershipRow(cohort_id, stage, gen_id, fields, "manifest")
        record = self._record(stage, gen_id)
        filled = {name: record.get(name) if value is None else value for name, value in fields.items()}
        if not manifest:
            # A file's cohort_id names the listing cohort; the record holds the generation's origin.
            filled[ORIGIN] = record.get(ORIGIN) or fields[ORIGIN]
        own = "manifest" if manifest else "membership"
        return MembershipRow(cohort_id, stage, gen_id, filled, own if filled == fields else "metadata")

    def _record(self, stage: str, gen_id: str) -> Mapping[str, Any]:
        """Read a generation's record, normalised; empty if it is missing or unreadable."""
        try:
            with open_below(self._layout.root, GENS, stage, gen_id) as folder:
                return normalise(stage, decode(read_file(METADATA, folder)))
        except (FileNotFoundError, UnreadableError):
            return {}


class _Members:
    """A membership by key."""

    def __init__(self, table: MembershipTable) -> None:
        self.table = table
        self.ids: dict[str, list[str]] = {stage: [] for stage in STAGES}
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        for row in rows_of(table.manifest.frame if table.manifest else table.frame):
            self.ids[row.stage].append(row.gen_id)
            self.rows[row.stage, row.gen_id] = row._asdict()


def _check_stage(stage: str) -> None:
    if stage not in STAGES:
        ctx = {"reason": Reason.UNKNOWN_STAGE, "stage": stage, "known": list(STAGES)}
        raise DDError(Err.INVALID_CONFIG, ctx)
