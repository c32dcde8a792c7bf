"""Reader for a cohort's membership file and its manifest.

``membership.csv`` lists the members; ``stage_manifest.json`` holds their fields. Two files cannot be replaced in one
step, so the replacement of the membership is the commit:

1. The manifest of the current membership, if there is one, is written to
   ``stage_manifest.previous.json``.
2. The new manifest replaces ``stage_manifest.json``. It holds the digest of the new membership.
3. The ``metadata.json`` of new generations is seeded.
4. The new membership replaces ``membership.csv``. This is the commit.
5. ``stage_manifest.previous.json`` is deleted.

A reader takes the membership, and then whichever of the two manifests was written for its exact bytes: the old one
before the commit, the new one afterwards, wherever the writer was stopped. Each file is replaced by a rename, so a
reader never sees a part of it. If the new membership has the same bytes as the old one, step 2 changes both at once.
The leftovers of a stopped writer do no harm, and the next writer deletes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import pandas as pd

from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership_csv import MembershipCsv, MembershipForm, parse_membership
from genaudit.cohorts.membership_rows import MEMBERSHIP, MEMBERSHIP_COLUMNS
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.stages import StageTable
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

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
    """The state of a membership's manifest: its own, missing, or written for another membership."""

    OK = "ok"
    ABSENT = "absent"
    STALE = "stale"


@dataclass(frozen=True, eq=False)
class MembershipTable:
    """A membership as read.

    :param frame: the columns of :data:`MEMBERSHIP`, in normal form; without a manifest, fields that are not in the
        file are missing.
    :param form: the form of the file.
    :param manifest: the manifest that belongs to the file, if any; the frame then comes from it.
    """

    cohort_id: str
    frame: pd.DataFrame
    form: MembershipForm
    manifest: StageManifest | None
    manifest_state: ManifestState


def read_membership(layout: Layout, cohort_id: str) -> MembershipTable:
    """Read the membership of a cohort in any form, with its manifest.

    :raises DDError: ``DATA_MISSING``, reason ``membership_missing``; ``INVALID_MEMBERSHIP``, reason ``invalid_rows``
        (with ``path`` and ``problems``, each with ``path``, ``line``, ``field``, ``value`` and ``problem``),
        ``manifest_damaged`` or ``manifest_version``; ``INVALID_CONFIG``, reason ``unsafe_id`` or ``unsafe_path``;
        ``IO_ERROR``, reason ``not_readable``.
    """
    with _opened(layout, cohort_id) as (path, handle):
        while True:
            version = _version(handle)
            membership = parse_membership(_read(path, handle), cohort_id, str(path), layout.stages)
            table = _table(path.parent, handle, cohort_id, membership, layout.stages)
            # A writer that was faster leaves neither manifest of the membership that was read: read again.
            if table.manifest or _version(handle) == version:
                return table


def read_membership_file(layout: Layout, cohort_id: str) -> tuple[bytes, MembershipCsv]:
    """Read a cohort's ``membership.csv`` without its manifests.

    :returns: its bytes, and the parsed membership.
    :raises DDError: as :func:`read_membership`, except for errors of manifests.
    """
    with _opened(layout, cohort_id) as (path, handle):
        data = _read(path, handle)
    return data, parse_membership(data, cohort_id, str(path), layout.stages)


def read_manifest(layout: Layout, cohort_id: str, name: str) -> StageManifest | None:
    """Read one of a cohort's two manifests, whether or not it belongs to the membership.

    :param name: :data:`~genaudit.cohorts.manifest.MANIFEST_NAME` or :data:`PREVIOUS_NAME`.
    :returns: ``None`` if there is none.
    :raises DDError: as :func:`read_membership`.
    """
    data = read_kept(layout, cohort_id, name)
    path = str(layout.cohort(cohort_id) / name)
    return None if data is None else StageManifest.from_bytes(data, cohort_id, path, layout.stages)


def read_kept(layout: Layout, cohort_id: str, name: str) -> bytes | None:
    """Read a file beside a cohort's membership; ``None`` if there is none.

    :raises DDError: as :func:`read_membership_file`, except for errors of rows.
    """
    with _opened(layout, cohort_id) as (path, handle):
        try:
            return _read(path.parent / name, handle)
        except FileNotFoundError:
            return None


@contextmanager
def _opened(layout: Layout, cohort_id: str) -> Iterator[tuple[Path, int]]:
    """Open a cohort's folder, and yield its membership path and descriptor."""
    folder = layout.cohort(cohort_id)
    path = folder / MEMBERSHIP_NAME
    try:
        with open_below(layout.root, *folder.relative_to(layout.root).parts) as handle:
            yield path, handle
    except FileNotFoundError:
        ctx = {"reason": Reason.MEMBERSHIP_MISSING, "path": str(path), "cohort_id": cohort_id}
        raise DDError(Err.DATA_MISSING, ctx) from None


def _table(
    folder: Path, handle: int, cohort_id: str, membership: MembershipCsv, stages: StageTable
) -> MembershipTable:
    form = MembershipForm.of(membership.columns)
    state = ManifestState.ABSENT
    for name in (MANIFEST_NAME, PREVIOUS_NAME):
        try:
            data = _read(folder / name, handle)
        except FileNotFoundError:
            continue
        manifest = StageManifest.from_bytes(data, cohort_id, str(folder / name), stages)
        if manifest.belongs_to(membership):
            frame = manifest.frame[list(MEMBERSHIP_COLUMNS)]
            return MembershipTable(cohort_id, frame, form, manifest, ManifestState.OK)
        state = ManifestState.STALE
    return MembershipTable(cohort_id, membership.frame, form, None, state)


def _version(folder: int) -> tuple[int, int, int]:
    """Return what a rename changes, even one that brings back the same bytes."""
    status = os.stat(MEMBERSHIP_NAME, dir_fd=folder, follow_symlinks=False)
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path, folder: int) -> bytes:
    try:
        return read_file(path.name, folder, _MAX_BYTES)
    except UnreadableError as error:
        ctx = {"reason": Reason.NOT_READABLE, "path": str(path), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from error
