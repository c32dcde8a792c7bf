"""The audit's table: a row for each planned generation, in each mode, for each selected id that it is planned for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from genaudit.audits.rebuild.instead import Slots, would_reuse
from genaudit.audits.rebuild.tables import REBUILD
from genaudit.decisions import Decision
from genaudit.schemas import frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from genaudit.audits.rebuild.causes import Explained, Why
    from genaudit.audits.rebuild.costs import Costs
    from genaudit.audits.rebuild.modes import Member, Tried


def lay_out(
    tried: Sequence[Tried],
    explained: Mapping[str, Mapping[str, Mapping[str, Explained]]],
    slots: Slots,
    costs: Costs,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Lay out a row for each planned generation and selected id; and count the calls that another mode saves."""
    columns: dict[str, list[Any]] = {name: [] for name in REBUILD}
    saved: dict[str, int] = {}
    for one in tried:
        avoidable: set[tuple[str, str]] = set()
        for member in one.each():
            why = explained[one.mode][member.stage].get(member.gen_id)
            told = {**_common(one.mode, member, costs), **_told(why)}
            for selected in member.selected or (None,):
                modes: list[str] = []
                if why and selected is not None:
                    modes = slots.reused_by(one.mode, member.stage, member.gen_id, selected)
                if modes and member.decision is Decision.CALL:
                    avoidable.add((member.stage, member.gen_id))
                told["selection_id"] = selected
                told["would_reuse_if"] = _json(would_reuse(modes, why.causes)) if why else None
                for name, column in columns.items():
                    column.append(told[name])
        saved[one.mode] = len(avoidable)
    return frame(REBUILD, columns), saved


def _common(mode: str, member: Member, costs: Costs) -> dict[str, Any]:
    cost = costs.of(member)
    # What calls no model takes no tokens; what calls one and is of unknown cost takes an unknown number.
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


def _told(why: Explained | None) -> dict[str, Any]:
    if why is None:
        return {"causes": None, "root": None}
    return {"causes": _json([_plain(one) for one in why.causes]), "root": why.root}


def _plain(why: Why) -> dict[str, str]:
    return {name: str(value) for name, value in why._asdict().items() if value is not None}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
