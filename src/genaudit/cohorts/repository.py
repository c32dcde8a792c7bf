"""Repository of cohort plans on disk: a spec, else a curated selection, else the active catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaudit.cohorts.definition import define
from genaudit.cohorts.interfaces import ResolvedSpec
from genaudit.cohorts.selection import Cartesian, read_selection
from genaudit.cohorts.spec import SUFFIXES, load_spec
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.limits import MAX_MEMBERS


class FileSpecRepository:
    """Repository of the specs of a data root: ``cohorts/<id>/spec/config.yaml``, ``.yml`` or ``.json``.

    :param root: the data root.
    :param max_members: the largest number of rows of a design.
    """

    def __init__(self, root: Path, max_members: int = MAX_MEMBERS) -> None:
        self._layout = Layout(root)
        self._max_members = max_members

    def get(self, cohort_id: str) -> ResolvedSpec:
        """Read and expand the spec of a cohort.

        :raises DDError: ``DATA_MISSING``, reason ``spec_not_found``; ``INVALID_CONFIG``, reason ``unsafe_id`` or
            ``multiple_specs`` (``paths``), or as :func:`genaudit.cohorts.spec.load_spec`.
        """
        found = self.paths(cohort_id)
        if not found:
            expected = self._layout.cohort(cohort_id) / "spec" / f"config{SUFFIXES[0]}"
            ctx = {"reason": Reason.SPEC_NOT_FOUND, "cohort_id": cohort_id, "path": str(expected)}
            raise DDError(Err.DATA_MISSING, ctx)
        shown = [path.relative_to(self._layout.root).as_posix() for path in found]
        if len(found) > 1:
            raise DDError(
                Err.INVALID_CONFIG, {"reason": Reason.MULTIPLE_SPECS, "cohort_id": cohort_id, "paths": shown}
            )
        spec = load_spec(found[0], self._max_members)
        metadata: dict[str, Any] = {"plan": "spec", "source": shown[0], "design_rows": spec.row_count}
        if spec.warnings:
            metadata["warnings"] = [dict(warning) for warning in spec.warnings]
        return ResolvedSpec(cohort_id, define(spec), metadata)

    def paths(self, cohort_id: str) -> list[Path]:
        """Return the spec files of a cohort."""
        folder = self._layout.cohort(cohort_id) / "spec"
        paths = [folder / f"config{suffix}" for suffix in SUFFIXES]
        return [path for path in paths if path.exists() or path.is_symlink()]


class FilePlanRepository:
    """Repository of cohort plans.

    The plan is the cohort's spec, if it has one, else the data root's curated selection, else the Cartesian plan.

    :param root: the data root.
    :param max_members: the largest number of rows of a spec's design.
    """

    def __init__(self, root: Path, max_members: int = MAX_MEMBERS) -> None:
        self._specs = FileSpecRepository(root, max_members)
        self._layout = Layout(root)

    def get(self, cohort_id: str) -> ResolvedSpec:
        """Read the plan of a cohort.

        :raises DDError: as :meth:`FileSpecRepository.get`, except for ``spec_not_found``, and as
            :func:`genaudit.cohorts.selection.read_selection`.
        """
        if self._specs.paths(cohort_id):
            return self._specs.get(cohort_id)
        selection = read_selection(self._layout)
        if selection is None:
            return ResolvedSpec(cohort_id, Cartesian(), {"plan": "cartesian"})
        metadata = {
            "plan": "curated",
            "source": selection.source,
            "mode": selection.mode.value,
            "skip_existing": selection.skip_existing,
            "reuse": list(selection.reuse),
            "selected": len(selection.ids),
        }
        return ResolvedSpec(cohort_id, selection, metadata)
