"""Writer for the results of a cohort build: the stage manifest, the records of new generations, the membership.

:mod:`genaudit.cohorts.membership` describes the order, and why a reader never sees a mixture. Records are written
    before the membership, so that a cohort never lists a generation without a record. An interrupted build leaves
    seeded generations that no cohort lists; the next build adopts them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.flags import slim_membership
from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import MEMBERSHIP_NAME, PREVIOUS_NAME, MembershipForm, read_membership
from genaudit.cohorts.membership_csv import SLIM_COLUMNS, render_membership
from genaudit.cohorts.membership_rows import MEMBERSHIP_COLUMNS, ORIGIN, normal_membership
from genaudit.cohorts.safe_paths import hold_alone, no_migration, open_below
from genaudit.cohorts.seeding import clear_staging, kept_as_plain, plan_seeding, write_seeds
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.store.write import clear_leftovers, write_atomic
from genaudit.store.written import record_written

_WRITTEN: Final = (MEMBERSHIP_NAME, MANIFEST_NAME, PREVIOUS_NAME)


class MembershipFileStore:
    """Storage for memberships in a data root.

    :param root: the data root.
    :param slim: whether to write the slim form; ``None`` leaves it to ``DD_SLIM_MEMBERSHIP``. With the slim form, new
        generations are seeded from the manifest, otherwise from the rows.
    """

    def __init__(self, root: Path, *, slim: bool | None = None) -> None:
        self._layout = Layout(root)
        self._slim = slim_membership() if slim is None else slim

    def persist_membership(self, cohort_id: str, frame: pd.DataFrame, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Write a cohort's membership with its manifest, and seed its new generations.

        Either everything is written or nothing is. Writing the same contents again changes only the files' times.

        :param frame: the columns of :data:`~genaudit.cohorts.membership_rows.MEMBERSHIP`, and ``mode``, which new
            generations require; other columns are ignored.
        :param metadata: plain values about the build, kept in the manifest.
        :returns: the paths ``membership`` and ``stage_manifest``; ``form``; the numbers ``rows``, ``seeded`` and
            ``existing``; and ``kept``, the existing generations that differ from their seed, as
            :func:`~genaudit.cohorts.seeding.kept_as_plain` writes them.
        :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_rows``, or ``manifest_version`` if another version
            wrote the current manifest; ``DATA_MISSING``, reason ``seed_incomplete`` or ``no_such_root``;
            ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path`` or ``metadata_not_plain``; ``IO_ERROR``, reason
            ``cohort_busy`` (another process writes it), ``migration_busy``, ``migration_interrupted``,
            ``not_readable`` or ``not_writable``.
        """
        folder = self._layout.cohort(cohort_id)
        members = normal_membership(frame, cohort_id, str(folder / MEMBERSHIP_NAME))
        membership = self._render(members, cohort_id)
        manifest = StageManifest.from_membership(members, cohort_id).bound_to(membership, metadata)
        layout = self._layout
        # A migration changes the store's names, and with them the records to seed.
        with no_migration(layout.root):
            seeding = plan_seeding(layout, manifest.frame if self._slim else members)
            with one_writer(layout, cohort_id) as handle, exchanging(handle, layout, manifest, membership):
                seeded = write_seeds(layout, cohort_id, seeding)
        return {
            "membership": str(folder / MEMBERSHIP_NAME),
            "stage_manifest": str(folder / MANIFEST_NAME),
            "form": (MembershipForm.SLIM if self._slim else MembershipForm.WIDE).value,
            "rows": len(members),
            "seeded": len(seeded.new),
            "existing": len(seeded.kept),
            "kept": kept_as_plain(seeded.kept),
        }

    def _render(self, members: pd.DataFrame, cohort_id: str) -> bytes:
        columns = SLIM_COLUMNS if self._slim else MEMBERSHIP_COLUMNS
        return render_membership(members.assign(**{ORIGIN: cohort_id}), columns)


@contextmanager
def one_writer(layout: Layout, cohort_id: str) -> Iterator[int]:
    """Lock a cohort's folder for one writer, creating it if missing; the lock ends with the process.

    :returns: the open folder, without the leftovers of interrupted writers.
    :raises DDError: ``IO_ERROR``, reason ``cohort_busy`` or ``not_writable``; as
        :func:`~genaudit.cohorts.safe_paths.open_below` and :func:`~genaudit.cohorts.safe_paths.no_migration` do.
    """
    folder = layout.cohort(cohort_id)
    parts = folder.relative_to(layout.root).parts
    with no_migration(layout.root), open_below(layout.root, *parts, make=True) as handle:
        hold_alone(handle, folder, Reason.COHORT_BUSY)
        _clear(handle, folder)
        yield handle


@contextmanager
def exchanging(handle: int, layout: Layout, manifest: StageManifest, membership: bytes) -> Iterator[None]:
    """Replace a cohort's manifest and membership together; the body runs just before the commit.

    :param handle: the cohort's folder, as :func:`one_writer` yields it.
    :param manifest: a manifest bound to the new membership.
    :raises DDError: as :meth:`MembershipFileStore.persist_membership` does for the files; readers then still see the
        old files.
    """
    folder = layout.cohort(manifest.cohort_id)
    _keep_previous(layout, manifest.cohort_id)
    written = {folder / MANIFEST_NAME: manifest.to_bytes(), folder / MEMBERSHIP_NAME: membership}
    record_written(layout.root, {**written, folder / PREVIOUS_NAME: None})
    write_atomic(folder / MANIFEST_NAME, written[folder / MANIFEST_NAME])
    yield
    write_atomic(folder / MEMBERSHIP_NAME, membership)
    with changing(folder), suppress(FileNotFoundError):
        os.unlink(PREVIOUS_NAME, dir_fd=handle)


def _keep_previous(layout: Layout, cohort_id: str) -> None:
    """Copy the current membership's manifest, if there is one, to the name for the previous manifest."""
    try:
        present = read_membership(layout, cohort_id)
    except DDError as error:
        # An unreadable manifest loses nothing, but one of another version must not be replaced.
        lost = error.code in (Err.DATA_MISSING, Err.INVALID_MEMBERSHIP)
        if not lost or error.reason is Reason.MANIFEST_VERSION:
            raise
        return
    if present.manifest:
        path, data = layout.cohort(cohort_id) / PREVIOUS_NAME, present.manifest.to_bytes()
        record_written(layout.root, {path: data})
        write_atomic(path, data)


def _clear(handle: int, folder: Path) -> None:
    """Delete the leftovers of interrupted writers from a cohort's folder."""
    with changing(folder):
        clear_staging(handle)
        clear_leftovers(handle, _WRITTEN)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Convert a system error during a change to a cohort's folder.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    try:
        yield
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(folder), "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error
