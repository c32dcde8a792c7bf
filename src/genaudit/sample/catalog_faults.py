"""Faults of catalogs. Each makes plans impossible, so it is planted alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.stages import STAGES


def _essay_templates(context: FaultContext) -> Path:
    return context.layout.catalogs / STAGES["essay"].template_catalog


def _edit(edit: Callable[[str], str], field: str | None) -> Callable[[FaultContext], None]:
    """Edit the catalog of essay templates."""

    def plant(context: FaultContext) -> None:
        path = _essay_templates(context)
        path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
        context.expect_path(path.relative_to(context.layout.root).as_posix(), field=field)

    return plant


def _unreadable(context: FaultContext) -> None:
    path = _essay_templates(context)
    path.write_bytes(path.read_bytes() + b"caf\xe9\n")
    context.expect_path(path.relative_to(context.layout.root).as_posix())


def _twin(context: FaultContext) -> None:
    path = _essay_templates(context)
    text = path.read_text(encoding="utf-8")
    _, _, rest = _first_row(text).partition(",")
    path.write_text(f"{text}caf\u00e9-v1,{rest}cafe\u0301-v1,{rest}", encoding="utf-8")
    for _ in range(2):
        context.expect_path(path.relative_to(context.layout.root).as_posix(), field="template_id")


def _first_row(text: str) -> str:
    return text.splitlines(keepends=True)[1]


def _replication(context: FaultContext) -> None:
    path = context.layout.replication
    path.write_text(path.read_text(encoding="utf-8").replace("evaluation,2", "evaluation,two"), encoding="utf-8")
    context.expect_path(path.relative_to(context.layout.root).as_posix(), field="replicates")


def _fault(code: str, what: str, edit: Callable[[str], str], field: str | None = "template_id") -> Fault:
    return Fault(code, what, _edit(edit, field), exclusive=True)


CATALOG_FAULTS: Final = (
    Fault("CATALOG_UNREADABLE", "essay_templates.csv ends with a byte that is no UTF-8", _unreadable, exclusive=True),
    _fault(
        "CATALOG_COLUMN_MISSING",
        "essay_templates.csv has no column template_id",
        lambda text: text.replace("template_id", "template", 1),
    ),
    _fault(
        "CATALOG_EMPTY", "essay_templates.csv has only its header", lambda text: text.splitlines(keepends=True)[0]
    ),
    _fault("CATALOG_ROW_MALFORMED", "a row of essay_templates.csv has two cells", lambda text: f"{text}a,b\n", None),
    _fault(
        "CATALOG_ID_BLANK",
        "a row of essay_templates.csv has no id",
        lambda text: text + "," + _first_row(text).partition(",")[2],
    ),
    _fault("CATALOG_ID_REPEATED", "essay_templates.csv repeats a row", lambda text: text + _first_row(text)),
    Fault("CATALOG_ID_TWIN", "essay_templates.csv has an id composed, and another decomposed", _twin, exclusive=True),
    _fault(
        "CATALOG_VALUE_INVALID",
        "the first essay template has the generator lml",
        lambda text: text.replace(",llm", ",lml", 1),
        "generator",
    ),
    Fault("REPLICATION_INVALID", "replication_config.csv has evaluation,two", _replication, exclusive=True),
)
