"""Protocols of the builder's four collaborators, and the resolved form of a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.cohorts.generations import Generation, Generations

Frames: TypeAlias = Mapping[str, pd.DataFrame]
Metadata: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResolvedSpec:
    """The resolved plan of a cohort.

    :param definition: a :class:`~genaudit.cohorts.definition.CohortDefinition`, a
        :class:`~genaudit.cohorts.selection.Selection` or a :class:`~genaudit.cohorts.cartesian.Cartesian`.
    :param metadata: its sources, as plain values.
    """

    cohort_id: str
    definition: object
    metadata: Metadata = field(default_factory=dict)


class CohortSpecRepository(Protocol):
    """Repository of specs by cohort id."""

    def get(self, cohort_id: str) -> object:
        """Find the spec of a cohort.

        :returns: a :class:`ResolvedSpec`, or any object or mapping with a ``definition`` and optionally ``metadata``.
        :raises DDError: ``DATA_MISSING``, reason ``spec_not_found``.
        """


class CatalogBundleLoader(Protocol):
    """Loader of the catalogs that a plan needs."""

    def load_for_spec(self, spec: ResolvedSpec) -> tuple[Frames, Metadata]:
        """Load the catalogs as frames of text, by the names of :data:`genaudit.cohorts.catalogs.SLICES`.

        :returns: the frames, ``combo_mappings`` always among them, and plain values about their sources.
        :raises DDError: ``DATA_MISSING``, reason ``catalog_missing``.
        """


class MembershipArtifactStore(Protocol):
    """Storage for the results of a build."""

    def persist_membership(self, cohort_id: str, frame: pd.DataFrame, metadata: Metadata) -> Metadata:
        """Write a cohort's membership with its companion files.

        :param frame: the columns of :data:`genaudit.cohorts.plan.PLAN`.
        :returns: a path or handle for each artifact.
        """


class GenerationRegistry(Protocol):
    """Registry of the existing and planned generations of one plan, which assigns their ids."""

    def find(self, stage: str, gen_id: str) -> Generation | None:
        """Look up a generation, stored or planned; ``None`` also if its signature is unknown."""

    def is_stored(self, stage: str, gen_id: str) -> bool:
        """Return whether a generation of this id is stored, readable or not."""

    def are_stored(self, stage: str, gen_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Return which ids are stored, readable or not."""

    def unverifiable(self, stage: str, gen_id: str) -> str | None:
        """Return why a stored signature is unknown; ``None`` if it is known or nothing is stored."""

    def taken(self, stage: str) -> Mapping[str, str]:
        """Return the ids that planned generations would have if another signature did not have them, by their ids."""

    def nearest(self, stage: str, gen_id: str) -> str | None:
        """Find the stored id that is closest to a misspelt one."""

    def are_new(self, stage: str, gen_ids: Sequence[str]) -> bool:
        """Return whether ids are all different, and none of them is stored or replaces a taken one."""

    def replicates(
        self, stage: str, wanted: Sequence[Generation] | Generations, most: int = ...
    ) -> tuple[NDArray[np.int64], list[str], Generations]:
        """List the stored generations whose signature differs from a wanted one at most in the replicate."""

    def continued(
        self, stage: str, wanted: Sequence[Generation] | Generations, counts: Sequence[int] | NDArray[np.int64]
    ) -> Generations:
        """Create further replicates of generations, numbered from the highest existing one."""

    def assign(self, stage: str, wanted: Sequence[Generation] | Generations) -> list[str]:
        """Assign an id to each generation and remember it; parents come first."""


class RegistryFactory(Protocol):
    """Factory of one registry per build."""

    def create_registry(self, spec: ResolvedSpec, frames: Frames) -> GenerationRegistry:
        """Create the registry of one plan."""
