"""Checked catalogs of a plan, with lookups by normalised id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.interfaces import Frames
from genaudit.cohorts.selection import Cartesian, Selection
from genaudit.errors import DDError, Err, Reason
from genaudit.ids import normal_replicate, normal_text
from genaudit.stages import MODES, STAGE_NAMES

COMBOS: Final = "combo_mappings"
MODELS: Final = "llm_models"
REPLICATION: Final = "replication_config"
SELECTED_COMBOS: Final = "selected_combo_mappings"
CONCEPTS: Final = "concepts_metadata"
TEMPLATES: Final[Mapping[str, str]] = MappingProxyType({stage: f"{stage}_templates" for stage in STAGE_NAMES})

COMBO_COLUMNS: Final = ("combo_id", "version", "concept_id", "description_level", "k_max", "created_at")

# Required columns of each slice; other columns are kept.
SLICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        COMBOS: COMBO_COLUMNS,
        **dict.fromkeys(TEMPLATES.values(), ("template_id",)),
        MODELS: ("id",),
        REPLICATION: ("stage", "replicates"),
        SELECTED_COMBOS: ("combo_id",),
        CONCEPTS: ("concept_id", "name"),
    }
)

_EVERY_PLAN: Final = (COMBOS, *TEMPLATES.values(), MODELS)
TRUE_WORDS: Final = frozenset({"true", "1", "yes"})
FALSE_WORDS: Final = frozenset({"false", "0", "no"})
# The gravest first: it gives the error its code and reason; the others are among its problems.
_CODES: Final = MappingProxyType(
    {
        Reason.CATALOG_MISSING: Err.DATA_MISSING,
        Reason.CATALOG_UNREADABLE: Err.IO_ERROR,
        Reason.CATALOG_EMPTY: Err.DATA_MISSING,
        Reason.CATALOG_INCOMPLETE: Err.INVALID_CONFIG,
        Reason.CATALOG_INVALID: Err.INVALID_CONFIG,
    }
)


def needed_slices(definition: object) -> tuple[str, ...]:
    """Return the names of the catalogs that a definition needs."""
    if isinstance(definition, Cartesian):
        return (*_EVERY_PLAN, REPLICATION, SELECTED_COMBOS)
    return (*_EVERY_PLAN, REPLICATION) if isinstance(definition, Selection) else _EVERY_PLAN


@dataclass(frozen=True, slots=True)
class CatalogTemplate:
    """A template of a stage: its id as the catalog spells it, its generator, and whether plans use it."""

    template_id: str
    mode: str
    active: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its id as the catalog spells it, and its uses in plans."""

    model_id: str
    generates: bool
    evaluates: bool


@dataclass(frozen=True, slots=True)
class Catalogs:
    """The catalogs of a plan; keys are normalised ids.

    :param templates: by stage, in file order.
    :param combos: each id as the catalog spells it.
    :param replicates: by stage; empty for a plan that does not need them.
    :param selected_combos: the combos of a Cartesian plan, in order, without duplicates.
    """

    templates: Mapping[str, Mapping[str, CatalogTemplate]]
    models: Mapping[str, Model]
    combos: Mapping[str, str]
    replicates: Mapping[str, int]
    selected_combos: tuple[str, ...]

    def active_templates(self, stage: str) -> list[str]:
        """Return the templates of a stage that curated and Cartesian plans use."""
        return [template.template_id for template in self.templates[stage].values() if template.active]

    @property
    def generation_models(self) -> list[str]:
        """The models that write drafts in Cartesian plans."""
        return [model.model_id for model in self.models.values() if model.generates]

    @property
    def evaluation_models(self) -> list[str]:
        """The models that judge essays in curated and Cartesian plans."""
        return [model.model_id for model in self.models.values() if model.evaluates]

    def mode(self, stage: str, template_id: str | None) -> str:
        """Return the mode of a template's generations, ``llm`` unless the catalog marks it as a copy."""
        template = self.templates[stage].get(normal_text(template_id) or "")
        return template.mode if template else MODES[0]

    def spelled_template(self, stage: str, template_id: str | None) -> str | None:
        """Return a template's id as the catalog spells it, which is the name of its file."""
        template = self.templates[stage].get(normal_text(template_id) or "")
        return template.template_id if template else template_id

    def spelled_model(self, model_id: str | None) -> str | None:
        """Return a model's id as the catalog spells it."""
        model = self.models.get(normal_text(model_id) or "")
        return model.model_id if model else model_id

    def spelled_combo(self, combo_id: str | None) -> str | None:
        """Return a combo's id as the catalog spells it."""
        return self.combos.get(normal_text(combo_id) or "", combo_id)


def read_catalogs(frames: Frames, needed: Iterable[str]) -> Catalogs:
    """Check the catalogs that a plan needs.

    :param frames: text columns, by the names of :data:`SLICES`.
    :param needed: names from :func:`needed_slices`; other catalogs are ignored.
    :raises DDError: all errors under ``problems`` (``catalog, problem, detail``), with ``catalog``, ``reason`` and
        the code of the gravest: ``DATA_MISSING`` with ``catalog_incomplete`` (a frame is missing) or
        ``catalog_empty``; ``INVALID_CONFIG`` with ``catalog_incomplete`` (columns are missing) or ``catalog_invalid``
        (a blank or repeated id or stage, an invalid flag, generator or number).
    """
    reader = _Reader(frames, tuple(needed))
    templates = {stage: reader.templates(name) for stage, name in TEMPLATES.items()}
    models = reader.models()
    combos, selected = reader.ids(COMBOS), reader.ids(SELECTED_COMBOS)
    replicates = reader.replicates()
    raise_catalog_problems(reader.problems)
    return Catalogs(templates, models, combos, replicates, tuple(selected.values()))


def raise_catalog_problems(problems: list[dict[str, Any]]) -> None:
    """Raise the problems of catalogs, if there are any, under the reason of the gravest.

    :param problems: mappings with the keys ``catalog`` and ``problem`` (the reason), and optional details.
    :raises DDError: see :func:`read_catalogs`.
    """
    for problem in problems:
        if problem["problem"] == Reason.CATALOG_INCOMPLETE and "columns" not in problem:
            ctx = {"reason": problem["problem"], "catalog": problem["catalog"], "problems": problems}
            raise DDError(Err.DATA_MISSING, ctx)
    for reason, code in _CODES.items():
        for problem in problems:
            if problem["problem"] == reason:
                raise DDError(code, {"reason": reason, "catalog": problem["catalog"], "problems": problems})


def replicate_count(value: object) -> int | None:
    """Parse a number of replicates; spreadsheets write 2 as 2.0."""
    return normal_replicate(re.sub(r"\.0+$", "", value.strip()) if isinstance(value, str) else value)


def combo_summary(combos: pd.DataFrame) -> dict[str, Any]:
    """Summarise the catalog of combos, so that two builds can be compared.

    :returns: ``combo_count`` (distinct combos), ``rows``, and ``max_version`` as the catalog writes it, or ``None``
        without a version column; ``v10`` is higher than ``v9``.
    """
    ids = {normal_text(value) for value in combos["combo_id"]} - {None}
    versions = combos["version"].dropna().unique().tolist() if "version" in combos.columns else []
    highest = max((version for version in versions if str(version).strip()), key=_natural, default=None)
    return {"combo_count": len(ids), "rows": len(combos), "max_version": highest}


def _natural(version: object) -> list[tuple[int, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", str(version).strip().lower())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


class _Reader:
    """Reader of slices that collects their errors."""

    def __init__(self, frames: Frames, needed: tuple[str, ...]) -> None:
        self.problems: list[dict[str, Any]] = []
        self._frames = {name: frames[name] for name in needed if self._is_usable(name, frames.get(name))}

    def _is_usable(self, name: str, frame: pd.DataFrame | None) -> bool:
        before = len(self.problems)
        if frame is None:
            self._add(name, Reason.CATALOG_INCOMPLETE, "no such catalog")
        elif missing := [column for column in SLICES[name] if column not in frame.columns]:
            self._add(name, Reason.CATALOG_INCOMPLETE, f"{', '.join(missing)} missing", columns=missing)
        elif frame.empty:
            self._add(name, Reason.CATALOG_EMPTY, "no rows")
        return len(self.problems) == before

    def _add(self, name: str, problem: Reason, detail: str, **more: object) -> None:
        self.problems.append({"catalog": name, "problem": str(problem), "detail": detail, **more})

    def _keyed(self, name: str, column: str) -> dict[str, dict[str, Any]]:
        """Key the rows of a slice by their id, which must be present and unique."""
        if name not in self._frames:
            return {}
        rows = self._frames[name].to_dict("records")
        keys = [normal_text(row[column]) for row in rows]
        if None in keys:
            self._add(name, Reason.CATALOG_INVALID, f"blank {column}", column=column)
        for key in (key for key, count in Counter(keys).items() if key is not None and count > 1):
            self._add(name, Reason.CATALOG_INVALID, f"{column} {key!r} appears more than once", column=column)
        return {key: {str(cell): row[cell] for cell in row} for key, row in zip(keys, rows, strict=True) if key}

    def _flag(self, name: str, row: Mapping[str, Any], column: str) -> bool:
        """Parse a boolean column. A missing column means True."""
        word = str(row.get(column, True)).strip().lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            self._add(name, Reason.CATALOG_INVALID, f"{column} {word!r} is neither true nor false", column=column)
        return word in TRUE_WORDS

    def templates(self, name: str) -> dict[str, CatalogTemplate]:
        found: dict[str, CatalogTemplate] = {}
        for key, row in self._keyed(name, "template_id").items():
            mode = normal_text(row.get("generator")) or MODES[0]
            if mode not in MODES:
                self._add(name, Reason.CATALOG_INVALID, f"generator {mode!r} is none of {', '.join(MODES)}")
            found[key] = CatalogTemplate(row["template_id"].strip(), mode, self._flag(name, row, "active"))
        return found

    def models(self) -> dict[str, Model]:
        found: dict[str, Model] = {}
        for key, row in self._keyed(MODELS, "id").items():
            active = self._flag(MODELS, row, "active")
            generates, evaluates = (self._flag(MODELS, row, f"for_{use}") for use in ("generation", "evaluation"))
            found[key] = Model(row["id"].strip(), active and generates, active and evaluates)
        return found

    def ids(self, name: str) -> dict[str, str]:
        """Read the ids of a slice that has several rows per id."""
        if name not in self._frames:
            return {}
        found: dict[str, str] = {}
        for value in self._frames[name]["combo_id"].dropna().unique().tolist():
            if key := normal_text(value):
                found.setdefault(key, value.strip())
        if not found:
            self._add(name, Reason.CATALOG_EMPTY, "no combo_id in any row")
        return found

    def replicates(self) -> dict[str, int]:
        """Read the number of replicates of every stage."""
        rows = self._keyed(REPLICATION, "stage")
        found: dict[str, int] = {}
        for stage in STAGE_NAMES if REPLICATION in self._frames else ():
            count = replicate_count(rows[stage]["replicates"]) if stage in rows else None
            if count is None:
                value = rows[stage]["replicates"] if stage in rows else None
                self._add(REPLICATION, Reason.CATALOG_INVALID, f"{stage} needs a whole number from 1 up", value=value)
            else:
                found[stage] = count
        for stage in rows.keys() - set(STAGE_NAMES):
            self._add(REPLICATION, Reason.CATALOG_INVALID, f"{stage!r} is no stage", value=stage)
        return found
