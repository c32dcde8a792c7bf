"""Planned generations of a rebuild, and the reasons for their decisions."""

from __future__ import annotations

from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.rebuild.sections import cause_names, difference, reusing_modes
from genaudit.schemas import rows

_PLANNED: Final = ("mode", "stage", "gen_id")
REASONS: Final = (
    "mode",
    "decision",
    "cause",
    "differs",
    "compared_with",
    "begins_with",
    "reused_by",
    "or_if",
    "selection_id",
)


def planned(result: RebuildResult) -> pd.DataFrame:
    """List the planned generations, each once per mode, whatever the number of its selected ids.

    :returns: columns of :data:`genaudit.audits.rebuild.frames.REBUILD` with ``causes`` in words, and ``selected``,
        the number of selected ids.
    """
    table = result.frame
    keys = [table[name] for name in _PLANNED]
    selected = table["selection_id"].groupby(keys, sort=False, observed=True).transform("count")
    once = table.assign(selected=selected).drop_duplicates([*_PLANNED])
    return once.assign(causes=pd.Series([cause_names(_read(one)) for one in once["causes"]], once.index, dtype="str"))


def _read(causes: object) -> list[dict[str, Any]]:
    """Parse causes or conditions; a reused generation has none."""
    read: list[dict[str, Any]] = orjson.loads(causes) if isinstance(causes, str) else []
    return read


def because_of(table: pd.DataFrame, cause: str | None) -> pd.DataFrame:
    """Keep the planned generations that have a cause, among others or alone; ``None`` keeps all."""
    if cause is None:
        return table
    return table[[cause in names.split(", ") for names in table["causes"]]]


def causes_of(table: pd.DataFrame) -> list[str]:
    """List the causes that occur in the table, sorted."""
    return sorted({cause for names in table["causes"].unique() for cause in names.split(", ") if cause})


def reasons(result: RebuildResult, stage: str | None, gen_id: str | None) -> pd.DataFrame:
    """List the reasons for a planned generation's decision, one row per mode and cause.

    :returns: columns of :data:`REASONS`; empty if no mode plans the generation.
    """
    table = result.frame
    found = [
        {
            "mode": row.mode,
            "decision": row.decision,
            "cause": why.get("cause", "").replace("_", " "),
            "differs": difference(why),
            "compared_with": why.get("of"),
            "begins_with": "itself" if row.root == "own" else row.root,
            "reused_by": reusing_modes(_read(row.would_reuse_if)) if row.would_reuse_if else None,
            "or_if": _or_if(row.would_reuse_if),
            "selection_id": row.selection_id,
        }
        for row in rows(table[(table["stage"] == stage) & (table["gen_id"] == gen_id)])
        for why in _read(row.causes) or [{}]
    ]
    return _frame(found, REASONS)


def _or_if(conditions: str | None) -> str:
    return ", ".join(f"{one['field']} were {one['value']}" for one in _read(conditions) if "field" in one)


def _frame(found: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=[*columns], dtype="str").drop_duplicates(ignore_index=True)
