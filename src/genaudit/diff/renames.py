"""Names of generations between two snapshots, by the migration ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from genaudit.snapshots.saved import Saved
from genaudit.store.checksummed_log import parse_lines
from genaudit.store.ledger import APPLIED, LEDGER, ledger_from

Key = tuple[str, str]
_NO_EVENTS: Final[Sequence[dict[str, Any]]] = ()


def ledger_events(saved: Saved) -> Sequence[dict[str, Any]]:
    """Read the events of a snapshot's migration ledger.

    :raises DDError: it is damaged, as :func:`genaudit.store.ledger.read_ledger`.
    """
    data = next((one.data for one in saved.kept if one.path == LEDGER and one.kind == "file"), None)
    return _NO_EVENTS if data is None else ledger_from(parse_lines(data, LEDGER).entries).events


def names_between(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> dict[Key, str]:
    """Return the names that generations got between two states of a ledger.

    Events that only the earlier state has are undone, those that only the later one has are applied.

    :returns: by stage and earlier name the later one, only for names that differ.
    """
    common = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))))
    steps = [_step(event, before, inverse=True) for event in reversed(before[common:])]
    steps += [_step(event, after, inverse=False) for event in after[common:]]
    origin: dict[Key, Key] = {}
    for step in steps:
        # All renames of a migration happen at once. A name that was left earlier belongs to a later generation.
        left = set(origin.values()) - origin.keys()
        moved = {
            (stage, new): origin.pop((stage, old), (stage, old))
            for (stage, old), new in step.items()
            if (stage, old) not in left
        }
        origin.update(moved)
    return {first: name for (_, name), first in origin.items() if first[1] != name}


def _step(event: Mapping[str, Any], events: Sequence[dict[str, Any]], *, inverse: bool) -> dict[Key, str]:
    renames = next(each["renames"] for each in events if each["event"] == APPLIED and each["plan"] == event["plan"])
    backwards = (event["event"] != APPLIED) is not inverse
    return {(stage, new if backwards else old): old if backwards else new for stage, old, new in renames}
