"""Cohorts: plans of generations, and the memberships that result from them."""

from __future__ import annotations

from genaudit.cohorts.builder import CohortMembershipBuilder
from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.factory import create_cohort_membership_builder
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.interfaces import (
    CatalogBundleLoader,
    CohortSpecRepository,
    GenerationRegistry,
    MembershipArtifactStore,
    RegistryFactory,
    ResolvedSpec,
)
from genaudit.cohorts.plan import MembershipPlan
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import (
    InMemoryGenerationRegistry,
    InMemoryRegistryFactory,
    SnapshotRegistryFactory,
)
from genaudit.cohorts.repository import FilePlanRepository, FileSpecRepository
from genaudit.cohorts.result import CohortMembershipResult
from genaudit.cohorts.validation import (
    validate_cohort_definition,
    validate_membership_against_catalog,
    validate_parent_integrity,
)

__all__ = [
    "CatalogBundleLoader",
    "CohortMembershipBuilder",
    "CohortMembershipResult",
    "CohortSpecRepository",
    "FileCatalogBundleLoader",
    "FilePlanRepository",
    "FileSpecRepository",
    "GenerationRegistry",
    "IdScheme",
    "InMemoryGenerationRegistry",
    "InMemoryRegistryFactory",
    "MembershipArtifactStore",
    "MembershipPlan",
    "RegistryFactory",
    "ResolvedSpec",
    "SnapshotRegistryFactory",
    "create_cohort_membership_builder",
    "generate_membership",
    "validate_cohort_definition",
    "validate_membership_against_catalog",
    "validate_parent_integrity",
]
