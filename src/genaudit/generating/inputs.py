"""Inputs of a generation: templates, models and concepts from the catalogs and text files of a data root."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.catalogs import COMBOS, CONCEPTS, MODELS, TEMPLATES, read_catalogs
from genaudit.cohorts.pipeline_stages import check_root
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.parsers import Parser, parser_named
from genaudit.ids import normal_text
from genaudit.layout import Layout, is_safe_name
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

_Row = TypeVar("_Row")

# Fallback levels of a concept's content, in order; the last resort is its name.
FALLBACK_LEVELS: Final = ("paragraph", "sentence")


class Concept(NamedTuple):
    """A concept of a combo, as templates see it."""

    name: str
    content: str


class ConceptSource(NamedTuple):
    """A concept of a combo with its place in the data root.

    :param path: the file of its content, relative to the data root; the catalog's if its name replaces it.
    """

    concept_id: str
    concept: Concept
    path: str


class TemplateRow(NamedTuple):
    """A row of a template catalog.

    :param name: its id as the catalog spells it.
    :param parser: the name of its parser.
    """

    name: str
    parser: str


class Inputs:
    """The catalogs and concept texts of a data root, each read once on first use.

    :param root: the data root.
    """

    def __init__(self, root: Path) -> None:
        check_root(root)
        self._layout = Layout(root)
        self._loader = FileCatalogBundleLoader(root)
        self._templates: dict[str, Mapping[str, TemplateRow] | DDError] = {}
        self._sources: dict[tuple[str, str], ConceptSource] = {}

    def parser(self, stage: str, template_id: str) -> Parser:
        """Find the parser of a template.

        A template without a catalog row, or an unreadable catalog, means the identity; for evaluations it is an
        error.

        :raises DDError: ``PARSER_FAILURE``, reason ``unknown_parser``; for evaluations ``DATA_MISSING``, reason
            ``template_not_in_catalog`` with ``nearest``, and as
            :meth:`~genaudit.cohorts.catalog_files.FileCatalogBundleLoader.load`.
        """
        known = self._known(stage)
        if stage == "evaluation":
            if isinstance(known, DDError):
                raise known
            return parser_named(_found(known, template_id, Reason.TEMPLATE_NOT_IN_CATALOG, stage=stage).parser, stage)
        template = None if isinstance(known, DDError) else known.get(normal_text(template_id) or "")
        return parser_named(template.parser if template else "", stage)

    def template_name(self, stage: str, template_id: str) -> str:
        """Return a template's id as the catalog spells it, which names its file; unchanged if no catalog lists it."""
        known = self._known(stage)
        template = None if isinstance(known, DDError) else known.get(normal_text(template_id) or "")
        return template.name if template else template_id

    def _known(self, stage: str) -> Mapping[str, TemplateRow] | DDError:
        if stage not in self._templates:
            try:
                rows = self._rows(TEMPLATES[stage], "template_id")
                self._templates[stage] = {
                    key: TemplateRow(str(row["template_id"]).strip(), str(row.get("parser", "")))
                    for key, row in rows.items()
                }
            except DDError as error:
                self._templates[stage] = error
        return self._templates[stage]

    def model(self, model_id: str) -> str:
        """Return a model's name at its provider, which is its id in a catalog without such a column.

        :raises DDError: ``DATA_MISSING``, reason ``model_not_in_catalog``, with ``nearest``; as
            :meth:`~genaudit.cohorts.catalog_files.FileCatalogBundleLoader.load`.
        """
        row = _found(self._models, model_id, Reason.MODEL_NOT_IN_CATALOG)
        return str(row.get("model") or row["id"]).strip()

    def concepts(self, combo_id: str) -> tuple[Concept, ...]:
        """List the concepts of a combo, in the order of ``combo_mappings.csv``.

        They all have the level of the combo's first row.

        :raises DDError: ``DATA_MISSING``, reason ``combo_not_in_catalog`` or ``concept_not_in_catalog``, with
            ``nearest``; ``IO_ERROR``, reason ``not_readable``; as :meth:`model`.
        """
        return tuple(source.concept for source in self.concept_sources(combo_id))

    def concept_sources(self, combo_id: str) -> tuple[ConceptSource, ...]:
        """List the concepts of a combo with their files.

        :raises DDError: as :meth:`concepts`.
        """
        rows = _found(self._combos, combo_id, Reason.COMBO_NOT_IN_CATALOG)
        level = str(rows[0]["description_level"]).strip()
        return tuple(self._concept(combo_id, row["concept_id"], level) for row in rows)

    def _concept(self, combo_id: str, concept_id: str, level: str) -> ConceptSource:
        row = _found(self._concepts, concept_id, Reason.CONCEPT_NOT_IN_CATALOG, combo_id=combo_id)
        known, name = str(row["concept_id"]).strip(), str(row["name"]).strip()
        if (known, level) not in self._sources:
            self._sources[known, level] = self._source(known, name, level)
        return self._sources[known, level]

    def _source(self, known: str, name: str, level: str) -> ConceptSource:
        """Read the content of a concept."""
        for one in dict.fromkeys((level, *FALLBACK_LEVELS)):
            with suppress(FileNotFoundError):
                content = self._description(one, known)
                path = self._layout.catalogs / "concepts" / f"descriptions-{one}" / f"{known}.txt"
                return ConceptSource(known, Concept(name, content), self._relative(path))
        return ConceptSource(known, Concept(name, name), self._relative(self._layout.concepts))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._layout.root).as_posix()

    def _description(self, level: str, concept_id: str) -> str:
        folder, name = f"descriptions-{level}", f"{concept_id}.txt"
        if not (is_safe_name(folder) and is_safe_name(name)):
            raise FileNotFoundError(name)
        path = self._layout.catalogs / "concepts" / folder
        try:
            with open_below(self._layout.root, *path.relative_to(self._layout.root).parts) as opened:
                return read_text(opened, (name,)).strip()
        except UnreadableError as error:
            ctx = {"reason": Reason.NOT_READABLE, "path": str(path / name), "error": error.detail}
            raise DDError(Err.IO_ERROR, ctx) from error

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
        """Read the rows of a catalog by their ids."""
        frames, _ = self._loader.load((catalog,))
        read_catalogs(frames, (catalog,))
        rows = frames[catalog].to_dict("records")
        return {
            key: {str(name): value for name, value in row.items()}
            for row in rows
            if (key := normal_text(row[column]))
        }


def _found(known: Mapping[str, _Row], wanted: str, reason: Reason, **more: object) -> _Row:
    value = known.get(normal_text(wanted) or "")
    if value is None:
        ctx = {"reason": reason, **more, "value": wanted, "nearest": get_close_matches(wanted.lower(), known)}
        raise DDError(Err.DATA_MISSING, ctx)
    return value
