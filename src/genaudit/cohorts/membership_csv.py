"""Parser and renderer for ``membership.csv``: three forms are read, two of them written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.membership_rows import (
    KEY_COLUMNS,
    MEMBERSHIP_COLUMNS,
    ORIGIN,
    Problems,
    RowProblem,
    normal_rows,
)
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES, StageTable
from genaudit.store.delimiters import foreign_delimiter

SLIM_COLUMNS: Final = MEMBERSHIP_COLUMNS[:3]
# In a file the column names the listing cohort, which may differ from the generation's origin.
_COHORT: Final = "cohort_id"
_NAMES: Final = {_COHORT if name == ORIGIN else name: name for name in MEMBERSHIP_COLUMNS}
_HEADINGS: Final = {name: heading for heading, name in _NAMES.items()}


class MembershipForm(StrEnum):
    """The form of a membership file: all fields, key and cohort, or key only."""

    WIDE = "wide"
    SLIM = "slim"
    TWO_COLUMN = "two_column"

    @classmethod
    def of(cls, columns: Sequence[str]) -> MembershipForm:
        """Detect the form from the columns of a file."""
        if set(columns) - set(SLIM_COLUMNS):
            return cls.WIDE
        return cls.SLIM if ORIGIN in columns else cls.TWO_COLUMN


@dataclass(frozen=True, slots=True)
class MembershipCsv:
    """The contents of a membership file.

    :param frame: as :func:`~genaudit.cohorts.membership_rows.normal_rows` returns it; fields that are not in the file
        are missing.
    :param columns: the known columns of the file, in schema order.
    :param others: headings of unknown columns, with the number of rows that have a value there.
    :param sha256: the digest of the file's exact bytes.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    others: Mapping[str, int]
    sha256: str

    def canonical(self) -> bytes:
        """Render the file as our writer would, whatever its current bytes."""
        return render_membership(self.frame, self.columns)


def render_membership(frame: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """Render a membership.

    :param frame: as :func:`~genaudit.cohorts.membership_rows.normal_membership` returns it.
    :param columns: columns of the file; the heading of ``origin_cohort_id`` is ``cohort_id``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_HEADINGS[name] for name in columns])
    writer.writerows(rows_of(frame[list(columns)]))
    return text.getvalue().encode()


def parse_membership(data: bytes, cohort_id: str, path: str, stages: StageTable = STAGES) -> MembershipCsv:
    """Read a membership of any form.

    Columns may be in any order, with unknown ones among them; a byte-order mark, any line ends and quotes are
    accepted. Blank rows, as spreadsheets write them, are skipped.

    :param cohort_id: the origin of rows without a cohort.
    :param path: the file, as errors name it.
    :param stages: the store's table of stages.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_rows``, with all problems.
    """
    problems = Problems(path, stages)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(RowProblem.NOT_UTF8, line=data.count(b"\n", 0, error.start) + 1, value=f"offset {error.start}")
        problems.raise_any()
        raise
    if delimiter := foreign_delimiter(text.partition("\n")[0], KEY_COLUMNS):
        problems.add(RowProblem.DELIMITER, line=1, value=delimiter, expected="a comma")
        problems.raise_any()
    records = _records(text, problems)
    _, header = next(records, (1, []))
    names = [heading.strip() for heading in header]
    columns = _known_columns(names, problems)
    lines: list[int] = []
    rows: list[list[str]] = []
    for line, row in records:
        if len(row) == len(names):
            lines.append(line)
            rows.append(row)
        else:
            problems.add(RowProblem.WRONG_LENGTH, line=line, value=len(row), expected=len(names))
    by_place: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    cells = {name: by_place[names.index(_HEADINGS[name])] for name in columns}
    others = {
        heading: sum(any(row[place].strip() for place in places) for row in rows)
        for heading in dict.fromkeys(names)
        if heading not in _NAMES and (places := [place for place, name in enumerate(names) if name == heading])
    }
    frame = normal_rows(cells, lines, cohort_id, problems)
    return MembershipCsv(frame, columns, others, sha256(data).hexdigest())


def _records(text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a file with the line on which each ends, skipping blank ones."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield reader.line_num, row
    except csv.Error as error:
        problems.add(RowProblem.NOT_CSV, line=reader.line_num, value=str(error))


def _known_columns(names: Sequence[str], problems: Problems) -> tuple[str, ...]:
    """Find the known columns of a header. A missing or repeated key column makes the rows unreadable."""
    if not names and not problems.found:
        problems.add(RowProblem.NO_HEADER, line=1)
    for heading, name in _NAMES.items():
        if names.count(heading) > 1:
            problems.add(RowProblem.COLUMN_DUPLICATE, line=1, field=heading)
        elif names and heading not in names and name in KEY_COLUMNS:
            problems.add(RowProblem.COLUMN_MISSING, line=1, field=heading)
    problems.raise_any()
    return tuple(name for heading, name in _NAMES.items() if heading in names)
