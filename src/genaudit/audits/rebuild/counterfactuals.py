"""Counterfactuals: another mode, or other field values, under which a generation would be reused."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from genaudit.audits.rebuild.causes import Cause, CauseDetail
from genaudit.audits.rebuild.modes import CURATED, Member, ModePlan, Way
from genaudit.decisions import Decision
from genaudit.ids import normal_name
from genaudit.stages import STAGE_NAMES, STAGES

# A position among the generations of a selected id, the same in every mode.
Slot = tuple[str, ...]

NO_SLOT: Final = -1
_DIRECTIVES: Final = {name: way for ways in CURATED.values() for name, way in ways.items()}
_FIELDS: Final = frozenset({Cause.PARENT_IS_NEW, Cause.NEW_REPLICATE, Cause.MODEL_DIFFERS, Cause.ID_DIFFERS})


class Slots:
    """The modes that reuse a stored generation and the modes that call a model, by slot.

    A slot is a selected id, a stage, the parts of the signature except parent and replicate, and a number that
    distinguishes otherwise equal slots. A plan without a selection has none. A set of modes is a number with a bit
    for each.

    :param tried: the planned modes.
    """

    def __init__(self, tried: Sequence[ModePlan]) -> None:
        self._modes = [one.mode for one in tried]
        self._slots: dict[Slot, int] = {}
        self._reusing: list[int] = []
        self._calling: list[int] = []
        self._of: dict[str, array[int]] = {}
        for place, one in enumerate(tried):
            self._add(one, 1 << place)

    def _add(self, tried: ModePlan, bit: int) -> None:
        of = self._of[tried.mode] = array("l")
        for member, slot in _slots(tried):
            number = NO_SLOT if slot is None else self._slots.setdefault(slot, len(self._slots))
            of.append(number)
            if number == len(self._reusing):
                self._reusing.append(0)
                self._calling.append(0)
            if number != NO_SLOT and member.decision is Decision.REUSE:
                self._reusing[number] |= bit
            elif number != NO_SLOT and member.decision is Decision.CALL:
                self._calling[number] |= bit

    def reused_by(self, mode: str) -> Iterator[Sequence[str]]:
        """Yield the other modes that reuse a stored generation in the slot of each line of a mode."""
        others = ~(1 << self._modes.index(mode))
        named: dict[int, list[str]] = {}
        for number in self._of[mode]:
            reusing = 0 if number == NO_SLOT else self._reusing[number] & others
            if reusing not in named:
                named[reusing] = [name for place, name in enumerate(self._modes) if reusing >> place & 1]
            yield named[reusing]

    def called_by(self, modes: int) -> Iterator[Slot]:
        """Yield the slots in which as many modes call a model."""
        for slot, calling in zip(self._slots, self._calling, strict=True):
            if calling.bit_count() == modes:
                yield slot


def lines(tried: ModePlan) -> Iterator[tuple[Member, str | None]]:
    """Yield each member of a mode once for each of its selected ids, or once without any."""
    for member in tried.each():
        for selected in member.selected or (None,):
            yield member, selected


def _slots(tried: ModePlan) -> Iterator[tuple[Member, Slot | None]]:
    """Yield the slot of each line of a mode."""
    counts: dict[Slot, int] = defaultdict(int)
    for member, selected in lines(tried):
        if selected is None:
            yield member, None
            continue
        # The selected id determines a draft, whatever model the mode gives it.
        parts = STAGES[member.stage].signature[1:] if STAGES[member.stage].parent else ()
        slot = (selected, member.stage, *[normal_name(getattr(member, part)) or "" for part in parts])
        number = counts[slot] = counts[slot] + 1
        yield member, (*slot, str(number))


def would_reuse(modes: Sequence[str], causes: Sequence[CauseDetail]) -> list[dict[str, Any]]:
    """List the conditions of a reuse: modes, or field values.

    :param modes: modes that reuse something in this slot.
    :param causes: causes of the decision.
    :returns: mappings with ``mode`` and ``skip_existing``, and ``reuse`` if the mode needs it; then with ``field``
        and ``value`` for the fields that must equal the stored ones.
    """
    found = [*map(_condition, modes)]
    found += [{"field": why.field, "value": why.stored} for why in causes if why.cause in _FIELDS and why.stored]
    return found


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


def called_in_all(slots: Slots, modes: Sequence[str]) -> Mapping[tuple[str, str, str], int]:
    """Count the slots in which every mode calls a model: no choice of mode saves these calls.

    :returns: by stage, template and model; blank for a stage whose slots have neither.
    """
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for _, stage, *names, _ in slots.called_by(len(modes)):
        template, model = (*names, "", "")[:2]
        counts[stage, template, model] += 1
    return counts
