"""Rows of a membership: their columns, normal form and errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import normal_replicate
from genaudit.layout import are_safe_names, is_safe_name
from genaudit.schemas import frame as make_frame
from genaudit.stages import MODES, REPLICATE, STAGES, StageTable
from genaudit.store.gc_pause import without_gc

ORIGIN: Final = "origin_cohort_id"
MODE: Final = "mode"
MEMBERSHIP: Final = MappingProxyType(
    {
        "stage": "str",
        "gen_id": "str",
        ORIGIN: "str",
        "parent_gen_id": "str",
        "combo_id": "str",
        "template_id": "str",
        "llm_model_id": "str",
        REPLICATE: "Int32",
    }
)
MEMBERSHIP_COLUMNS: Final = tuple(MEMBERSHIP)
KEY_COLUMNS: Final = MEMBERSHIP_COLUMNS[:2]
# The mode is a column in memory and a field of the manifest; no form of the file has it.
WITH_MODE: Final = MappingProxyType({**MEMBERSHIP, MODE: "str"})

Columns: TypeAlias = "Mapping[str, Sequence[object]]"

# Control characters and broken UTF-8: no id contains them, and they would not survive in a file of lines.
_ZEROS: Final = re.compile(r"\.0+$")
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BAD: Final = object()
# Columns with few distinct values.
_REPEATED: Final = frozenset({"stage", MODE, REPLICATE})


class RowProblem(StrEnum):
    """Kinds of errors in a membership: values of ``ctx["problems"][i]["problem"]``."""

    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    DELIMITER = "delimiter"
    NO_HEADER = "no_header"
    COLUMN_MISSING = "column_missing"
    COLUMN_DUPLICATE = "column_duplicate"
    WRONG_LENGTH = "wrong_length"
    NOT_TEXT = "not_text"
    UNPRINTABLE = "unprintable"
    UNKNOWN_STAGE = "unknown_stage"
    EMPTY_ID = "empty_id"
    UNSAFE_ID = "unsafe_id"
    OUT_OF_DOMAIN = "out_of_domain"
    DUPLICATE_DISAGREES = "duplicate_disagrees"


@dataclass(frozen=True, slots=True)
class Problems:
    """Collector of the errors of one file.

    :param path: the file, as the error names it.
    :param stages: the store's table of stages; rows of others are problems.
    """

    path: str
    stages: StageTable = STAGES
    found: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        problem: RowProblem,
        *,
        line: int | None = None,
        field: str | None = None,
        value: object = None,
        **more: object,
    ) -> None:
        """Add an error.

        :param line: the line of the file, counted from 1.
        """
        plain = value if isinstance(value, (str, int, float, type(None))) else repr(value)
        where = {"path": self.path, "line": line, "field": field, "value": plain}
        self.found.append({**where, "problem": problem.value, **more})

    def raise_any(self) -> None:
        """Raise the collected errors, if there are any.

        :raises DDError: ``INVALID_MEMBERSHIP``, reason ``invalid_rows``, with ``path`` and ``problems``: mappings
            with the keys ``path``, ``line``, ``field``, ``value`` and ``problem``.
        """
        if self.found:
            ctx = {"reason": Reason.INVALID_ROWS, "path": self.path, "problems": self.found}
            raise DDError(Err.INVALID_MEMBERSHIP, ctx)


def normal_membership(frame: pd.DataFrame, cohort_id: str, path: str) -> pd.DataFrame:
    """Convert a membership in memory to normal form.

    :param frame: the columns of :data:`MEMBERSHIP`, optionally ``mode``; other columns are ignored.
    :param cohort_id: the origin of rows without one.
    :param path: the target file of the membership; line numbers are those of its future rows.
    :returns: as :func:`normal_rows` does.
    :raises DDError: as :func:`normal_rows` does; ``column_missing`` for each missing column.
    """
    problems = Problems(path)
    for name in MEMBERSHIP_COLUMNS:
        if name not in frame.columns:
            problems.add(RowProblem.COLUMN_MISSING, field=name)
    problems.raise_any()
    objects = frame[[name for name in WITH_MODE if name in frame.columns]].astype(object)
    objects = objects.where(objects.notna(), None)
    columns = {name: list(map(_native, objects[name])) for name in objects.columns}
    return normal_rows(columns, range(2, len(frame) + 2), cohort_id, problems)


def _native(value: object) -> object:
    # A column of objects yields numpy's numbers unchanged.
    return value.item() if isinstance(value, np.generic) else value


@without_gc()
def normal_rows(columns: Columns, lines: Sequence[int | None], cohort_id: str, problems: Problems) -> pd.DataFrame:
    """Convert rows to normal form: text stripped, blanks missing, stages in order, no duplicate rows.

    :param columns: ``stage`` and ``gen_id``, and any others of :data:`WITH_MODE`, with ``None`` for missing values.
    :param lines: the line of each row.
    :param cohort_id: the origin of rows without one.
    :returns: the columns of :data:`MEMBERSHIP`, and ``mode`` if it was given; the order within a stage is kept.
    :raises DDError: ``INVALID_MEMBERSHIP`` with all problems of all rows.
    """
    schema = WITH_MODE if MODE in columns else MEMBERSHIP
    cleaned = {
        name: _cleaned(name, columns[name], lines, problems) if name in columns else [None] * len(lines)
        for name in schema
    }
    cleaned[ORIGIN] = [cohort_id if value is None else value for value in cleaned[ORIGIN]]
    kept = _distinct(cleaned, lines, problems)
    problems.raise_any()
    kept.sort(key=list(map(problems.stages.index, cleaned["stage"])).__getitem__)
    if kept != list(range(len(lines))):
        cleaned = {name: [values[place] for place in kept] for name, values in cleaned.items()}
    return make_frame(schema, cleaned, problems.stages)


def _cleaned(name: str, values: Sequence[object], lines: Sequence[int | None], problems: Problems) -> list[Any]:
    """Clean a column; an invalid value becomes ``_BAD``, so that it is reported once."""
    # True == 1 == 1.0, so distinct values are checked once only if they share a type.
    kinds = set(map(type, values)) - {type(None)}
    if kinds in ({str}, {int}, set()):
        meant = {value: _stripped(value) for value in set(values)}
        if _are_fit(name, set(meant.values()), problems.stages):
            final = {value: _final(name, text) for value, text in meant.items()} if name == REPLICATE else meant
            return list(map(final.__getitem__, values))
    cleaned: list[Any] = []
    for value, line in zip(values, lines, strict=True):
        problem = problem_of(name, value, problems.stages)
        if problem:
            problems.add(problem, line=line, field=name, value=value)
        cleaned.append(_BAD if problem else _final(name, _stripped(value)))
    return cleaned


def _are_fit(name: str, values: AbstractSet[object], stages: StageTable) -> bool:
    """Return whether all values of a column are valid; each is stripped, or missing."""
    texts = [value for value in values if isinstance(value, str)]
    if name in _REPEATED or len(texts) + (None in values) < len(values):
        return not any(_problem(name, value, stages) for value in values)
    # Ids and names may be as many as rows: they are looked at as one text.
    if name == "gen_id":
        return None not in values and are_safe_names(texts)
    return not _UNFIT.search("".join(texts))


def _stripped(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _final(name: str, value: object) -> object:
    return _replicate(value) if name == REPLICATE else value


def problem_of(name: str, value: object, stages: StageTable = STAGES) -> RowProblem | None:
    """Return the error of a value of a column of :data:`WITH_MODE`, if there is one."""
    return _problem(name, _stripped(value), stages)


def _problem(name: str, value: object, stages: StageTable) -> RowProblem | None:
    """Return the error of a value that is stripped, and ``None`` if blank."""
    if value is None:
        return {"stage": RowProblem.UNKNOWN_STAGE, "gen_id": RowProblem.EMPTY_ID}.get(name)
    if name == REPLICATE:
        return RowProblem.OUT_OF_DOMAIN if _replicate(value) is None else None
    return _text_problem(name, value, stages) if isinstance(value, str) else RowProblem.NOT_TEXT


def _text_problem(name: str, text: str, stages: StageTable) -> RowProblem | None:
    if name == "stage":
        return None if text in stages else RowProblem.UNKNOWN_STAGE
    if name == "gen_id":
        return None if is_safe_name(text) else RowProblem.UNSAFE_ID
    if name == MODE:
        return None if text in MODES else RowProblem.OUT_OF_DOMAIN
    return RowProblem.UNPRINTABLE if _UNFIT.search(text) else None


def _replicate(value: object) -> int | None:
    # Many programs write a column of whole numbers with gaps as floats.
    return normal_replicate(_ZEROS.sub("", value) if isinstance(value, str) else value)


def _distinct(columns: Mapping[str, Sequence[Any]], lines: Sequence[int | None], problems: Problems) -> list[int]:
    """Return the indexes of the first rows per key; repeated rows must have equal values."""
    first: dict[tuple[Any, Any], int] = {}
    for place, key in enumerate(zip(columns["stage"], columns["gen_id"], strict=True)):
        if _BAD in key:
            continue
        earlier = first.setdefault(key, place)
        if earlier == place:
            continue
        if fields := [name for name, values in columns.items() if values[earlier] != values[place]]:
            problems.add(
                RowProblem.DUPLICATE_DISAGREES,
                line=lines[place],
                field="gen_id",
                value=key[1],
                first_line=lines[earlier],
                fields=fields,
            )
    return list(first.values())
