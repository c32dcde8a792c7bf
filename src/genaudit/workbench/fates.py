"""What becomes of generations in a rebuild: those that a mode plans, and one that is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import pandas as pd

from genaudit.audits.rebuild.sections import cause_names, difference, reusing_modes
from genaudit.decisions import Decision
from genaudit.ids import normal_text
from genaudit.schemas import rows
from genaudit.stages import STAGES

if TYPE_CHECKING:
    from genaudit.audits.rebuild import RebuildResult
    from genaudit.workbench.session import Session

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
FATES: Final = ("mode", "fate", "gen_id", "decision", "causes", "tokens", "reused_by")
_KEPT: Final = {
    Decision.REUSE: "reused",
    Decision.PARSE: "kept, and parsed from its raw text",
    Decision.COPY: "kept, and copied from its parent",
    Decision.CALL: "kept, and made by a model call",
}
_OTHER: Final = {True: "another stored one like it", False: "a new one like it"}


def planned(result: RebuildResult) -> pd.DataFrame:
    """List what the modes plan, each generation once in a mode however many selected ids it is planned for.

    :returns: columns of :data:`genaudit.audits.rebuild.tables.REBUILD` with ``causes`` in words, and ``selected``,
        the number of these ids.
    """
    table = result.frame
    keys = [table[name] for name in _PLANNED]
    selected = table["selection_id"].groupby(keys, sort=False, observed=True).transform("count")
    once = table.assign(selected=selected).drop_duplicates([*_PLANNED])
    return once.assign(causes=pd.Series([cause_names(_read(one)) for one in once["causes"]], once.index, dtype="str"))


def _read(causes: object) -> list[dict[str, Any]]:
    """Read causes or conditions; what is reused has none."""
    read: list[dict[str, Any]] = orjson.loads(causes) if isinstance(causes, str) else []
    return read


def because_of(table: pd.DataFrame, cause: str | None) -> pd.DataFrame:
    """Keep the planned generations that a cause concerns, among others or alone; ``None`` keeps all."""
    if cause is None:
        return table
    return table[[cause in said.split(", ") for said in table["causes"]]]


def causes_of(table: pd.DataFrame) -> list[str]:
    """The causes that concern any of the planned generations."""
    return sorted({cause for said in table["causes"].unique() for cause in said.split(", ") if cause})


def reasons(result: RebuildResult, stage: str | None, gen_id: str | None) -> pd.DataFrame:
    """Say why a planned generation is dealt with as it is, a row for each mode and cause.

    :returns: columns of :data:`REASONS`; no row for what no mode plans.
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


def fates(session: Session, result: RebuildResult, stage: str, gen_id: str) -> pd.DataFrame | None:
    """Say what each mode does with a stored generation: keep it, plan another like it, or neither.

    What is like it is planned for the same selected id, with the same template and model where these are part of the
    stage's signature; of a draft it is any, for the selected id fixes which one is meant.

    :returns: columns of :data:`FATES`; ``None`` when the generation is not among those that the modes were tried on.
    """
    row = session.snapshot.rows[stage][gen_id]
    selected = _selected(session, result, stage, row)
    table = result.frame
    about = table[(table["stage"] == stage) & (table["selection_id"].isin(selected) | (table["gen_id"] == gen_id))]
    if not selected and about.empty:
        return None
    own = _alike(session.generations.iloc[row], stage)
    found: dict[str, list[dict[str, Any]]] = {mode: [] for mode in result.comparison["mode"].unique()}
    for planned_one in rows(about.drop_duplicates([*_PLANNED])):
        if planned_one.gen_id == gen_id or _alike(planned_one, stage) == own:
            found[planned_one.mode].append(_fate(planned_one, gen_id))
    told = []
    for mode, several in found.items():
        # What is kept comes before what is planned beside it.
        told += sorted(several, key=lambda one: one["gen_id"] != gen_id)
        told += [] if several else [{"mode": mode, "fate": "left alone", "tokens": ""}]
    return _frame(told, FATES)


def _selected(session: Session, result: RebuildResult, stage: str, row: int) -> set[str]:
    """Find the selected ids that concern a generation: itself, what it is made from, or what is made from it."""
    choice = result.choice
    near = [row, *session.kin.above(row)]
    if STAGES[choice.stage].parent == stage:
        near += session.kin.children(row)
    stages, names = session.snapshot.values("stage"), session.snapshot.values("gen_id")
    return {names[one] for one in near if stages[one] == choice.stage} & {*choice.ids}


def _alike(row: Any, stage: str) -> tuple[str, ...]:  # noqa: ANN401 -- a row of a frame, by attributes
    parts = STAGES[stage].signature[1:] if STAGES[stage].parent else ()
    values = [getattr(row, part) for part in parts]
    return tuple(normal_text(value) or "" if isinstance(value, str) else "" for value in values)


def _fate(row: Any, gen_id: str) -> dict[str, Any]:  # noqa: ANN401 -- a frame's rows are named tuples without a type
    fate = _KEPT[Decision(row.decision)] if row.gen_id == gen_id else _OTHER[row.in_store]
    return {
        "mode": row.mode,
        "fate": fate,
        "gen_id": row.gen_id,
        "decision": row.decision,
        "causes": cause_names(_read(row.causes)),
        "tokens": "unknown" if row.tokens is None else f"{row.tokens:,.0f}",
        "reused_by": reusing_modes(_read(row.would_reuse_if)) if row.would_reuse_if else None,
    }


def _frame(found: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=[*columns], dtype="str").drop_duplicates(ignore_index=True)
