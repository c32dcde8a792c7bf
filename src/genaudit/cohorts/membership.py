"""A cohort's membership as it stands on disk, with the manifest that belongs to it.

``membership.csv`` lists the members; ``stage_manifest.json`` says what they are made of. Two files cannot be
exchanged in one step, so that the exchange of the membership is the one step that counts:

1. The manifest that belongs to the present membership, if there is one, is written to
   ``stage_manifest.previous.json``.
2. The new manifest replaces ``stage_manifest.json``. It carries the digest of the membership that is to come.
3. The ``metadata.json`` of new generations is seeded.
4. The new membership replaces ``membership.csv``. This is the commit.
5. ``stage_manifest.previous.json`` is deleted.

A reader takes the membership, and then the one of the two manifests that was written for its very bytes. Before the
commit that is the old one, afterwards the new one, wherever the writer was stopped; each file is replaced by a rename
and so is never seen in part. Where a new membership has the same bytes as the old one, step 2 changes both at once.
What a stopped writer leaves behind does no harm, and the next one clears it away.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership_csv import MembershipCsv, MembershipForm, parse_membership
from genaudit.cohorts.membership_rows import MEMBERSHIP, MEMBERSHIP_COLUMNS
from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from genaudit.layout import Layout

__all__ = [
    "MEMBERSHIP",
    "MEMBERSHIP_COLUMNS",
    "MEMBERSHIP_NAME",
    "PREVIOUS_NAME",
    "ManifestState",
    "MembershipForm",
    "MembershipTable",
    "read_kept",
    "read_manifest",
    "read_membership",
    "read_membership_file",
]

MEMBERSHIP_NAME: Final = "membership.csv"
PREVIOUS_NAME: Final = "stage_manifest.previous.json"

_MAX_BYTES: Final = 1 << 28


class ManifestState(StrEnum):
    """Whether a membership has its manifest, none at all, or one that was written for another membership."""

    OK = "ok"
    ABSENT = "absent"
    STALE = "stale"


@dataclass(frozen=True, eq=False)
class MembershipTable:
    """A membership that was read.

    :param frame: the columns of :data:`MEMBERSHIP`, in normal form; without a manifest, what the file leaves out is
        missing.
    :param form: how much the file itself says.
    :param manifest: the one that belongs to the file, if any; the frame is taken from it then.
    """

    cohort_id: str
    frame: pd.DataFrame
    form: MembershipForm
    manifest: StageManifest | None
    manifest_state: ManifestState


def read_membership(layout: Layout, cohort_id: str) -> MembershipTable:
    """Read the membership of a cohort, whichever form it has, with its manifest.

    :raises DDError: ``DATA_MISSING``, reason ``membership_missing``; ``INVALID_MEMBERSHIP``, reason ``invalid_rows``
        (with ``path`` and ``problems``, each with ``path``, ``line``, ``field``, ``value`` and ``problem``),
        ``manifest_damaged`` or ``manifest_version``; ``INVALID_CONFIG``, reason ``unsafe_id`` or ``unsafe_path``;
        ``IO_ERROR``, reason ``not_readable``.
    """
    with _opened(layout, cohort_id) as (path, handle):
        while True:
            data = _read(path, handle)
            table = _table(path.parent, handle, cohort_id, parse_membership(data, cohort_id, str(path)))
            # A writer that was faster leaves neither manifest of the membership that was read: read again.
            if table.manifest or _read(path, handle) == data:
                return table


def read_membership_file(layout: Layout, cohort_id: str) -> tuple[bytes, MembershipCsv]:
    """Read a cohort's ``membership.csv`` alone, whatever its manifests say.

    :returns: its bytes, and what they mean.
    :raises DDError: as :func:`read_membership`, but for what only manifests can cause.
    """
    with _opened(layout, cohort_id) as (path, handle):
        data = _read(path, handle)
    return data, parse_membership(data, cohort_id, str(path))


def read_manifest(layout: Layout, cohort_id: str, name: str) -> StageManifest | None:
    """Read one of a cohort's two manifests, whether or not it belongs to the membership.

    :param name: :data:`~genaudit.cohorts.manifest.MANIFEST_NAME` or :data:`PREVIOUS_NAME`.
    :returns: ``None`` when there is none.
    :raises DDError: as :func:`read_membership`.
    """
    data = read_kept(layout, cohort_id, name)
    return None if data is None else StageManifest.from_bytes(data, cohort_id, str(layout.cohort(cohort_id) / name))


def read_kept(layout: Layout, cohort_id: str, name: str) -> bytes | None:
    """Read a file that is kept beside a cohort's membership; ``None`` when there is none.

    :raises DDError: as :func:`read_membership_file`, but for the rows.
    """
    with _opened(layout, cohort_id) as (path, handle):
        try:
            return _read(path.parent / name, handle)
        except FileNotFoundError:
            return None


@contextmanager
def _opened(layout: Layout, cohort_id: str) -> Iterator[tuple[Path, int]]:
    """Hold a cohort's folder open, and name its membership."""
    folder = layout.cohort(cohort_id)
    path = folder / MEMBERSHIP_NAME
    try:
        with open_below(layout.root, *folder.relative_to(layout.root).parts) as handle:
            yield path, handle
    except FileNotFoundError:
        ctx = {"reason": Reason.MEMBERSHIP_MISSING, "path": str(path), "cohort_id": cohort_id}
        raise DDError(Err.DATA_MISSING, ctx) from None


def _table(folder: Path, handle: int, cohort_id: str, membership: MembershipCsv) -> MembershipTable:
    form = MembershipForm.of(membership.columns)
    state = ManifestState.ABSENT
    for name in (MANIFEST_NAME, PREVIOUS_NAME):
        try:
            data = _read(folder / name, handle)
        except FileNotFoundError:
            continue
        manifest = StageManifest.from_bytes(data, cohort_id, str(folder / name))
        if manifest.belongs_to(membership):
            frame = manifest.frame[list(MEMBERSHIP_COLUMNS)]
            return MembershipTable(cohort_id, frame, form, manifest, ManifestState.OK)
        state = ManifestState.STALE
    return MembershipTable(cohort_id, membership.frame, form, None, state)


def _read(path: Path, folder: int) -> bytes:
    try:
        return read_file(path.name, folder, _MAX_BYTES)
    except UnreadableError as error:
        ctx = {"reason": Reason.NOT_READABLE, "path": str(path), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from error
