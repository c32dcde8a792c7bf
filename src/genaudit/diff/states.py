"""State of each generation of a snapshot: a value for each field, ready to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson

from genaudit.diff.renames import Key
from genaudit.layout import GENS, TEXTS
from genaudit.snapshots.saved import Saved
from genaudit.stages import PARENT, StageTable

State = Mapping[str, str]

_KEY: Final = frozenset({"stage", "gen_id"})
_STORED: Final = "stored "
_DEPTH: Final = 4


def states_of(saved: Saved) -> dict[Key, State]:
    """Return the state of each generation, by stage and id; a field without a value is left out.

    Fields are the columns of the snapshot's generations, ``stored NAME`` for the fields of a record whose
    stored values differ from the normalised ones, and ``NAME bytes`` for the sizes of texts.
    """
    table = saved.generations
    stages, names = table["stage"].astype(str).tolist(), table["gen_id"].tolist()
    columns = {name: _texts(table[name]) for name in table.columns if name not in _KEY}
    found: dict[Key, dict[str, str]] = {}
    for row, key in enumerate(zip(stages, names, strict=True)):
        found[key] = {name: value for name, values in columns.items() if (value := values[row]) is not None}
    keys = list(found)
    for row, record in saved.irregular.items():
        found[keys[row]].update((f"{_STORED}{name}", _json(value)) for name, value in record.items())
    for path, size in zip(saved.files["path"].tolist(), saved.files["size"].tolist(), strict=True):
        parts = path.split("/")
        if len(parts) == _DEPTH and parts[0] == GENS and parts[3] in TEXTS and (parts[1], parts[2]) in found:
            found[parts[1], parts[2]][f"{parts[3]} bytes"] = str(size)
    return dict(found)


def _texts(values: Any) -> list[str | None]:  # noqa: ANN401 (a column of any type)
    objects = values.astype(object).where(values.notna(), None).tolist()
    return [None if value is None else str(value) for value in objects]


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def moved(key: Key, state: State, stages: StageTable, current: Callable[[str, str], str]) -> dict[str, str]:
    """Return a state after its generation, or its parent, got another name.

    :param key: the stage and the earlier name.
    :param stages: the table of stages of its snapshot.
    :param current: takes a stage and a name and returns the later name.
    """
    stage, name = key
    above = stages[stage].parent
    renames: list[tuple[str, str, str]] = [("gen_id", name, current(stage, name))]
    if above is not None and PARENT in state:
        renames.append((PARENT, state[PARENT], current(above, state[PARENT])))
    changed = dict(state)
    for field, old, new in renames:
        for place, text in ((field, old), (f"{_STORED}{field}", _json(old))):
            if state.get(place) == text:
                changed[place] = new if place == field else _json(new)
    return changed


def content(state: State) -> frozenset[tuple[str, str]]:
    """Return the state without the stored name, which two names of one generation share."""
    return frozenset((name, value) for name, value in state.items() if name != f"{_STORED}gen_id")


def differing(before: State, after: State) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the fields that differ, with both values; ``None`` for a field without a value."""
    if before == after:
        return
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)
