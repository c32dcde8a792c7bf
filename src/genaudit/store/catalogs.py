"""The ids that a store's catalogs know, to hold records against."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from genaudit.ids import normal_text
from genaudit.stages import STAGES
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from genaudit.layout import Layout

MAX_CATALOG_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class CatalogProblem:
    """A catalog that is there but unusable: its path relative to the data root, and why."""

    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class CatalogIds:
    """The normalised ids of each catalog; ``None`` for a catalog that is absent or unusable.

    :param templates: by stage.
    """

    templates: Mapping[str, frozenset[str] | None]
    models: frozenset[str] | None
    combos: frozenset[str] | None
    problems: tuple[CatalogProblem, ...]


def read_catalog_ids(layout: Layout) -> CatalogIds:
    """Read the id column of every catalog that is there. All rows count, active or not."""
    problems: list[CatalogProblem] = []

    def ids(path: Path, column: str) -> frozenset[str] | None:
        try:
            return _ids(path, column)
        except FileNotFoundError:
            return None
        except (UnreadableError, ValueError, csv.Error) as error:
            detail = error.detail if isinstance(error, UnreadableError) else str(error)
            problems.append(CatalogProblem(path.relative_to(layout.root).as_posix(), detail))
            return None

    templates = {
        stage.name: ids(layout.catalogs / stage.template_catalog, "template_id") for stage in STAGES.values()
    }
    models = ids(layout.llm_models, "id")
    combos = ids(layout.combo_mappings, "combo_id")
    return CatalogIds(MappingProxyType(templates), models, combos, tuple(problems))


def _ids(path: Path, column: str) -> frozenset[str]:
    data = read_file(str(path), limit=MAX_CATALOG_BYTES)
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    if column not in (rows.fieldnames or ()):
        raise ValueError(f"has no column {column!r}")
    found = frozenset(text for row in rows if (text := normal_text(row[column])))
    if not found:
        raise ValueError(f"has no row with a value in {column!r}")
    return found
