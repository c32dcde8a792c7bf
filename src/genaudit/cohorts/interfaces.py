"""What the builder works with: four collaborators, and the form in which a spec comes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from genaudit.cohorts.generations import Generation

Frames: TypeAlias = Mapping[str, pd.DataFrame]
Metadata: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResolvedSpec:
    """What a cohort is to be made of.

    :param definition: a :class:`~genaudit.cohorts.definition.CohortDefinition`, a
        :class:`~genaudit.cohorts.selection.Selection` or a :class:`~genaudit.cohorts.cartesian.Cartesian`.
    :param metadata: where it came from; plain values.
    """

    cohort_id: str
    definition: object
    metadata: Metadata = field(default_factory=dict)


class CohortSpecRepository(Protocol):
    """Resolves a cohort's id to its spec."""

    def get(self, cohort_id: str) -> object:
        """Find the spec of a cohort.

        :returns: a :class:`ResolvedSpec`, or any object or mapping with a ``definition`` and perhaps ``metadata``.
        :raises DDError: ``DATA_MISSING``, reason ``spec_not_found``.
        """


class CatalogBundleLoader(Protocol):
    """Provides the catalogs that a plan draws on."""

    def load_for_spec(self, spec: ResolvedSpec) -> tuple[Frames, Metadata]:
        """Load the catalogs as frames of text, by the names of :data:`genaudit.cohorts.catalogs.SLICES`.

        :returns: the frames, ``combo_mappings`` always among them, and plain values about where they came from.
        :raises DDError: ``DATA_MISSING``, reason ``catalog_missing``.
        """


class MembershipArtifactStore(Protocol):
    """Keeps what a build made."""

    def persist_membership(self, cohort_id: str, frame: pd.DataFrame, metadata: Metadata) -> Metadata:
        """Write a cohort's membership and what goes with it.

        :param frame: the columns of :data:`genaudit.cohorts.plan.PLAN`.
        :returns: a path or handle for each artifact.
        """


class GenerationRegistry(Protocol):
    """Gives the generations of one plan their ids and knows those that exist already."""

    def find(self, stage: str, gen_id: str) -> Generation | None:
        """Look a generation up, stored or planned; ``None`` also for one whose signature is not known."""

    def is_stored(self, stage: str, gen_id: str) -> bool:
        """Say whether a generation of this id is stored, readable or not."""

    def unverifiable(self, stage: str, gen_id: str) -> str | None:
        """Say why a stored generation's signature is not known; ``None`` when it is, or nothing is stored."""

    def taken(self, stage: str, gen_id: str) -> str | None:
        """Return the id that a planned generation would have if another signature did not have it already."""

    def nearest(self, stage: str, gen_id: str) -> str | None:
        """Find the stored id that a misspelt one most likely means."""

    def replicates(self, stage: str, generation: Generation) -> list[str]:
        """List the stored ids that differ from a generation at most in the replicate, sorted."""

    def continued(self, stage: str, generation: Generation, count: int) -> list[Generation]:
        """Make further replicates of a generation, from one more than the highest that exists."""

    def assign(self, stage: str, wanted: Sequence[Generation]) -> list[str]:
        """Give each generation its id, and remember it; parents come first."""


class RegistryFactory(Protocol):
    """Makes a registry for each build."""

    def create_registry(self, spec: ResolvedSpec, frames: Frames) -> GenerationRegistry:
        """Make the registry that one plan works with."""
