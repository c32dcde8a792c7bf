"""Builder of a cohort's membership: spec, catalogs, plan, checks, and only then the writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.catalogs import COMBOS, combo_summary, needed_slices, read_catalogs
from genaudit.cohorts.interfaces import (
    CatalogBundleLoader,
    CohortSpecRepository,
    MembershipArtifactStore,
    Metadata,
    RegistryFactory,
    ResolvedSpec,
)
from genaudit.cohorts.plan import NEW, MembershipPlan
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryRegistryFactory
from genaudit.cohorts.result import CohortMembershipResult
from genaudit.cohorts.validation import (
    validate_cohort_definition,
    validate_membership_against_catalog,
    validate_parent_integrity,
)
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import is_safe_name
from genaudit.limits import MAX_MEMBERS
from genaudit.stages import PARENT, STAGE_NAMES

PREVIEW_ROWS: Final = 20


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class CohortMembershipBuilder:
    """Builds memberships; it keeps nothing from one build to the next.

    :param spec_repository: where specs come from.
    :param catalog_loader: where catalogs come from.
    :param artifact_store: where memberships go; without one, nothing is written.
    :param registry_factory: where ids come from; by default a registry that knows no store.
    :param preview_rows: how many members the result shows.
    :param clock: gives the time, with its zone.
    :param flags: the feature flags that the build runs under, for the metadata.
    :param max_members: the largest number of members of a stage.
    """

    def __init__(
        self,
        spec_repository: CohortSpecRepository,
        catalog_loader: CatalogBundleLoader,
        artifact_store: MembershipArtifactStore | None = None,
        registry_factory: RegistryFactory | None = None,
        *,
        preview_rows: int = PREVIEW_ROWS,
        clock: Callable[[], datetime] = utc_now,
        flags: Metadata | None = None,
        max_members: int = MAX_MEMBERS,
    ) -> None:
        self._specs = spec_repository
        self._catalogs = catalog_loader
        self._artifacts = artifact_store
        self._registries = registry_factory or InMemoryRegistryFactory()
        self._preview_rows = preview_rows
        self._clock = clock
        self._flags = dict(flags or {})
        self._max_members = max_members

    def build(self, cohort_id: str, *, dry_run: bool = False) -> CohortMembershipResult:
        """Build the membership of a cohort.

        :param dry_run: whether to plan and check without writing.
        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id`` or ``definition_missing``; the errors of the
            collaborators; as :func:`~genaudit.cohorts.catalogs.read_catalogs`,
            :func:`~genaudit.cohorts.validation.validate_cohort_definition`,
            :func:`~genaudit.cohorts.planning.generate_membership`,
            :func:`~genaudit.cohorts.validation.validate_membership_against_catalog` and
            :func:`~genaudit.cohorts.validation.validate_parent_integrity`. Nothing has been written then.
        """
        if not is_safe_name(cohort_id):
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "cohort_id": cohort_id})
        spec = resolve(cohort_id, self._specs.get(cohort_id))
        frames, about = self._catalogs.load_for_spec(spec)
        catalogs = read_catalogs(frames, needed_slices(spec.definition))
        validate_cohort_definition(spec.definition)
        registry = self._registries.create_registry(spec, frames)
        plan = generate_membership(cohort_id, spec.definition, catalogs, registry, self._max_members)
        accepted = validate_membership_against_catalog(plan.members, catalogs)
        validate_parent_integrity(plan.members, registry)
        metadata = self._metadata(spec, about, frames[COMBOS], plan.members)
        metadata["warnings"] = all_warnings(spec, plan, accepted)
        artifacts: Metadata = {}
        if self._artifacts is not None and not dry_run:
            artifacts = dict(self._artifacts.persist_membership(cohort_id, plan.members.copy(), metadata))
        preview = plan.members.head(self._preview_rows).copy()
        return CohortMembershipResult(cohort_id, len(plan.members), preview, artifacts, metadata)

    def _metadata(
        self, spec: ResolvedSpec, about: Metadata, combos: pd.DataFrame, members: pd.DataFrame
    ) -> dict[str, Any]:
        return {
            "cohort_id": spec.cohort_id,
            "built_at": self._clock().astimezone(UTC).isoformat(timespec="seconds"),
            "row_count": len(members),
            "rows_by_stage": _counts(members["stage"]),
            "rows_by_origin": _counts(members["origin"]),
            "evaluation_fill_up": _fill_up(members),
            "spec": {name: value for name, value in spec.metadata.items() if name != "warnings"},
            "catalogs": dict(about),
            "combo_catalog": combo_summary(combos),
            "flags": dict(self._flags),
        }


def all_warnings(spec: ResolvedSpec, plan: MembershipPlan, accepted: Iterable[Mapping[str, Any]]) -> list[Metadata]:
    """List the warnings of a spec, of its plan, and of the accepted values that a catalog does not list."""
    gaps = ({"warning": "not_in_catalog", **gap} for gap in accepted)
    return [*spec.metadata.get("warnings", ()), *plan.warnings, *gaps]


def resolve(cohort_id: str, spec: object) -> ResolvedSpec:
    """Extract the definition and the metadata from a repository's result.

    :param spec: an object with attributes or a mapping with keys ``definition`` and optionally ``metadata``.
    :raises DDError: ``INVALID_CONFIG``, reason ``definition_missing``.
    """
    values = {
        name: spec.get(name) if isinstance(spec, Mapping) else getattr(spec, name, None)
        for name in ("definition", "metadata")
    }
    if values["definition"] is None:
        ctx = {"reason": Reason.DEFINITION_MISSING, "cohort_id": cohort_id, "type": type(spec).__name__}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return ResolvedSpec(cohort_id, values["definition"], dict(values["metadata"] or {}))


def _fill_up(members: pd.DataFrame) -> dict[str, int]:
    """Count the new evaluations, and the essays that need none because all their evaluations are stored."""
    evaluations = members[members["stage"] == STAGE_NAMES[-1]]
    new = evaluations["origin"] == NEW
    judged, waiting = set(evaluations[PARENT]), set(evaluations.loc[new, PARENT])
    return {"added": int(new.sum()), "fully_covered_essays": len(judged - waiting)}


def _counts(values: pd.Series[Any]) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts(sort=False).items()}
