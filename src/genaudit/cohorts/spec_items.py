"""The lists of a spec: levels and combinations of levels, written out or in a CSV file beside the spec.

A file has a header row that names the axis of each column (or says ``value`` above a single column), so that a list
without one can never lose its first level silently; its columns may stand in any order. Blank lines and cells are
problems.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.spec_model import AXES, ID_AXES, NO_MODEL, NO_MODEL_AXIS, OTHER_NAMES, Level
from genaudit.cohorts.spec_problems import Problem, Report
from genaudit.cohorts.spec_source import read_below
from genaudit.ids import SEPARATOR, normal_replicate, normal_text
from genaudit.layout import is_safe_name
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE_PREFIX: Final = "@file:"
_VALUE_COLUMN: Final = "value"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was found, and where to report what is wrong with its cells.

    :param rows: a cell for each column that was asked for, unless the report says otherwise.
    """

    rows: list[list[object]]
    report: Report


def axis_named(name: str, report: Report) -> str | None:
    """Find an axis by either of its names, or report that there is none.

    :returns: the axis's first name.
    """
    axis = OTHER_NAMES.get(name, name)
    if axis in AXES:
        return axis
    report.add(Problem.UNKNOWN, axis=name, value=name, among=(*AXES, *OTHER_NAMES))
    return None


def read_listing(raw: object, axes: Sequence[str], base: Path | None, report: Report) -> Listing:
    """Read a list of levels, or of combinations of levels, of some axes.

    :param raw: the list itself, or ``@file:`` and the path of a CSV file below the spec's folder.
    :param axes: the columns, by their first names.
    :param base: the spec's folder; ``None`` for a spec without one.
    :returns: the rows of the right length; problems were reported for all others, and when there are none.
    """
    if isinstance(raw, str) and raw.startswith(FILE_PREFIX):
        return _read_file(raw, axes, base, report)
    if not isinstance(raw, list):
        report.add(Problem.WRONG_TYPE, value=raw)
        return Listing([], report)
    rows = [[cell] for cell in raw] if len(axes) == 1 else [_combination(cells, axes, report) for cells in raw]
    if not rows:
        report.add(Problem.EMPTY, axis=axes[0] if len(axes) == 1 else None)
    return Listing([row for row in rows if row], report)


def _combination(cells: object, axes: Sequence[str], report: Report) -> list[object]:
    if not isinstance(cells, list):
        report.add(Problem.WRONG_TYPE, value=cells)
    elif len(cells) != len(axes):
        report.add(Problem.WRONG_LENGTH, value=cells)
    else:
        return cells
    return []


def _read_file(reference: str, axes: Sequence[str], base: Path | None, report: Report) -> Listing:
    path = reference.removeprefix(FILE_PREFIX)
    parts = path.split("/")
    if not all(map(is_safe_name, parts)):
        report.add(Problem.UNSAFE_PATH, value=reference)
    elif not path.endswith(".csv"):
        report.add(Problem.UNKNOWN_FORMAT, value=reference)
    elif base is None:
        report.add(Problem.NO_FOLDER, value=reference)
    else:
        inner = report.within(path)
        return Listing(_read_csv(base, parts, axes, inner), inner)
    return Listing([], report)


def _read_csv(base: Path, parts: Sequence[str], axes: Sequence[str], report: Report) -> list[list[object]]:
    try:
        text = read_below(base, parts).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except FileNotFoundError:
        report.add(Problem.FILE_MISSING)
    except UnreadableError as error:
        report.add(Problem(error.state.value), value=error.detail)
    except OSError as error:
        report.add(Problem.UNREADABLE, value=error.strerror)
    except UnicodeDecodeError as error:
        report.add(Problem.NOT_UTF8, value=f"offset {error.start}")
    except csv.Error as error:
        report.add(Problem.NOT_CSV, value=str(error))
    else:
        return _columns(lines, axes, report)
    return []


def _columns(lines: list[list[str]], axes: Sequence[str], report: Report) -> list[list[object]]:
    """Bring the columns into the order of the axes."""
    header = [OTHER_NAMES.get(name.strip(), name.strip()) for name in lines[0]] if lines else []
    if len(axes) == 1 and header == [_VALUE_COLUMN]:
        header = list(axes)
    if sorted(header) != sorted(axes):
        report.add(Problem.HEADER if lines else Problem.EMPTY, value=header, axis=axes[0] if len(axes) == 1 else None)
        return []
    if len(lines) == 1:
        report.add(Problem.EMPTY)
    places = [header.index(axis) for axis in axes]
    rows: list[list[object]] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            report.add(Problem.EMPTY, value=f"line {number}")
        elif len(cells) != len(axes):
            report.add(Problem.WRONG_LENGTH, value=cells)
        else:
            rows.append([cells[place] for place in places])
    return rows


def read_level(axis: str, raw: object, report: Report) -> Level | None:
    """Check one level of an axis: an id, or a replicate from 1 up.

    :param axis: by its first name.
    :returns: an id stripped, a replicate as a whole number; ``None`` when a problem was reported instead.
    """
    if axis not in ID_AXES:
        replicate = normal_replicate(raw)
        if replicate is None:
            report.add(Problem.OUT_OF_DOMAIN, axis=axis, value=raw)
        return replicate
    if not isinstance(raw, str):
        report.add(Problem.EMPTY if raw is None else Problem.NOT_TEXT, axis=axis, value=raw)
        return None
    text = raw.strip()
    if not text:
        report.add(Problem.EMPTY, axis=axis, value=raw)
    elif SEPARATOR in text or not text.isprintable() or text.startswith(FILE_PREFIX):
        # A separator would let two signatures hash to one id.
        report.add(Problem.OUT_OF_DOMAIN, axis=axis, value=raw)
    elif text == NO_MODEL and axis != NO_MODEL_AXIS:
        report.add(Problem.OUT_OF_DOMAIN, axis=axis, value=raw)
    else:
        return text
    return None


def read_levels(axis: str, raw: object, base: Path | None, report: Report) -> tuple[Level, ...] | None:
    """Read a list of levels of one axis.

    :returns: ``None`` when any of it had problems; they were reported.
    """
    before = report.count
    listing = read_listing(raw, (axis,), base, report)
    levels = [read_level(axis, row[0], listing.report) for row in listing.rows]
    found = tuple(level for level in levels if level is not None)
    report_twins(axis, found, listing.report)
    return found if report.count == before else None


def report_twins(axis: str, levels: Sequence[Level], report: Report) -> None:
    """Report levels that stand twice; ids that differ only in case make one and the same signature."""
    seen: set[object] = set()
    for level in levels:
        folded = normal_text(level) or level
        if folded in seen:
            report.add(Problem.DUPLICATE, axis=axis, value=level)
        seen.add(folded)
