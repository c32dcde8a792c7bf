"""Outcomes of rebuilds for one stored generation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.rebuild.modes import CURATED
from genaudit.audits.rebuild.sections import cause_names, reusing_modes
from genaudit.decisions import Decision
from genaudit.ids import normal_text
from genaudit.lookup.lineage import Lineage
from genaudit.schemas import rows
from genaudit.stages import PARENT, STAGES
from genaudit.store.snapshot import Snapshot

OUTCOMES: Final = ("mode", "outcome", "gen_id", "decision", "causes", "tokens", "reused_by")
_PLANNED: Final = ("mode", "stage", "gen_id")
_KEPT: Final[Mapping[Decision, str]] = {
    Decision.REUSE: "reused",
    Decision.PARSE: "kept, and parsed from its raw text",
    Decision.COPY: "kept, and copied from its parent",
    Decision.CALL: "kept, and made by a model call",
}
_OTHER: Final = {True: "another stored one like it", False: "a new one like it"}


def selected_alone(snapshot: Snapshot, stage: str, gen_id: str) -> tuple[str, str] | None:
    """Return the selection that rebuilds one generation alone: itself, or for an evaluation its essay.

    :returns: stage and id; ``None`` for an unknown generation, and for an evaluation without a parent.
    """
    row = snapshot.rows.get(stage, {}).get(gen_id)
    if row is None:
        return None
    if stage in CURATED:
        return stage, gen_id
    parent = snapshot.values(PARENT)[row]
    return (str(snapshot.stages[stage].parent), parent) if parent else None


def rebuild_outcomes(
    snapshot: Snapshot, lineage: Lineage, result: RebuildResult, stage: str, gen_id: str
) -> pd.DataFrame | None:
    """List the outcome of a stored generation in each mode: kept, replaced by a similar one, or neither.

    A similar generation is planned for the same selected id, with the same template and model if these are part of
    the stage's signature. For a draft the selected id alone decides.

    :returns: columns of :data:`OUTCOMES`; ``None`` if the rebuild does not cover the generation.
    """
    row = snapshot.rows[stage][gen_id]
    selected = _selected(snapshot, lineage, result, stage, row)
    table = result.frame
    about = table[(table["stage"] == stage) & (table["selection_id"].isin(selected) | (table["gen_id"] == gen_id))]
    if not selected and about.empty:
        return None
    own = _alike(snapshot.generations.iloc[row], stage)
    found: dict[str, list[dict[str, Any]]] = {mode: [] for mode in result.comparison["mode"].unique()}
    for planned_one in rows(about.drop_duplicates([*_PLANNED])):
        if planned_one.gen_id == gen_id or _alike(planned_one, stage) == own:
            found[planned_one.mode].append(_outcome(planned_one, gen_id))
    lines = []
    for mode, several in found.items():
        # Kept generations come before similar ones.
        lines += sorted(several, key=lambda one: one["gen_id"] != gen_id)
        lines += [] if several else [{"mode": mode, "outcome": "left alone", "tokens": ""}]
    return pd.DataFrame(lines, columns=[*OUTCOMES], dtype="str").drop_duplicates(ignore_index=True)


def _selected(snapshot: Snapshot, lineage: Lineage, result: RebuildResult, stage: str, row: int) -> set[str]:
    """Find the selected ids in the lineage of a generation, itself included."""
    choice = result.choice
    near = [row, *lineage.above(row)]
    if STAGES[choice.stage].parent == stage:
        near += lineage.children(row)
    stages, names = snapshot.values("stage"), snapshot.values("gen_id")
    return {names[one] for one in near if stages[one] == choice.stage} & {*choice.ids}


def _alike(row: Any, stage: str) -> tuple[str, ...]:  # noqa: ANN401 -- a row of a frame, by attributes
    parts = STAGES[stage].signature[1:] if STAGES[stage].parent else ()
    values = [getattr(row, part) for part in parts]
    return tuple(normal_text(value) or "" if isinstance(value, str) else "" for value in values)


def _outcome(row: Any, gen_id: str) -> dict[str, Any]:  # noqa: ANN401 -- a frame's rows are named tuples without a type
    outcome = _KEPT[Decision(row.decision)] if row.gen_id == gen_id else _OTHER[row.in_store]
    return {
        "mode": row.mode,
        "outcome": outcome,
        "gen_id": row.gen_id,
        "decision": row.decision,
        "causes": cause_names(orjson.loads(row.causes) if isinstance(row.causes, str) else []),
        "tokens": "unknown" if row.tokens is None else f"{row.tokens:,.0f}",
        "reused_by": reusing_modes(orjson.loads(row.would_reuse_if)) if row.would_reuse_if else None,
    }
