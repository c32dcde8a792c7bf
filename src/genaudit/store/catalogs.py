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
class CatalogIds:
    """The normalised ids of each catalog; ``None`` for a catalog that is absent or unusable.

    :param templates: by stage.
    """

    templates: Mapping[str, frozenset[str] | None]
    models: frozenset[str] | None
    combos: frozenset[str] | None


def read_catalog_ids(layout: Layout) -> CatalogIds:
    """Read the id column of every catalog that exists. All rows count, active or not."""
    templates = {
        stage.name: _ids(layout.catalogs / stage.template_catalog, "template_id") for stage in STAGES.values()
    }
    models, combos = _ids(layout.llm_models, "id"), _ids(layout.combo_mappings, "combo_id")
    return CatalogIds(MappingProxyType(templates), models, combos)


def _ids(path: Path, column: str) -> frozenset[str] | None:
    try:
        data = read_file(str(path), limit=MAX_CATALOG_BYTES)
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        return frozenset(text for row in rows if (text := normal_text(row[column]))) or None
    except (FileNotFoundError, UnreadableError, UnicodeDecodeError, csv.Error, KeyError):
        # The metadata audit reports what is wrong with a catalog.
        return None
