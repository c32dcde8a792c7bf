"""The file ``membership.csv``: three forms are read, two of them written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.membership_rows import (
    KEY_COLUMNS,
    MEMBERSHIP_COLUMNS,
    ORIGIN,
    Problem,
    Problems,
    normal_rows,
)
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES, StageTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

SLIM_COLUMNS: Final = MEMBERSHIP_COLUMNS[:3]
# In a file the column says whose member a row is, which need not be the cohort that the generation came from.
_COHORT: Final = "cohort_id"
_NAMES: Final = {_COHORT if name == ORIGIN else name: name for name in MEMBERSHIP_COLUMNS}
_HEADINGS: Final = {name: heading for heading, name in _NAMES.items()}


class MembershipForm(StrEnum):
    """How much a membership's file says of each member: all, its key and cohort, or its key."""

    WIDE = "wide"
    SLIM = "slim"
    TWO_COLUMN = "two_column"

    @classmethod
    def of(cls, columns: Sequence[str]) -> MembershipForm:
        """Tell the form from the columns that a file has."""
        if set(columns) - set(SLIM_COLUMNS):
            return cls.WIDE
        return cls.SLIM if ORIGIN in columns else cls.TWO_COLUMN


@dataclass(frozen=True, slots=True)
class MembershipCsv:
    """What a membership's file says.

    :param frame: as :func:`~genaudit.cohorts.membership_rows.normal_rows` returns it; what the file leaves out is
        missing.
    :param columns: the columns that the file has, in the order of the schema; columns nobody knows are left out.
    :param others: the headings of columns nobody knows, with the number of rows that have a value there.
    :param sha256: the digest of the file's very bytes.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    others: Mapping[str, int]
    sha256: str

    def canonical(self) -> bytes:
        """Render the file as the writer would have, whatever another program made of its bytes since."""
        return render_membership(self.frame, self.columns)


def render_membership(frame: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """Render a membership.

    :param frame: as :func:`~genaudit.cohorts.membership_rows.normal_membership` returns it.
    :param columns: those that the file gets; ``origin_cohort_id`` is headed ``cohort_id``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_HEADINGS[name] for name in columns])
    writer.writerows(rows_of(frame[list(columns)]))
    return text.getvalue().encode()


def parse_membership(data: bytes, cohort_id: str, path: str, stages: StageTable = STAGES) -> MembershipCsv:
    """Read a membership of any form.

    Columns may stand in any order and others beside them; a byte-order mark, any line ends and quotes are understood.

    :param cohort_id: the origin of rows that name no cohort.
    :param path: the file, as errors name it.
    :param stages: the store's table of stages.
    :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_rows``, with all problems.
    """
    problems = Problems(path, stages)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(Problem.NOT_UTF8, line=data.count(b"\n", 0, error.start) + 1, value=f"offset {error.start}")
        problems.raise_any()
        raise
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
            problems.add(Problem.WRONG_LENGTH, line=line, value=len(row), expected=len(names))
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
    """Go through the records of a file with the line on which each ends; empty lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        problems.add(Problem.NOT_CSV, line=reader.line_num, value=str(error))


def _known_columns(names: Sequence[str], problems: Problems) -> tuple[str, ...]:
    """Find the columns that a header has; nothing can be said of rows whose key has none, or two."""
    if not names and not problems.found:
        problems.add(Problem.NO_HEADER, line=1)
    for heading, name in _NAMES.items():
        if names.count(heading) > 1:
            problems.add(Problem.COLUMN_DUPLICATE, line=1, field=heading)
        elif names and heading not in names and name in KEY_COLUMNS:
            problems.add(Problem.COLUMN_MISSING, line=1, field=heading)
    problems.raise_any()
    return tuple(name for heading, name in _NAMES.items() if heading in names)
