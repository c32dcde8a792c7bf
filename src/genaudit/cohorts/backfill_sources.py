"""What a historical cohort's own files say of its members: its membership, and manifests that may have gone stale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import PREVIOUS_NAME, ManifestState, read_manifest, read_membership_file
from genaudit.errors import DDError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from genaudit.cohorts.membership_csv import MembershipCsv
    from genaudit.layout import Layout

DAMAGED: Final = "damaged"

_DAMAGES: Final = frozenset({Reason.MANIFEST_DAMAGED, Reason.INVALID_ROWS})


@dataclass(frozen=True, eq=False, slots=True)
class CohortFiles:
    """A cohort as its folder has it.

    :param data: the bytes of the membership.
    :param membership: what they mean.
    :param manifests: those that can be read, whether they belong to the membership or not; the present one first.
    :param state: a word of :class:`~genaudit.cohorts.membership.ManifestState`, or :data:`DAMAGED`.
    """

    cohort_id: str
    data: bytes
    membership: MembershipCsv
    manifests: tuple[StageManifest, ...]
    state: str

    def tables(self) -> Iterator[pd.DataFrame]:
        """Go through everything that is said of members: the membership, then each manifest."""
        yield self.membership.frame
        for manifest in self.manifests:
            yield manifest.frame


def read_cohort_files(layout: Layout, cohort_id: str) -> CohortFiles:
    """Read a cohort's membership and its manifests; a damaged manifest says nothing, and is no error.

    :raises DDError: as :func:`~genaudit.cohorts.membership.read_membership` does, but for damaged manifests.
    """
    data, membership = read_membership_file(layout, cohort_id)
    manifests: list[StageManifest] = []
    state: str = ManifestState.ABSENT
    for name in (MANIFEST_NAME, PREVIOUS_NAME):
        try:
            manifest = read_manifest(layout, cohort_id, name)
        except DDError as error:
            if error.reason not in _DAMAGES:
                raise
            state = DAMAGED
            continue
        if manifest:
            manifests.append(manifest)
            # Readers do not look behind a damaged manifest.
            if state not in (DAMAGED, ManifestState.OK):
                state = ManifestState.OK if manifest.belongs_to(membership) else ManifestState.STALE
    return CohortFiles(cohort_id, data, membership, tuple(manifests), str(state))
