"""What the catalogs of a data root say of the templates, models and concepts that generations are made with."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.catalogs import COMBOS, CONCEPTS, MODELS, TEMPLATES, read_catalogs
from genaudit.errors import DDError, Err
from genaudit.ids import normal_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_Row = TypeVar("_Row")


class Template(NamedTuple):
    """A template: its id as the catalog spells it, by which its text is found, and the name of its parser."""

    template_id: str
    parser: str


class Concept(NamedTuple):
    """A concept of a combo, as prompts see it."""

    concept_id: str
    name: str
    description_level: str


class Material:
    """The catalogs of a data root; each is read once, when it is first needed.

    :param root: the data root.
    """

    def __init__(self, root: Path) -> None:
        self._loader = FileCatalogBundleLoader(root)
        self._templates: dict[str, Mapping[str, Template]] = {}

    def template(self, stage: str, template_id: str) -> Template:
        """Find a template.

        :raises DDError: ``DATA_MISSING``, reason ``template_not_in_catalog``, with ``nearest``; as
            :meth:`~genaudit.cohorts.catalog_files.FileCatalogBundleLoader.load`.
        """
        if stage not in self._templates:
            name = TEMPLATES[stage]
            rows = self._rows(name, "template_id")
            self._templates[stage] = {
                key: Template(str(row["template_id"]).strip(), str(row.get("parser", "")))
                for key, row in rows.items()
            }
        return _found(self._templates[stage], template_id, "template_not_in_catalog", stage=stage)

    def model(self, model_id: str) -> str:
        """Find the name by which a model's provider knows it; a catalog without the column knows only ids.

        :raises DDError: ``DATA_MISSING``, reason ``model_not_in_catalog``, with ``nearest``; as :meth:`template`.
        """
        row = _found(self._models, model_id, "model_not_in_catalog")
        return str(row.get("model") or row["id"]).strip()

    def concepts(self, combo_id: str) -> tuple[Concept, ...]:
        """List the concepts of a combo, in the order of the catalog.

        :raises DDError: ``DATA_MISSING``, reason ``combo_not_in_catalog`` or ``concept_not_in_catalog``, with
            ``nearest``; as :meth:`template`.
        """
        rows = _found(self._combos, combo_id, "combo_not_in_catalog")
        return tuple(self._concept(combo_id, row) for row in rows)

    def _concept(self, combo_id: str, row: Mapping[str, Any]) -> Concept:
        concept = _found(self._concepts, row["concept_id"], "concept_not_in_catalog", combo_id=combo_id)
        return Concept(concept["concept_id"], concept["name"], row["description_level"])

    @cached_property
    def _models(self) -> Mapping[str, Mapping[str, Any]]:
        return self._rows(MODELS, "id")

    @cached_property
    def _concepts(self) -> Mapping[str, Mapping[str, Any]]:
        return self._rows(CONCEPTS, "concept_id")

    @cached_property
    def _combos(self) -> Mapping[str, list[Mapping[str, Any]]]:
        frames, _ = self._loader.load((COMBOS,))
        combos: dict[str, list[Mapping[str, Any]]] = {}
        for row in frames[COMBOS].to_dict("records"):
            if key := normal_text(row["combo_id"]):
                combos.setdefault(key, []).append({str(name): value for name, value in row.items()})
        return combos

    def _rows(self, catalog: str, column: str) -> dict[str, Mapping[str, Any]]:
        """Read the rows of a catalog by their ids, each of which stands there once."""
        frames, _ = self._loader.load((catalog,))
        read_catalogs(frames, (catalog,))
        rows = frames[catalog].to_dict("records")
        return {
            key: {str(name): value for name, value in row.items()}
            for row in rows
            if (key := normal_text(row[column]))
        }


def _found(known: Mapping[str, _Row], wanted: str, reason: str, **more: object) -> _Row:
    value = known.get(normal_text(wanted) or "")
    if value is None:
        ctx = {"reason": reason, **more, "value": wanted, "nearest": get_close_matches(wanted.lower(), known)}
        raise DDError(Err.DATA_MISSING, ctx)
    return value
