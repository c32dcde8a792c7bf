"""Writing what a cohort's build made: the stage manifest, the records of new generations, the membership.

:mod:`genaudit.cohorts.membership` says in which order, and why a reader never sees a mixture. The records come before
the membership, so that a cohort lists no generation without one; a build that is stopped in between leaves seeded
generations that no cohort lists yet, and building again adopts them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.flags import slim_membership
from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import MEMBERSHIP_NAME, PREVIOUS_NAME, MembershipForm, read_membership
from genaudit.cohorts.membership_csv import SLIM_COLUMNS, render_membership
from genaudit.cohorts.membership_rows import MEMBERSHIP_COLUMNS, ORIGIN, normal_membership
from genaudit.cohorts.places import hold_alone, no_migration, open_below
from genaudit.cohorts.seeding import clear_staging, kept_as_plain, plan_seeding, write_seeds
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.store.write import clear_leftovers, write_atomic
from genaudit.store.written import record_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

_WRITTEN: Final = (MEMBERSHIP_NAME, MANIFEST_NAME, PREVIOUS_NAME)


class MembershipFileStore:
    """Keeps memberships in a data root.

    :param root: the data root.
    :param slim: whether to write the slim form; ``None`` leaves it to ``DD_SLIM_MEMBERSHIP``. New generations are
        seeded from the manifest then, and from the rows otherwise.
    """

    def __init__(self, root: Path, *, slim: bool | None = None) -> None:
        self._layout = Layout(root)
        self._slim = slim_membership() if slim is None else slim

    def persist_membership(self, cohort_id: str, frame: pd.DataFrame, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Write a cohort's membership with its manifest, and seed its new generations.

        Nothing is written unless all of it can be. Writing the same again changes nothing but the files' times.

        :param frame: the columns of :data:`~genaudit.cohorts.membership_rows.MEMBERSHIP`, and ``mode``, which a new
            generation cannot do without; others are left out.
        :param metadata: plain values about the build, which the manifest keeps.
        :returns: the paths ``membership`` and ``stage_manifest``; ``form``; the numbers ``rows``, ``seeded`` and
            ``existing``; and ``kept``, the existing generations that are not what would have been seeded, as
            :func:`~genaudit.cohorts.seeding.kept_as_plain` writes them.
        :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_rows``; ``DATA_MISSING``, reason ``seed_incomplete``
            or ``no_such_root``; ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path`` or ``metadata_not_plain``;
            ``IO_ERROR``, reason ``cohort_busy`` (another process writes it), ``migration_busy``,
            ``migration_interrupted``, ``not_readable`` or ``not_writable``;
            ``INVALID_MEMBERSHIP``, reason ``manifest_version``: the present manifest is another version's.
        """
        folder = self._layout.cohort(cohort_id)
        members = normal_membership(frame, cohort_id, str(folder / MEMBERSHIP_NAME))
        membership = self._render(members, cohort_id)
        manifest = StageManifest.from_membership(members, cohort_id).bound_to(membership, metadata)
        layout = self._layout
        # What there is to seed depends on the store's names, which a migration changes.
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
    """Hold a cohort's folder, made if need be, for this writer alone; the hold ends with the process.

    :returns: the open folder, cleared of what interrupted writers left.
    :raises DDError: ``IO_ERROR``, reason ``cohort_busy`` or ``not_writable``; as
        :func:`~genaudit.cohorts.places.open_below` and :func:`~genaudit.cohorts.places.no_migration` do.
    """
    folder = layout.cohort(cohort_id)
    parts = folder.relative_to(layout.root).parts
    with no_migration(layout.root), open_below(layout.root, *parts, make=True) as handle:
        hold_alone(handle, folder, "cohort_busy")
        _clear(handle, folder)
        yield handle


@contextmanager
def exchanging(handle: int, layout: Layout, manifest: StageManifest, membership: bytes) -> Iterator[None]:
    """Replace a cohort's manifest and membership together; the body runs last before the commit.

    :param handle: the cohort's folder, as :func:`one_writer` holds it.
    :param manifest: bound to the membership.
    :raises DDError: as :meth:`MembershipFileStore.persist_membership` does for the files; readers then still have
        what they had before.
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
    """Put the manifest that belongs to the present membership, if there is one, where the new one leaves it."""
    try:
        present = read_membership(layout, cohort_id)
    except DDError as error:
        # What cannot be read cannot be lost; but what another version wrote is not for this one to replace.
        lost = error.code in (Err.DATA_MISSING, Err.INVALID_MEMBERSHIP)
        if not lost or error.ctx["reason"] == "manifest_version":
            raise
        return
    if present.manifest:
        path, data = layout.cohort(cohort_id) / PREVIOUS_NAME, present.manifest.to_bytes()
        record_written(layout.root, {path: data})
        write_atomic(path, data)


def _clear(handle: int, folder: Path) -> None:
    """Delete what interrupted writers left in a cohort's folder."""
    with changing(folder):
        clear_staging(handle)
        clear_leftovers(handle, _WRITTEN)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Say of a change in a cohort's folder that the system refuses where it was.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    try:
        yield
    except OSError as error:
        ctx = {"reason": "not_writable", "path": str(folder), "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error
