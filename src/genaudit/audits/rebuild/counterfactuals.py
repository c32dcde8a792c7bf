"""Counterfactuals: another mode, or other field values, under which a generation would be reused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson

from genaudit.audits.rebuild.modes import CURATED, ModePlan, Way
from genaudit.audits.rebuild.planned import Planned
from genaudit.cohorts.bases import counted
from genaudit.decisions import Decision
from genaudit.encoded import MISSING, Numbers, distinct
from genaudit.ids import normal_name
from genaudit.stages import STAGE_NAMES, STAGES

_DIRECTIVES: Final = {name: way for ways in CURATED.values() for name, way in ways.items()}


class Slots:
    """The modes that reuse a stored generation and the modes that call a model, by slot.

    A slot is a selected id, a stage, the parts of the signature except parent and replicate, and a number that
    distinguishes otherwise equal slots. A plan without a selection has none. A set of modes is a number with a bit
    for each mode that has slots.

    :param plans: the planned modes.
    """

    def __init__(self, plans: Sequence[ModePlan]) -> None:
        self._modes = [one.mode for one in plans if any(each.selected.values for each in one.stages.values())]
        self._places: dict[tuple[str, str], Numbers] = {}
        self._reusing: dict[str, Numbers] = {}
        self._kinds: list[tuple[tuple[str, ...], int]] = []
        chosen = [one for one in plans if one.mode in self._modes]
        owners: dict[str, int] = {}
        for stage in STAGE_NAMES:
            self._add(stage, chosen, owners)

    def _add(self, stage: str, plans: Sequence[ModePlan], owners: dict[str, int]) -> None:
        """Number the slots of a stage.

        :param owners: the numbers of the selected ids.
        """
        kinds: dict[tuple[str, ...], int] = {}
        parts = [_line_slots(one.stages[stage], owners, kinds) for one in plans]
        if not parts:
            return
        first, slots = distinct([np.concatenate(columns) for columns in zip(*parts, strict=True)])
        reusing, calling = (np.zeros(len(first), dtype=np.int64) for _ in range(2))
        start = 0
        for place, one in enumerate(plans):
            planned = one.stages[stage]
            own = slots[start : start + len(planned.lines)]
            start += len(own)
            self._places[one.mode, stage] = own
            # A mode has each slot once.
            reusing[own[planned.decided(Decision.REUSE)[planned.lines]]] |= 1 << place
            calling[own[planned.decided(Decision.CALL)[planned.lines]]] |= 1 << place
        self._reusing[stage] = reusing
        named = [*kinds]
        of_first = np.concatenate([kind for _, kind, _ in parts])[first]
        everywhere = np.bincount(of_first[calling == (1 << len(plans)) - 1], minlength=len(named)).tolist()
        self._kinds += [((stage, *name), count) for name, count in zip(named, everywhere, strict=True) if count]

    def reused_by(self, mode: str, stage: str) -> tuple[Numbers, list[list[str]]]:
        """Return the other modes that reuse a stored generation in the slot of each line of a stage.

        :returns: for each line the number of its set of modes, and the sets.
        """
        if (mode, stage) not in self._places:
            return np.empty(0, dtype=np.int64), [[]]
        others = self._reusing[stage][self._places[mode, stage]] & ~(1 << self._modes.index(mode))
        sets, numbers = np.unique(others, return_inverse=True)
        return numbers, [
            [name for place, name in enumerate(self._modes) if one >> place & 1] for one in sets.tolist()
        ]

    def called_in_all(self) -> Mapping[tuple[str, str, str], int]:
        """Count the slots in which every mode calls a model: no choice of mode saves these calls.

        :returns: by stage, template and model; blank for a stage whose slots have neither.
        """
        counts: dict[tuple[str, str, str], int] = {}
        for (stage, *names), count in self._kinds:
            template, model = (*names, "", "")[:2]
            counts[stage, template, model] = count
        return counts


def _line_slots(
    planned: Planned, owners: dict[str, int], kinds: dict[tuple[str, ...], int]
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the owner, the kind and the number of the slot of each line of a mode.

    :param kinds: the numbers of the parts of signatures.
    """
    owner = planned.selected.mapped(lambda one: owners.setdefault(one, len(owners)), np.int64, MISSING)
    # The selected id determines a draft, whatever model the mode gives it.
    stage = STAGES[planned.stage]
    columns = [planned.fields[part] for part in stage.signature[1:]] if stage.parent else []
    kind = np.full(len(planned.lines), kinds.setdefault((), 0) if not columns else MISSING)
    if columns and len(planned):
        first, numbers = distinct([column.places for column in columns])
        named = [tuple(normal_name(column.value(row)) or "" for column in columns) for row in first.tolist()]
        kind = np.array([kinds.setdefault(name, len(kinds)) for name in named])[numbers][planned.lines]
    _, groups = distinct([owner, kind])
    return owner, kind, counted(groups, np.ones(len(groups), dtype=bool)) - 1


def mode_conditions(modes: Sequence[str]) -> str:
    """Return the modes of a reuse as JSON objects, each followed by a comma.

    Each has ``mode`` and ``skip_existing``, and ``reuse`` if the mode needs it.
    """
    return "".join(f"{orjson.dumps(_condition(mode)).decode()}," for mode in modes)


@lru_cache
def _condition(mode: str) -> dict[str, Any]:
    way = _DIRECTIVES.get(mode)
    directive = {"mode": way.mode.value, "skip_existing": way.skip_existing} if way else {"mode": mode}
    return directive | ({"reuse": _reuse_words(way)} if way and way.reuse else {})


def directives(mode: str) -> list[str]:
    """Return the lines of a selection file for a curated mode."""
    way = _DIRECTIVES[mode]
    lines = [f"# mode: {way.mode.value}"]
    lines += ["# skip-existing-evaluations"] if way.skip_existing else []
    return [*lines, *([f"# reuse: {_reuse_words(way)}"] if way.reuse else [])]


def _reuse_words(way: Way) -> str:
    return "existing" if way.reuse == STAGE_NAMES else ", ".join(f"{stage}s" for stage in way.reuse)
