"""What every audit returns, and the frame of findings that it fills."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import orjson

from genaudit.codes import CODES, SEVERITIES
from genaudit.schemas import FINDINGS, from_rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

S = TypeVar("S")

MAX_SHOWN: Final = 200
MAX_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an audit looked at: counts of what it checked, and why it left the rest, each with its count."""

    checked: Mapping[str, int]
    skipped: Mapping[str, int] = field(default_factory=dict)
    unverified: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotRun:
    """The error that kept an audit from running.

    :param reason: as in the error's context.
    :param sentence: state and cause, for people.
    """

    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditResult(Generic[S]):
    """The result of one audit.

    :param name: the audit's name, as on the command line.
    :param summary: a dataclass; its fields are the JSON report, in order.
    :param frame: the audit's table; its columns stand in :mod:`genaudit.schemas` under the audit's own constant.
    :param findings: columns of :data:`genaudit.schemas.FINDINGS`, sorted.
    :param coverage: what was checked, skipped, and could not be verified.
    :param not_run: the error that kept the audit from running; its findings are then no evidence.
    """

    name: str
    summary: S
    frame: pd.DataFrame
    findings: pd.DataFrame
    coverage: Coverage
    not_run: NotRun | None = field(default=None, kw_only=True)


class Findings:
    """Collects findings; severity, audit and remedy come from the code."""

    def __init__(self) -> None:
        self._rows: list[dict[str, str | None]] = []

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
        """Add one finding; what does not apply stays missing."""
        known = CODES[code]
        self._rows.append(
            {
                "audit": known.audit,
                "code": code,
                "severity": known.severity,
                "stage": stage,
                "gen_id": gen_id,
                "field": field,
                "expected": expected,
                "actual": actual,
                "path": path,
                "detail": detail,
                "fix": known.fix,
            }
        )

    def frame(self) -> pd.DataFrame:
        """The findings in a fixed order: by severity, code, stage, id, field and path."""
        return from_rows(FINDINGS, sorted(self._rows, key=_order))


def _order(row: Mapping[str, str | None]) -> tuple[Any, ...]:
    stage = row["stage"]
    severity = [*SEVERITIES].index(CODES[str(row["code"])].severity)
    position = STAGE_NAMES.index(stage) if stage in STAGE_NAMES else -1
    rest = (row["gen_id"], row["field"], row["path"], row["detail"])
    return (severity, row["code"], position, *(value or "" for value in rest))


def shown_value(value: object) -> str:
    """Write a stored value as JSON, cut to a length that a table can show."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def others(gen_ids: list[str]) -> str:
    """Name the generations of a group but its first, the first few by id and the rest by number."""
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
