"""Counterfactuals: another mode, or other field values, under which a generation would be reused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from genaudit.audits.rebuild.causes import Cause, CauseDetail
from genaudit.audits.rebuild.modes import CURATED, Member, ModePlan, Way
from genaudit.decisions import Decision
from genaudit.ids import normal_text
from genaudit.stages import STAGE_NAMES, STAGES

# A position among the generations of a selected id, the same in every mode.
Slot = tuple[str, ...]

_DIRECTIVES: Final = {name: way for ways in CURATED.values() for name, way in ways.items()}
_FIELDS: Final = frozenset({Cause.PARENT_IS_NEW, Cause.NEW_REPLICATE, Cause.MODEL_DIFFERS, Cause.ID_DIFFERS})


class Slots:
    """The modes that reuse a stored generation and the modes that call a model, by slot.

    A slot is a selected id, a stage, the parts of the signature except parent and replicate, and a number that
    distinguishes otherwise equal slots. A plan without a selection has none.

    :param tried: the planned modes.
    """

    def __init__(self, tried: Sequence[ModePlan]) -> None:
        self._reusing: dict[Slot, list[str]] = defaultdict(list)
        self.called: dict[Slot, list[str]] = defaultdict(list)
        self.of: dict[str, dict[tuple[str, str, str], Slot]] = {}
        for one in tried:
            of = self.of[one.mode] = {}
            for member, selected, slot in _slots(one):
                of[member.stage, member.gen_id, selected] = slot
                if member.decision is Decision.REUSE:
                    self._reusing[slot].append(one.mode)
                elif member.decision is Decision.CALL:
                    self.called[slot].append(one.mode)

    def reused_by(self, mode: str, stage: str, gen_id: str, selected: str) -> list[str]:
        """Return the other modes that reuse a stored generation in the slot of a mode's member."""
        slot = self.of[mode].get((stage, gen_id, selected), ())
        return [other for other in self._reusing.get(slot, ()) if other != mode]


def _slots(tried: ModePlan) -> Iterator[tuple[Member, str, Slot]]:
    numbers: dict[Slot, Iterator[int]] = defaultdict(count)
    for member in tried.each():
        # The selected id determines a draft, whatever model the mode gives it.
        parts = STAGES[member.stage].signature[1:] if STAGES[member.stage].parent else ()
        names = [normal_text(getattr(member, part)) or "" for part in parts]
        for selected in member.selected:
            slot = (selected, member.stage, *names)
            yield member, selected, (*slot, str(next(numbers[slot])))


def would_reuse(modes: Sequence[str], causes: Sequence[CauseDetail]) -> list[dict[str, Any]]:
    """List the conditions of a reuse: modes, or field values.

    :param modes: modes that reuse something in this slot.
    :param causes: causes of the decision.
    :returns: mappings with ``mode`` and ``skip_existing``, and ``reuse`` if the mode needs it; then with ``field``
        and ``value`` for the fields that must equal the stored ones.
    """
    found: list[dict[str, Any]] = []
    for mode in modes:
        way = _DIRECTIVES.get(mode)
        directive = {"mode": way.mode.value, "skip_existing": way.skip_existing} if way else {"mode": mode}
        found.append(directive | ({"reuse": _reuse_words(way)} if way and way.reuse else {}))
    found += [{"field": why.field, "value": why.stored} for why in causes if why.cause in _FIELDS and why.stored]
    return found


def directives(mode: str) -> list[str]:
    """Return the lines of a selection file for a curated mode."""
    way = _DIRECTIVES[mode]
    lines = [f"# mode: {way.mode.value}"]
    lines += ["# skip-existing-evaluations"] if way.skip_existing else []
    return [*lines, *([f"# reuse: {_reuse_words(way)}"] if way.reuse else [])]


def _reuse_words(way: Way) -> str:
    return "existing" if way.reuse == STAGE_NAMES else ", ".join(f"{stage}s" for stage in way.reuse)


def called_in_all(slots: Slots, modes: Sequence[str]) -> Mapping[tuple[str, str, str], int]:
    """Count the slots in which every mode calls a model: no choice of mode saves these calls.

    :returns: by stage, template and model; blank for a stage whose slots have neither.
    """
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for slot, calling in slots.called.items():
        if len(calling) == len(modes):
            _, stage, *names, _ = slot
            template, model = (*names, "", "")[:2]
            counts[stage, template, model] += 1
    return counts
