"""Table of the audit: one row per planned generation, mode and selected id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.audits.rebuild.causes import Explanations, texts
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.counterfactuals import Slots, mode_conditions
from genaudit.audits.rebuild.frames import REBUILD
from genaudit.audits.rebuild.modes import ModePlan
from genaudit.audits.rebuild.planned import Planned
from genaudit.decisions import Decision
from genaudit.encoded import Numbers
from genaudit.schemas import frame
from genaudit.stages import PARENT, REPLICATE, STAGE_NAMES

_AMOUNTS: Final = ("tokens", "prompt_tokens", "completion_tokens", "money")


class OutcomeRows:
    """Collector of the table's columns, mode by mode.

    :param saved: the number of each mode's calls that another mode saves.
    """

    def __init__(self, slots: Slots, costs: Costs) -> None:
        self._slots = slots
        self._costs = costs
        self._columns: dict[str, list[NDArray[Any]]] = {name: [np.empty(0, dtype=object)] for name in REBUILD}
        for name in ("stage", "decision"):
            self._columns[name] = [np.empty(0, dtype=np.int8)]
        self.saved: dict[str, int] = {}

    def add(self, plan: ModePlan, explained: Mapping[str, Explanations]) -> None:
        """Add the rows of a mode."""
        self.saved[plan.mode] = 0
        for stage, planned in plan.stages.items():
            why, lines = explained[stage], planned.lines
            numbers, sets = self._slots.reused_by(plan.mode, stage)
            if not len(numbers):
                numbers = np.zeros(len(lines), dtype=np.int64)
            saves = np.array([bool(one) for one in sets], dtype=bool)[numbers] & planned.decided(Decision.CALL)[lines]
            self.saved[plan.mode] += len(np.unique(lines[saves]))
            self._append("mode", texts([plan.mode])[np.zeros(len(lines), dtype=np.int64)])
            self._append("stage", np.full(len(lines), STAGE_NAMES.index(stage), dtype=np.int8))
            self._append("selection_id", planned.selected.take())
            self._append("would_reuse_if", _conditions(why, lines, numbers, sets))
            for name, values in self._of_generations(planned, why).items():
                self._append(name, values[lines])

    def _append(self, name: str, values: NDArray[Any]) -> None:
        self._columns[name].append(values)

    def frame(self) -> pd.DataFrame:
        """Return the rows; columns of :data:`genaudit.audits.rebuild.frames.REBUILD`."""
        # Each column lets go of its parts before the next one is made, and is not copied again.
        columns = (frame({name: REBUILD[name]}, {name: np.concatenate(self._columns.pop(name))}) for name in REBUILD)
        return pd.concat(columns, axis=1)

    def _of_generations(self, planned: Planned, why: Explanations) -> dict[str, NDArray[Any]]:
        """Return the columns that do not depend on the selected id."""
        calls = planned.decided(Decision.CALL)
        destroys = [" ".join(each.destroys) or None for each in planned.outcomes]
        return {
            "gen_id": texts(planned.gen_ids),
            "in_store": planned.stored,
            "decision": planned.decisions,
            "destroys": planned.of_outcomes(destroys, object),
            "causes": _listed(why.causes, why.why),
            "root": why.roots,
            "calls": calls.astype(np.int64),
            **{name: self._amounts(planned, calls, name) for name in _AMOUNTS},
            **{name: planned.fields[name].take() for name in (PARENT, "template_id", "llm_model_id", REPLICATE)},
        }

    def _amounts(self, planned: Planned, calls: NDArray[np.bool_], name: str) -> NDArray[Any]:
        """Return an amount of each generation: without a call it is zero, and for an unknown kind of call missing."""
        kinds, kind = planned.kinds
        free = None if name == "money" and self._costs.prices is None else 0.0
        made = np.full(len(planned), free, dtype=object)
        made[calls] = np.array([self._amount(one, name) for one in kinds], dtype=object)[kind[calls]]
        return made

    def _amount(self, kind: tuple[str, str, str], name: str) -> float | None:
        cost = self._costs.known.get(kind)
        if name == "money":
            return self._costs.money(kind)
        if cost is None:
            return None
        return {"tokens": cost.tokens, "prompt_tokens": cost.prompt.median}.get(name, cost.completion.median)


def _conditions(why: Explanations, lines: Numbers, numbers: Numbers, sets: Sequence[Sequence[str]]) -> NDArray[Any]:
    """List the conditions of a reuse for each line as JSON: modes, then values of fields."""
    made = texts([mode_conditions(modes) for modes in sets])[numbers] + why.conditions[lines]
    return _listed(made, why.why[lines])


def _listed(parts: NDArray[Any], wanted: NDArray[np.bool_]) -> NDArray[Any]:
    """Make a JSON list of each row's objects; rows that are not wanted have none."""
    made = np.full(len(parts), None, dtype=object)
    own = parts[wanted].tolist()
    # Siblings have equal lists, and a row holds no list of its own.
    lists = {part: f"[{part[:-1]}]" for part in dict.fromkeys(own)}
    made[wanted] = list(map(lists.__getitem__, own))
    return made
