"""Result of an audit, and the collector of its findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from genaudit.codes import CODES, SEVERITIES
from genaudit.encoded import Encoded, encode
from genaudit.schemas import FINDINGS, frame
from genaudit.stages import STAGES, StageTable

S = TypeVar("S")

MAX_SHOWN: Final = 200
MAX_NAMED: Final = 10
# The columns of a finding that its code does not give.
_OWN: Final = ("code", "stage", "gen_id", "field", "expected", "actual", "path", "detail")


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of an audit: counts of checked items, and of skipped and unverified items by reason."""

    checked: Mapping[str, int]
    skipped: Mapping[str, int] = field(default_factory=dict)
    unverified: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotRun:
    """The error that kept an audit from running.

    :param reason: the reason in the error's context.
    :param sentence: state and cause, for people.
    """

    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditResult(Generic[S]):
    """The result of one audit.

    :param name: the audit's name, as on the command line.
    :param summary: a dataclass; its fields are the JSON report, in order.
    :param frame: the audit's table; :mod:`genaudit.schemas` has its columns.
    :param findings: columns of :data:`genaudit.schemas.FINDINGS`, sorted.
    :param coverage: counts of checked, skipped and unverified items.
    :param not_run: the error that kept the audit from running; its findings are then no evidence.
    :param stages: the store's table of stages.
    """

    name: str
    summary: S
    frame: pd.DataFrame
    findings: pd.DataFrame
    coverage: Coverage
    not_run: NotRun | None = field(default=None, kw_only=True)
    stages: StageTable = field(default=STAGES, kw_only=True)


class Findings:
    """Collects findings; severity, audit and remedy come from the code.

    :param stages: the store's table of stages, for their order.
    """

    def __init__(self, stages: StageTable = STAGES) -> None:
        self._places: dict[str | None, int] = {stage: place for place, stage in enumerate(stages)}
        self._columns: dict[str, list[str | None]] = {name: [] for name in _OWN}

    def add(
        self,
        code: str,
        *,
        stage: str | None = None,
        gen_id: str | None = None,
        field: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
        path: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Add one finding; fields that do not apply stay missing."""
        row = (code, stage, gen_id, field, expected, actual, path, detail)
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def extend(self, others: Findings) -> None:
        """Add the findings that another process collected."""
        for name, values in others._columns.items():
            self._columns[name].extend(values)

    def frame(self) -> pd.DataFrame:
        """The findings in a fixed order: by severity, code, stage, id, field and path."""
        found = {name: encode(values) for name, values in self._columns.items()}
        order = self._order(found)
        columns = {name: Encoded(column.places[order], column.values) for name, column in found.items()}
        codes = columns["code"]
        known = [CODES[code] for code in codes.values]  # noqa: PD011 (no frame)
        columns["audit"] = codes.derived([code.audit for code in known])
        columns["severity"] = codes.derived([code.severity for code in known])
        columns["fix"] = codes.derived([code.fix for code in known])
        return frame(FINDINGS, columns)

    def _order(self, found: Mapping[str, Encoded]) -> NDArray[np.intp]:
        """Return the row numbers in order; a store can have a finding for each generation, so no row is built."""
        codes = sorted(found["code"].values, key=lambda code: (SEVERITIES.index(CODES[code].severity), code))
        keys = [
            found["code"].mapped({code: place for place, code in enumerate(codes)}.__getitem__, np.int64, -1),
            found["stage"].mapped(lambda stage: self._places.get(stage, -1), np.int64, -1),
            *(_alphabetical(found[name]) for name in ("gen_id", "field", "path", "detail")),
        ]
        # The first key of lexsort is the last one that counts.
        return np.lexsort(keys[::-1])


def _alphabetical(column: Encoded) -> NDArray[Any]:
    """Return the place of each row's value in the order of all values; a missing one counts as empty."""
    places = {value: place for place, value in enumerate(sorted({"", *column.values}))}  # noqa: PD011 (no frame)
    return column.mapped(places.__getitem__, np.int64, 0)


def shown_value(value: object) -> str:
    """Format a stored value as JSON, shortened for a table."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def others(gen_ids: list[str]) -> str:
    """Name the generations of a group except its first: a few by id, the rest by number."""
    rest = gen_ids[1:]
    named = ", ".join(rest[:MAX_NAMED])
    return f"{named} and {len(rest) - MAX_NAMED} more" if len(rest) > MAX_NAMED else named


def repeated(values: Sequence[str | None], first: int) -> dict[str, list[int]]:
    """Find the values that occur more than once, with the row numbers of each.

    :param first: the row number of the first value.
    """
    if len(set(values)) == len(values):
        return {}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(values, first):
        if value is not None:
            rows[value].append(row)
    return {value: found for value, found in rows.items() if len(found) > 1}
