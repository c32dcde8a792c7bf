"""What becomes of generations in a rebuild: those that a mode plans, and one that is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import pandas as pd

from genaudit.decisions import Decision
from genaudit.page.rebuild import causes_said, difference, reusing_modes
from genaudit.schemas import rows
from genaudit.stages import PARENT, STAGE_NAMES, STAGES

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
_SAID: Final = {
    Decision.REUSE: "reused",
    Decision.PARSE: "kept, and parsed from its raw text",
    Decision.COPY: "kept, and copied from its parent",
    Decision.CALL: "kept, and made by a model call",
}


def planned(result: RebuildResult) -> pd.DataFrame:
    """List what the modes plan, each generation once in a mode however many selected ids it is planned for.

    :returns: columns of :data:`genaudit.audits.rebuild.tables.REBUILD` with ``causes`` in words, and ``selected``,
        the number of these ids.
    """
    table = result.frame
    keys = [table[name] for name in _PLANNED]
    selected = table["selection_id"].groupby(keys, sort=False, observed=True).transform("count")
    once = table.assign(selected=selected).drop_duplicates([*_PLANNED])
    return once.assign(causes=pd.Series([causes_said(_read(one)) for one in once["causes"]], once.index, dtype="str"))


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
    """Say what each mode does with a stored generation: keep it, make another in its place, or neither.

    :returns: columns of :data:`FATES`; ``None`` when the generation is not among those that the modes were tried on.
    """
    table = result.frame
    about = table[table["stage"] == stage]
    named = about["causes"].str.contains(gen_id, regex=False).fillna(value=False).astype(bool)
    found: dict[str, list[dict[str, Any]]] = {mode: [] for mode in result.comparison["mode"].unique()}
    for row in rows(about[named | (about["gen_id"] == gen_id)].drop_duplicates([*_PLANNED])):
        causes = _read(row.causes)
        if row.gen_id == gen_id or any(why.get("of") == gen_id for why in causes):
            found[row.mode].append(_fate(row, causes, gen_id))
    if not any(found.values()) and not _is_concerned(session, result, stage, gen_id):
        return None
    told = []
    for mode, several in found.items():
        kept = [one for one in several if one["gen_id"] == gen_id]
        others = [one for one in several if one["gen_id"] != gen_id]
        beside = "another one beside it" if kept else "another one in its place"
        told += kept + [{**one, "fate": beside} for one in others]
        told += [] if several else [{"mode": mode, "fate": "left alone: nothing planned has to do with it"}]
    return _frame(told, FATES)


def _fate(row: Any, causes: list[dict[str, Any]], gen_id: str) -> dict[str, Any]:  # noqa: ANN401 -- a frame's rows are named tuples without a type
    return {
        "mode": row.mode,
        "fate": _SAID[Decision(row.decision)] if row.gen_id == gen_id else "",
        "gen_id": row.gen_id,
        "decision": row.decision,
        "causes": causes_said(causes),
        "tokens": row.tokens,
        "reused_by": reusing_modes(_read(row.would_reuse_if)) if row.would_reuse_if else None,
    }


def _is_concerned(session: Session, result: RebuildResult, stage: str, gen_id: str) -> bool:
    """Tell whether a generation is selected, or is what a selected one is made from, or is made from one."""
    kin, above = result.blast, STAGES[stage].parent
    if above and stage == STAGE_NAMES[-1]:
        # Nothing hangs below the last stage, so what does is told from its parent.
        gen_id = session.snapshot.values(PARENT)[session.snapshot.rows[stage][gen_id]]
        stage = above
    return bool(((kin["stage"] == stage) & (kin["gen_id"] == gen_id)).any())


def _frame(found: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    texts = pd.DataFrame(found, columns=[*columns])
    return texts.astype({name: "Float64" if name == "tokens" else "str" for name in columns}).drop_duplicates()
