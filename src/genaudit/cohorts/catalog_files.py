"""Reader for the catalog files of a data root."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from genaudit.cohorts.catalogs import (
    COMBO_COLUMNS,
    COMBOS,
    CONCEPTS,
    MODELS,
    REPLICATION,
    SELECTED_COMBOS,
    TEMPLATES,
    needed_slices,
    raise_catalog_problems,
    read_catalogs,
)
from genaudit.cohorts.interfaces import Frames, Metadata, ResolvedSpec
from genaudit.errors import Reason
from genaudit.layout import Layout
from genaudit.stages import STAGES
from genaudit.store.catalogs import MAX_CATALOG_BYTES
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError


class FileCatalogBundleLoader:
    """Loader of the catalogs that a plan needs.

    :param root: the data root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        layout = Layout(root)
        self._paths = {
            COMBOS: layout.combo_mappings,
            **{TEMPLATES[stage.name]: layout.catalogs / stage.template_catalog for stage in STAGES.values()},
            MODELS: layout.llm_models,
            REPLICATION: layout.replication,
            SELECTED_COMBOS: layout.tasks / f"{SELECTED_COMBOS}.csv",
            CONCEPTS: layout.concepts,
        }

    def load_for_spec(self, spec: ResolvedSpec) -> tuple[Frames, Metadata]:
        """Load all rows of the catalogs that the plan needs; the plan itself filters active rows.

        :returns: as :meth:`load`.
        :raises DDError: as :meth:`load`.
        """
        return self.load(needed_slices(spec.definition))

    def load(self, names: Iterable[str]) -> tuple[Frames, Metadata]:
        """Load catalogs by the names of :data:`genaudit.cohorts.catalogs.SLICES`.

        :returns: frames of text, and for each its ``path``, its number of ``rows`` and its ``sha256``.
        :raises DDError: as :func:`genaudit.cohorts.catalogs.read_catalogs`, with ``path`` in each problem, and
            ``IO_ERROR`` with ``catalog_unreadable``; the catalog of combos must have all its columns.
        """
        frames: dict[str, pd.DataFrame] = {}
        metadata: dict[str, Any] = {}
        problems: list[dict[str, Any]] = []
        for name in names:
            path = self._paths[name]
            shown = path.relative_to(self._root).as_posix()
            try:
                data = read_file(str(path), limit=MAX_CATALOG_BYTES)
                frames[name] = _frame(data.decode("utf-8-sig"))
                if name == COMBOS:
                    _check_columns(frames[name])
            except FileNotFoundError:
                problem = _CatalogError(Reason.CATALOG_MISSING, "no such file")
            except UnreadableError as error:
                problem = _CatalogError(Reason.CATALOG_UNREADABLE, error.detail)
            except UnicodeDecodeError as error:
                problem = _CatalogError(Reason.CATALOG_INVALID, f"no UTF-8 at offset {error.start}")
            except _CatalogError as error:
                problem = error
            else:
                digest = sha256(data).hexdigest()
                metadata[name] = {"path": shown, "rows": len(frames[name]), "sha256": digest}
                continue
            problems.append({"catalog": name, "problem": str(problem.reason), "path": shown, **problem.more})
        raise_catalog_problems(problems)
        return frames, metadata

    def active_judges(self) -> tuple[list[str], list[str]]:
        """Return the active evaluation templates and evaluation models, each in the order of its catalog.

        A catalog without a flag column has only active rows. No other catalogs are read.

        :raises DDError: as :meth:`load`.
        """
        needed = (TEMPLATES["evaluation"], MODELS)
        frames, _ = self.load(needed)
        catalogs = read_catalogs(frames, needed)
        return catalogs.active_templates("evaluation"), catalogs.evaluation_models


class _CatalogError(Exception):
    """A file that is not a usable catalog."""

    def __init__(self, reason: Reason, detail: str, **more: object) -> None:
        self.reason = reason
        self.more = {"detail": detail, **more}
        super().__init__(reason, detail)


def _check_columns(combos: pd.DataFrame) -> None:
    if missing := [column for column in COMBO_COLUMNS if column not in combos.columns]:
        raise _CatalogError(Reason.CATALOG_INCOMPLETE, f"{', '.join(missing)} missing", columns=missing)


def _frame(text: str) -> pd.DataFrame:
    """Read a table with a header row; a row with too few or too many cells would put values under wrong names.

    Blank rows, which spreadsheets leave as rows of commas, are skipped.
    """
    try:
        read = csv.reader(io.StringIO(text, newline=""), strict=True)
        header, *rows = [row for row in read if any(map(str.strip, row))] or [[]]
    except csv.Error as error:
        raise _CatalogError(Reason.CATALOG_INVALID, str(error)) from None
    names = [name.strip() for name in header]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise _CatalogError(Reason.CATALOG_INVALID, f"column {twice[0]!r} appears more than once", columns=twice)
    for row in rows:
        if len(row) != len(names):
            raise _CatalogError(
                Reason.CATALOG_INVALID, f"a row with {len(row)} cells instead of {len(names)}", value=row
            )
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame(
        {name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)}, columns=names
    )
