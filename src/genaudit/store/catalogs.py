"""Ids in the catalogs of a store, to validate records."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from genaudit.ids import normal_text
from genaudit.layout import Layout
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

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
        stage.name: _ids(layout.catalogs / stage.template_catalog, "template_id") if stage.template_catalog else None
        for stage in layout.stages.values()
    }
    models, combos = _ids(layout.llm_models, "id"), _ids(layout.combo_mappings, "combo_id")
    return CatalogIds(MappingProxyType(templates), models, combos)


def _ids(path: Path, column: str) -> frozenset[str] | None:
    try:
        data = read_file(str(path), limit=MAX_CATALOG_BYTES)
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        return frozenset(text for row in rows if (text := normal_text(row[column]))) or None
    except (FileNotFoundError, UnreadableError, UnicodeDecodeError, csv.Error, KeyError):
        # The metadata audit reports the errors of a catalog.
        return None
