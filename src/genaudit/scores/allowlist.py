"""The evaluation templates and models that a pivot compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.repository import FileSpecRepository
from genaudit.ids import normal_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Evaluation templates and models whose scores count, stripped and lower-cased.

    :param source: ``catalogs``, or the path of the spec relative to the data root.
    """

    templates: frozenset[str]
    models: frozenset[str]
    source: str = "catalogs"

    @classmethod
    def of(cls, templates: Iterable[str], models: Iterable[str], source: str = "catalogs") -> Allowlist:
        """Make an allowlist from ids in any spelling."""
        return cls(_normal(templates), _normal(models), source)


def allowlist_for(root: Path, cohort_id: str | None = None) -> Allowlist:
    """Find the evaluation templates and models that count for a cohort.

    These are the ones of the cohort's own spec, whatever the catalogs list. Without a spec, or for the whole store,
    they are the active ones of the catalogs.

    :param root: the data root.
    :raises DDError: as :meth:`genaudit.cohorts.repository.FileSpecRepository.get` and
        :meth:`genaudit.cohorts.catalog_files.FileCatalogBundleLoader.active_judges`.
    """
    specs = FileSpecRepository(root)
    if cohort_id is not None and specs.paths(cohort_id):
        spec = specs.get(cohort_id)
        if isinstance(spec.definition, CohortDefinition):
            judged = spec.definition.evaluations
            return Allowlist.of(
                {one.template_id for one in judged},
                {one.llm_model_id for one in judged},
                str(spec.metadata["source"]),
            )
    return Allowlist.of(*FileCatalogBundleLoader(root).active_judges())


def _normal(values: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(normal_text, values)))
