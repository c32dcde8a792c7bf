"""Table of the audit: one row per planned generation, mode and selected id."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.rebuild.causes import CauseDetail, Explained
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.counterfactuals import Slots, lines, would_reuse
from genaudit.audits.rebuild.frames import REBUILD
from genaudit.audits.rebuild.modes import Member, ModePlan
from genaudit.decisions import Decision
from genaudit.schemas import frame

_OF_MEMBER: Final = {
    "stage": "stage",
    "gen_id": "gen_id",
    "in_store": "stored",
    "decision": "decision",
    "parent_gen_id": "parent_gen_id",
    "template_id": "template_id",
    "llm_model_id": "llm_model_id",
    "replicate": "replicate",
}
_AMOUNTS: Final = ("calls", "tokens", "prompt_tokens", "completion_tokens", "money", "destroys")


class Table:
    """Collector of the table's columns, mode by mode.

    :param saved: the number of each mode's calls that another mode saves.
    """

    def __init__(self, slots: Slots, costs: Costs) -> None:
        self._slots = slots
        self._costs = costs
        self._columns: dict[str, list[Any]] = {name: [] for name in REBUILD}
        self._amounts: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.saved: dict[str, int] = {}

    def add(self, tried: ModePlan, explained: Mapping[str, Mapping[str, Explained]]) -> None:
        """Add the rows of a mode."""
        columns = self._columns
        members: list[Member] = []
        avoidable: set[tuple[str, str]] = set()
        previous: tuple[Member | None, str | None] = (None, None)
        for (member, selected), modes in zip(lines(tried), self._slots.reused_by(tried.mode), strict=True):
            why = explained[member.stage].get(member.gen_id)
            if member is not previous[0]:
                previous = member, _json([_plain(one) for one in why.causes]) if why else None
            if why and modes and member.decision is Decision.CALL:
                avoidable.add((member.stage, member.gen_id))
            members.append(member)
            columns["selection_id"].append(selected)
            columns["causes"].append(previous[1])
            columns["root"].append(why.root if why else None)
            columns["would_reuse_if"].append(_json(would_reuse(modes, why.causes)) if why else None)
        columns["mode"] += [tried.mode] * len(members)
        for name, field in _OF_MEMBER.items():
            columns[name] += map(attrgetter(field), members)
        amounts = [self._amounts_of(member) for member in members]
        for name, values in zip(_AMOUNTS, zip(*amounts, strict=True), strict=bool(amounts)):
            columns[name] += values
        self.saved[tried.mode] = len(avoidable)

    def frame(self) -> pd.DataFrame:
        """Return the rows; columns of :data:`genaudit.audits.rebuild.frames.REBUILD`."""
        return frame(REBUILD, self._columns)

    def _amounts_of(self, member: Member) -> tuple[Any, ...]:
        """Return the values of a member that only depend on its call and its outcome."""
        key = (member.stage, member.template_id, member.llm_model_id, member.decision, member.outcome.destroys)
        if key not in self._amounts:
            cost = self._costs.of(member)
            # Without a call the cost is zero; a call of unknown cost has an unknown number of tokens.
            free = None if member.decision is Decision.CALL else 0.0
            self._amounts[key] = (
                int(member.decision is Decision.CALL),
                cost.tokens if cost else free,
                cost.prompt.median if cost else free,
                cost.completion.median if cost else free,
                self._costs.money(member),
                " ".join(member.outcome.destroys) or None,
            )
        return self._amounts[key]


def _plain(why: CauseDetail) -> dict[str, str]:
    return {name: str(value) for name, value in zip(CauseDetail._fields, why, strict=True) if value is not None}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
