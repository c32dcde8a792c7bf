"""Sources for a historical cohort's members: its membership, and manifests that may be stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import PREVIOUS_NAME, ManifestState, read_manifest, read_membership_file
from genaudit.cohorts.membership_csv import MembershipCsv
from genaudit.errors import DDError, Reason
from genaudit.layout import Layout

DAMAGED: Final = "damaged"

_DAMAGES: Final = frozenset({Reason.MANIFEST_DAMAGED, Reason.INVALID_ROWS})


@dataclass(frozen=True, eq=False, slots=True)
class CohortFiles:
    """The files of a cohort.

    :param data: the bytes of the membership.
    :param membership: the parsed membership.
    :param manifests: the readable manifests, whether or not they belong to the membership; the current one first.
    :param state: a value of :class:`~genaudit.cohorts.membership.ManifestState`, or :data:`DAMAGED`.
    """

    cohort_id: str
    data: bytes
    membership: MembershipCsv
    manifests: tuple[StageManifest, ...]
    state: str

    def tables(self) -> Iterator[pd.DataFrame]:
        """Yield all tables of members: the membership, then each manifest."""
        yield self.membership.frame
        for manifest in self.manifests:
            yield manifest.frame


def read_cohort_files(layout: Layout, cohort_id: str) -> CohortFiles:
    """Read a cohort's membership and its manifests. Ignore a damaged manifest.

    :raises DDError: as :func:`~genaudit.cohorts.membership.read_membership` does, except for damaged manifests.
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
            # Readers do not look for an older manifest if the current one is damaged.
            if state not in (DAMAGED, ManifestState.OK):
                state = ManifestState.OK if manifest.belongs_to(membership) else ManifestState.STALE
    return CohortFiles(cohort_id, data, membership, tuple(manifests), str(state))
