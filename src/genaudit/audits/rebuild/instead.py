"""What would have reused a generation: another mode that was tried, or fields that would have to say otherwise."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from genaudit.audits.rebuild.causes import Cause
from genaudit.audits.rebuild.modes import CURATED
from genaudit.decisions import Decision
from genaudit.ids import normal_text
from genaudit.stages import STAGE_NAMES, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from genaudit.audits.rebuild.causes import Why
    from genaudit.audits.rebuild.modes import Member, Tried, Way

# A place in what a selected id stands for: the same in every mode, whatever generation fills it.
Slot = tuple[str, ...]

_DIRECTIVES: Final = {name: way for ways in CURATED.values() for name, way in ways.items()}
_FIELDS: Final = frozenset({Cause.PARENT_IS_NEW, Cause.NEW_REPLICATE, Cause.MODEL_DIFFERS, Cause.ID_DIFFERS})


class Slots:
    """Which modes reuse a stored generation, and which call a model, at each slot.

    A slot is a selected id, a stage, the parts of the signature but for parent and replicate, and a number that tells
    apart what these leave open. A plan without a selection has none.

    :param tried: the modes.
    """

    def __init__(self, tried: Sequence[Tried]) -> None:
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
        """Name the other modes that reuse a stored generation where a mode does not."""
        slot = self.of[mode].get((stage, gen_id, selected), ())
        return [other for other in self._reusing.get(slot, ()) if other != mode]


def _slots(tried: Tried) -> Iterator[tuple[Member, str, Slot]]:
    numbers: dict[Slot, Iterator[int]] = defaultdict(count)
    for member in tried.each():
        # The selected id fixes a draft, whatever model the mode gives it.
        parts = STAGES[member.stage].signature[1:] if STAGES[member.stage].parent else ()
        names = [normal_text(getattr(member, part)) or "" for part in parts]
        for selected in member.selected:
            slot = (selected, member.stage, *names)
            yield member, selected, (*slot, str(next(numbers[slot])))


def would_reuse(modes: Sequence[str], causes: Sequence[Why]) -> list[dict[str, Any]]:
    """Say what would have been reused: by which mode, or with which values.

    :param modes: that reused something in this place when they were tried.
    :param causes: of the decision.
    :returns: mappings with ``mode`` and ``skip_existing``, and ``reuse`` if the mode needs it; then with ``field``
        and ``value`` for what has to be as the store has it.
    """
    found: list[dict[str, Any]] = []
    for mode in modes:
        way = _DIRECTIVES.get(mode)
        directive = {"mode": way.mode.value, "skip_existing": way.skip_existing} if way else {"mode": mode}
        found.append(directive | ({"reuse": _reuse_words(way)} if way and way.reuse else {}))
    found += [{"field": why.field, "value": why.stored} for why in causes if why.cause in _FIELDS and why.stored]
    return found


def directives(mode: str) -> list[str]:
    """The lines of a selection file that ask for a curated mode."""
    way = _DIRECTIVES[mode]
    lines = [f"# mode: {way.mode.value}"]
    lines += ["# skip-existing-evaluations"] if way.skip_existing else []
    return [*lines, *([f"# reuse: {_reuse_words(way)}"] if way.reuse else [])]


def _reuse_words(way: Way) -> str:
    return "existing" if way.reuse == STAGE_NAMES else ", ".join(f"{stage}s" for stage in way.reuse)


def called_in_all(slots: Slots, modes: Sequence[str]) -> Mapping[tuple[str, str, str], int]:
    """Count the slots in which every mode calls a model: no choice of mode saves these calls.

    :returns: by stage, template and model; a stage whose slots name neither has blanks.
    """
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for slot, calling in slots.called.items():
        if len(calling) == len(modes):
            _, stage, *names, _ = slot
            template, model = (*names, "", "")[:2]
            counts[stage, template, model] += 1
    return counts
