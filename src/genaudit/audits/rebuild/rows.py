"""Table of the audit: one row per planned generation, mode and selected id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pandas as pd

from genaudit.audits.rebuild.causes import CauseDetail, Explained
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.counterfactuals import Slots, would_reuse
from genaudit.audits.rebuild.frames import REBUILD
from genaudit.audits.rebuild.modes import Member, ModePlan
from genaudit.decisions import Decision
from genaudit.schemas import frame


def lay_out(
    tried: Sequence[ModePlan],
    explained: Mapping[str, Mapping[str, Mapping[str, Explained]]],
    slots: Slots,
    costs: Costs,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Build a row for each planned generation and selected id, and count the calls that another mode saves."""
    columns: dict[str, list[Any]] = {name: [] for name in REBUILD}
    saved: dict[str, int] = {}
    for one in tried:
        avoidable: set[tuple[str, str]] = set()
        for member in one.each():
            why = explained[one.mode][member.stage].get(member.gen_id)
            cells = {**_common(one.mode, member, costs), **_cause_cells(why)}
            for selected in member.selected or (None,):
                modes: list[str] = []
                if why and selected is not None:
                    modes = slots.reused_by(one.mode, member.stage, member.gen_id, selected)
                if modes and member.decision is Decision.CALL:
                    avoidable.add((member.stage, member.gen_id))
                cells["selection_id"] = selected
                cells["would_reuse_if"] = _json(would_reuse(modes, why.causes)) if why else None
                for name, column in columns.items():
                    column.append(cells[name])
        saved[one.mode] = len(avoidable)
    return frame(REBUILD, columns), saved


def _common(mode: str, member: Member, costs: Costs) -> dict[str, Any]:
    cost = costs.of(member)
    # Without a call the cost is zero; a call of unknown cost has an unknown number of tokens.
    free = None if member.decision is Decision.CALL else 0.0
    return {
        "mode": mode,
        "stage": member.stage,
        "gen_id": member.gen_id,
        "in_store": member.stored,
        "decision": member.decision,
        "destroys": " ".join(member.outcome.destroys) or None,
        "calls": int(member.decision is Decision.CALL),
        "tokens": cost.tokens if cost else free,
        "prompt_tokens": cost.prompt.median if cost else free,
        "completion_tokens": cost.completion.median if cost else free,
        "money": costs.money(member),
        "parent_gen_id": member.parent_gen_id,
        "template_id": member.template_id,
        "llm_model_id": member.llm_model_id,
        "replicate": member.replicate,
    }


def _cause_cells(why: Explained | None) -> dict[str, Any]:
    if why is None:
        return {"causes": None, "root": None}
    return {"causes": _json([_plain(one) for one in why.causes]), "root": why.root}


def _plain(why: CauseDetail) -> dict[str, str]:
    return {name: str(value) for name, value in why._asdict().items() if value is not None}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
