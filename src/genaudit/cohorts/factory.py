"""Factory that connects a builder to a data root."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.builder import PREVIEW_ROWS, CohortMembershipBuilder, utc_now
from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.flags import SLIM_FLAG, slim_membership
from genaudit.cohorts.id_scheme import FLAG, IdScheme
from genaudit.cohorts.interfaces import (
    CatalogBundleLoader,
    CohortSpecRepository,
    MembershipArtifactStore,
    Metadata,
    RegistryFactory,
)
from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.cohorts.registry import SnapshotRegistryFactory
from genaudit.cohorts.repository import FilePlanRepository
from genaudit.limits import MAX_MEMBERS
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import scan


def create_cohort_membership_builder(
    root: Path,
    *,
    ids: IdScheme | None = None,
    slim: bool | None = None,
    spec_repository: CohortSpecRepository | None = None,
    catalog_loader: CatalogBundleLoader | None = None,
    artifact_store: MembershipArtifactStore | None = None,
    registry_factory: RegistryFactory | None = None,
    preview_rows: int = PREVIEW_ROWS,
    clock: Callable[[], datetime] = utc_now,
    flags: Metadata | None = None,
    max_members: int = MAX_MEMBERS,
) -> CohortMembershipBuilder:
    """Create a builder for a data root; each collaborator can be replaced.

    :param ids: stages with deterministic ids; ``None`` leaves it to ``DD_DETERMINISTIC_GEN_IDS``.
    :param slim: whether memberships are written in the slim form; ``None`` leaves it to ``DD_SLIM_MEMBERSHIP``.
    :param flags: further feature flags for the metadata, beside these two.
    :param max_members: the largest number of members of a stage; the store's settings may lower it.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag`` or ``stages_out_of_order``; as
        :func:`~genaudit.cohorts.pipeline_stages.check_pipeline_stages` and
        :func:`genaudit.store.settings.read_settings`.
    """
    settings = read_settings(root)
    check_pipeline_stages(settings.stages)
    limit = settings.limits.members(max_members)
    scheme = ids or IdScheme.from_environ()
    is_slim = slim_membership() if slim is None else slim
    return CohortMembershipBuilder(
        spec_repository or FilePlanRepository(root, limit),
        catalog_loader or FileCatalogBundleLoader(root),
        artifact_store or MembershipFileStore(root, slim=is_slim),
        registry_factory or SnapshotRegistryFactory(lambda: scan(root), scheme),
        preview_rows=preview_rows,
        clock=clock,
        flags={FLAG: scheme.flag, SLIM_FLAG: is_slim, **(flags or {})},
        max_members=limit,
    )
