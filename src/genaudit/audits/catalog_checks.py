"""Checks of the catalogs and of the replication table: every error of every file, with its line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from genaudit.audits.result import Findings, shown_value
from genaudit.cohorts.catalogs import COMBO_COLUMNS, FALSE_WORDS, SELECTED_COMBOS, TRUE_WORDS, replicate_count
from genaudit.generating.parsers import STAGE_PARSERS
from genaudit.ids import normal_text
from genaudit.layout import Layout
from genaudit.legible import difference_of_twins, twins
from genaudit.stages import MODES
from genaudit.store.catalogs import MAX_CATALOG_BYTES
from genaudit.store.delimiters import foreign_delimiter
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

_FLAGS: Final = ("active", "for_generation", "for_evaluation")


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A catalog to check.

    :param columns: required columns, the key first.
    :param is_unique: whether each key has one row.
    :param words: allowed values besides a blank, by column.
    """

    path: Path
    columns: tuple[str, ...]
    is_unique: bool = True
    words: Mapping[str, Sequence[str]] | None = None


def catalog_files(layout: Layout) -> list[CatalogFile]:
    """List the catalogs of a data root, whether they exist or not."""
    templates = [
        CatalogFile(
            layout.catalogs / stage.template_catalog,
            ("template_id",),
            words={"generator": MODES, **_parsers(stage.name)},
        )
        for stage in layout.stages.values()
        if stage.template_catalog
    ]
    return [
        *templates,
        CatalogFile(layout.llm_models, ("id",)),
        CatalogFile(layout.concepts, ("concept_id", "name")),
        CatalogFile(layout.replication, ("stage", "replicates")),
        CatalogFile(layout.combo_mappings, COMBO_COLUMNS, is_unique=False),
        CatalogFile(layout.tasks / f"{SELECTED_COMBOS}.csv", ("combo_id",), is_unique=False),
    ]


def _parsers(stage: str) -> dict[str, tuple[str, ...]]:
    """Return the words of the column of parsers; a stage of a store's own may have any."""
    return {"parser": tuple(map(str, STAGE_PARSERS[stage]))} if stage in STAGE_PARSERS else {}


def report_catalogs(layout: Layout, findings: Findings) -> int:
    """Report the errors of every catalog that exists.

    :returns: the number of catalogs that exist.
    """
    checked = 0
    for catalog in catalog_files(layout):
        check = _Check(layout, catalog, findings)
        try:
            data = read_file(str(catalog.path), limit=MAX_CATALOG_BYTES)
        except FileNotFoundError:
            continue
        except UnreadableError as error:
            check.report("CATALOG_UNREADABLE", detail=error.detail)
        else:
            check.bytes(data)
        checked += 1
    return checked


class _Check:
    """The check of one catalog."""

    def __init__(self, layout: Layout, catalog: CatalogFile, findings: Findings) -> None:
        self._layout = layout
        self._catalog = catalog
        self._findings = findings
        self._path = catalog.path.relative_to(layout.root).as_posix()

    def report(
        self,
        code: str,
        line: int | None = None,
        *,
        field: str | None = None,
        expected: str | None = None,
        actual: object = None,
        detail: str | None = None,
    ) -> None:
        """Add a finding."""
        where = f"line {line:,}" if line else None
        self._findings.add(
            code,
            field=field,
            expected=expected,
            actual=None if actual is None else shown_value(actual),
            path=self._path,
            detail=", ".join(filter(None, (where, detail))) or None,
        )

    def bytes(self, data: bytes) -> None:
        """Check the content of the file."""
        try:
            rows = list(_numbered(data.decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            self.report("CATALOG_UNREADABLE", detail=f"no UTF-8 at offset {error.start}")
            return
        except csv.Error as error:
            self.report("CATALOG_UNREADABLE", detail=str(error))
            return
        header = [name.strip() for name in rows[0][1]] if rows else []
        repeated = [name for name, count in Counter(header).items() if count > 1]
        missing = [*repeated, *(name for name in self._catalog.columns if name not in header)]
        for name in missing:
            near = get_close_matches(name, header, n=1)
            detail = f"closest column {near[0]!r}" if near and near[0] != name else None
            if len(header) == 1 and (delimiter := foreign_delimiter(header[0], [name])):
                detail = f"cells are separated by {delimiter!r} instead of a comma"
            self.report("CATALOG_COLUMN_MISSING", 1, field=name, expected="the column, once", detail=detail)
        if missing:
            return
        whole = [(line, dict(zip(header, row, strict=True))) for line, row in rows[1:] if len(row) == len(header)]
        for line, row in rows[1:]:
            if len(row) != len(header):
                expected = f"{len(header)} cells"
                self.report("CATALOG_ROW_MALFORMED", line, expected=expected, actual=row, detail=f"{len(row)} cells")
        self._rows(whole)
        if self._catalog.path == self._layout.replication:
            self._replication(whole)

    def _rows(self, rows: list[tuple[int, dict[str, str]]]) -> None:
        key = self._catalog.columns[0]
        keys = [normal_text(row[key]) for _, row in rows]
        if not any(keys):
            self.report("CATALOG_EMPTY", field=key, expected="at least one row")
            return
        counts = Counter(keys)
        alike = twins(name for name in keys if name)
        seen: set[str] = set()
        for (line, row), name in zip(rows, keys, strict=True):
            if name is None:
                self.report("CATALOG_ID_BLANK", line, field=key, expected="a value")
            elif self._catalog.is_unique and counts[name] > 1:
                if name in seen:
                    self.report("CATALOG_ID_REPEATED", line, field=key, expected="one row", actual=row[key])
                seen.add(name)
            if name in alike:
                detail = difference_of_twins(name, alike.pop(name))
                self.report(
                    "CATALOG_ID_TWIN", line, field=key, expected="one spelling", actual=row[key], detail=detail
                )
            self._words(line, row)

    def _words(self, line: int, row: Mapping[str, str]) -> None:
        flags = dict.fromkeys(_FLAGS, ("true", "false"))
        for field, allowed in {**flags, **(self._catalog.words or {})}.items():
            if field not in row:
                continue
            value = row[field].strip().lower()
            known = {*TRUE_WORDS, *FALSE_WORDS} if field in _FLAGS else {"", *allowed}
            if value not in known:
                near = get_close_matches(value, allowed, n=1)
                self.report(
                    "CATALOG_VALUE_INVALID",
                    line,
                    field=field,
                    expected=" or ".join(allowed),
                    actual=row[field],
                    detail=f"closest value {near[0]!r}" if near else None,
                )

    def _replication(self, rows: list[tuple[int, dict[str, str]]]) -> None:
        found = set()
        for line, row in rows:
            stage = row["stage"].strip().lower()
            if stage not in self._layout.stages:
                near = get_close_matches(stage, self._layout.stages, n=1)
                detail = f"closest stage {near[0]!r}" if near else None
                expected = " or ".join(self._layout.stages)
                self.report(
                    "REPLICATION_INVALID", line, field="stage", expected=expected, actual=row["stage"], detail=detail
                )
                continue
            found.add(stage)
            if replicate_count(row["replicates"]) is None:
                value = row["replicates"]
                self.report(
                    "REPLICATION_INVALID",
                    line,
                    field="replicates",
                    expected="a whole number from 1 up",
                    actual=value,
                    detail=f"stage {stage}",
                )
        for stage in self._layout.stages:
            if stage not in found:
                self.report("REPLICATION_INVALID", field="stage", expected=f"a row for {stage}", detail="no such row")


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Split a table into its rows with the line on which each ends, skipping blank rows."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, row
