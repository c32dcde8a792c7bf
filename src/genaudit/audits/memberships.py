"""Reader for all memberships of a data root, and the errors of unreadable ones."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.manifest import MANIFEST_NAME
from genaudit.cohorts.membership import (
    MEMBERSHIP_NAME,
    PREVIOUS_NAME,
    ManifestState,
    MembershipTable,
    read_manifest,
    read_membership,
)
from genaudit.cohorts.membership_csv import MembershipForm, parse_membership
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout, is_safe_name
from genaudit.store.folders import kind_of, read_file
from genaudit.store.records import UnreadableError
from genaudit.store.scan import shown

INVALID: Final = "invalid"

_MAX_BYTES: Final = 1 << 28
_NAMES: Final = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class CohortProblem:
    """A file of a cohort that cannot be used: finding code, path below the data root, and reason."""

    code: str
    path: str
    detail: str


@dataclass(frozen=True, eq=False, slots=True)
class Cohort:
    """A cohort that has a membership.

    :param members: columns of :data:`genaudit.cohorts.membership.MEMBERSHIP`, from the manifest and with its ``mode``
        if there is one; ``None`` for an unreadable membership.
    :param form: ``None`` for an unreadable membership.
    :param manifest: state of the manifest, a value of :class:`genaudit.cohorts.membership.ManifestState`, or
        :data:`INVALID`; ``None`` for an unreadable membership.
    :param rewritten: whether the pipeline rewrote the membership: two columns, and the members of the stale manifest.
    :param mentioned: for an unreadable membership, every word that could be an id; ``None`` if even its bytes cannot
        be read.
    """

    cohort_id: str
    members: pd.DataFrame | None
    form: MembershipForm | None
    manifest: str | None
    problem: CohortProblem | None = None
    mentioned: frozenset[str] | None = frozenset()
    rewritten: bool = False

    @property
    def path(self) -> str:
        """The membership's path below the data root."""
        return f"cohorts/{self.cohort_id}/{MEMBERSHIP_NAME}"

    @property
    def manifest_path(self) -> str:
        """The manifest's path below the data root."""
        return f"cohorts/{self.cohort_id}/{MANIFEST_NAME}"


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The cohorts of a data root.

    :param found: cohorts with a membership, sorted by id.
    :param without_membership: number of folders without one, such as a spec that was never built.
    :param problem: the reason why the folder of the cohorts cannot be listed.
    """

    found: tuple[Cohort, ...]
    without_membership: int = 0
    problem: CohortProblem | None = None


def read_cohorts(layout: Layout) -> Cohorts:
    """Read every membership, changing nothing.

    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``.
    """
    base = layout.cohorts.name
    try:
        with open_below(layout.root, base) as handle:
            kinds = {name: kind_of(name, handle) for name in sorted(os.listdir(handle))}
    except FileNotFoundError:
        return Cohorts(())
    except DDError as error:
        if error.code is Err.DATA_MISSING:
            raise
        return Cohorts((), problem=CohortProblem("MEMBERSHIP_INVALID", base, _why(error)))
    # Links count too: other programs may take their targets for cohorts.
    read = [_read(layout, name) for name, kind in kinds.items() if kind in ("folder", "symbolic link")]
    found = tuple(cohort for cohort in read if cohort is not None)
    return Cohorts(found, len(read) - len(found))


def _read(layout: Layout, name: str) -> Cohort | None:
    try:
        if not is_safe_name(name):
            return _unsafe(layout, name)
        table = read_membership(layout, name)
    except DDError as error:
        if error.reason is Reason.MEMBERSHIP_MISSING:
            return None
        return _unusable(layout, name, error)
    frame = table.manifest.frame if table.manifest else table.frame
    return Cohort(name, frame, table.form, table.manifest_state, rewritten=_is_rewritten(layout, table))


def _is_rewritten(layout: Layout, table: MembershipTable) -> bool:
    if table.manifest_state is not ManifestState.STALE or table.form is not MembershipForm.TWO_COLUMN:
        return False
    members = set(zip(table.frame["stage"], table.frame["gen_id"], strict=True))
    for name in (MANIFEST_NAME, PREVIOUS_NAME):
        manifest = read_manifest(layout, table.cohort_id, name)
        if manifest and manifest.entries.keys() == members:
            return True
    return False


def _unsafe(layout: Layout, name: str) -> Cohort | None:
    """Look into a folder whose name cannot be a cohort's id."""
    try:
        with open_below(layout.root, layout.cohorts.name, name) as handle:
            if kind_of(MEMBERSHIP_NAME, handle) == "gone":
                return None
    except (FileNotFoundError, DDError):
        return None
    detail = "the folder's name cannot be an id"
    return _invalid(shown(name), f"cohorts/{shown(name)}/{MEMBERSHIP_NAME}", detail, _bytes(layout, name))


def _unusable(layout: Layout, name: str, error: DDError) -> Cohort:
    """Report a cohort whose membership or manifest cannot be read."""
    place = Path(str(error.ctx.get("path", layout.cohort(name))))
    path, data = place.relative_to(layout.root).as_posix(), _bytes(layout, name)
    if data is None or place.name not in (MANIFEST_NAME, PREVIOUS_NAME):
        return _invalid(name, path, _why(error), data)
    # The membership can be read; the manifest and its entries cannot.
    membership = parse_membership(data, name, str(place), layout.stages)
    problem = CohortProblem("MANIFEST_INVALID", path, _why(error))
    return Cohort(name, membership.frame, MembershipForm.of(membership.columns), INVALID, problem)


def _invalid(cohort_id: str, path: str, detail: str, data: bytes | None) -> Cohort:
    problem = CohortProblem("MEMBERSHIP_INVALID", path, detail)
    mentioned = None if data is None else frozenset(map(bytes.decode, _NAMES.findall(data)))
    return Cohort(cohort_id, None, None, None, problem, mentioned)


def _bytes(layout: Layout, name: str) -> bytes | None:
    try:
        with open_below(layout.root, layout.cohorts.name, name) as handle:
            return read_file(MEMBERSHIP_NAME, handle, _MAX_BYTES)
    except (FileNotFoundError, UnreadableError, DDError):
        return None


def _why(error: DDError) -> str:
    """Return the reason why a file cannot be used; of several problems the first."""
    ctx: dict[str, Any] = error.ctx
    if problems := ctx.get("problems"):
        first = problems[0]
        where = [f"line {first['line']}" if first["line"] else "", first["field"] or ""]
        problem = " ".join(filter(None, [*where, first["problem"].replace("_", " ")]))
        value = "" if first["value"] is None else f": {shown(str(first['value']))}"
        rest = f" and {len(problems) - 1:,} more" if len(problems) > 1 else ""
        return f"{problem}{value}{rest}"
    reason = str(ctx["reason"]).replace("_", " ")
    more = [f"{name} {shown(str(ctx[name]))}" for name in ("kind", "error", "field", "version") if ctx.get(name)]
    return ", ".join([reason, *more])
