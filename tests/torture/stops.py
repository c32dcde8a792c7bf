"""Effects of a migration on files and partition keys, watched one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan
from genaudit.migration.rollback import rollback
from genaudit.pipeline.partition_keys import PartitionKeys, sandbox_keys
from helpers.migrations import EFFECTS, CrashError

_IN_PARTS = ("write_new", "append", "keys add", "keys delete")


class Effect(NamedTuple):
    """An effect that is about to happen.

    :param number: its place among the effects, from 0.
    """

    number: int
    name: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]

    @property
    def has_middle(self) -> bool:
        """Whether a part of it can happen."""
        return self.name in _IN_PARTS


class Watch:
    """A counter of effects that shows each to a function before it happens."""

    def __init__(self, meet: Callable[[Effect], None] | None = None) -> None:
        self._meet = meet
        self.count = 0

    def show(self, name: str, arguments: Sequence[Any], named: dict[str, Any] | None = None) -> None:
        """Count an effect."""
        effect = Effect(self.count, name, (*arguments,), named or {})
        self.count += 1
        if self._meet:
            self._meet(effect)


class WatchedFiles(Files):
    """Files whose effects are shown before they happen."""

    def __init__(self, root: Path, watch: Watch) -> None:
        super().__init__(root)
        self.watch = watch

    def perform(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Carry out an effect."""
        return getattr(Files, name)(self, *arguments, **named)


def _watched(name: str) -> Any:
    def effect(self: WatchedFiles, *arguments: Any, **named: Any) -> Any:
        self.watch.show(name, arguments, named)
        return self.perform(name, arguments, named)

    return effect


for _name in EFFECTS:
    setattr(WatchedFiles, _name, _watched(_name))


class Keys:
    """Partition keys in memory, by definition."""

    def __init__(self, held: dict[str, list[str]], watch: Watch | None = None) -> None:
        self._held = held
        self._watch = watch or Watch()

    def watched(self, watch: Watch) -> Keys:
        """Return the same keys, with their effects shown."""
        return Keys(self._held, watch)

    def copy(self) -> Keys:
        """Return keys of their own."""
        return Keys(json.loads(json.dumps(self._held)))

    def close(self) -> None:
        """Nothing is open."""

    def state(self) -> dict[str, list[str]]:
        """Return the keys of each definition, sorted."""
        return {definition: sorted(keys) for definition, keys in self._held.items()}

    def keys(self, definition: str) -> list[str]:
        """List the keys of a definition."""
        return list(self._held[definition])

    def add(self, definition: str, keys: Sequence[str]) -> None:
        """Add keys that are not there."""
        self._watch.show("keys add", (definition, keys))
        self._held[definition] += [key for key in keys if key not in self._held[definition]]

    def delete(self, definition: str, keys: Sequence[str]) -> None:
        """Delete keys."""
        self._watch.show("keys delete", (definition, keys))
        self._held[definition] = [key for key in self._held[definition] if key not in keys]

    def link(self, definition: str, old: str, new: str) -> None:
        """Count the link; links are history and no state."""
        self._watch.show("keys link", (definition, old, new))


class DagsterKeys(Keys):
    """Partition keys of a Dagster instance, one for each object that is made of plain keys."""

    def __init__(
        self, held: dict[str, list[str]], watch: Watch | None = None, instance: PartitionKeys | None = None
    ) -> None:
        super().__init__(held, watch)
        self._instance = instance or sandbox_keys(held)

    def watched(self, watch: Watch) -> DagsterKeys:
        """Return the keys of the same instance, with their effects shown."""
        return DagsterKeys(self._held, watch, self._instance)

    def copy(self) -> DagsterKeys:
        """Return keys in an instance of their own."""
        return DagsterKeys(self.state())

    def close(self) -> None:
        """Close the instance."""
        with self._instance:
            pass

    def state(self) -> dict[str, list[str]]:
        """Return the keys of each definition, sorted."""
        return {definition: sorted(self._instance.keys(definition)) for definition in self._held}

    def keys(self, definition: str) -> list[str]:
        """List the keys of a definition."""
        return list(self._instance.keys(definition))

    def add(self, definition: str, keys: Sequence[str]) -> None:
        """Add keys that are not there."""
        self._watch.show("keys add", (definition, keys))
        self._instance.add(definition, keys)

    def delete(self, definition: str, keys: Sequence[str]) -> None:
        """Delete keys."""
        self._watch.show("keys delete", (definition, keys))
        self._instance.delete(definition, keys)

    def link(self, definition: str, old: str, new: str) -> None:
        """Continue the history of a key."""
        self._watch.show("keys link", (definition, old, new))
        self._instance.link(definition, old, new)


def carry_out(files: WatchedFiles, plan: Plan, keys: Keys, way: str) -> int:
    """Apply a plan or roll it back, and return the number of effects; a crash ends it."""
    with suppress(CrashError):
        if way == "resume":
            apply(files, plan, keys.watched(files.watch))
        else:
            rollback(files, keys.watched(files.watch))
    return files.watch.count


def crash_at(number: int) -> Watch:
    """Return a watch that ends the process before an effect."""

    def meet(effect: Effect) -> None:
        if effect.number == number:
            raise CrashError

    return Watch(meet)


def half_done(effect: Effect, root: Path, keys: Keys) -> None:
    """Carry out the first half of an effect."""
    if effect.name.startswith("keys"):
        definition, all_keys = effect.arguments
        getattr(keys, effect.name.split()[1])(definition, all_keys[: len(all_keys) // 2])
        return
    path, data, *rest = effect.arguments
    with Files(root) as files:
        getattr(files, effect.name)(path, data[: len(data) // 2], *rest, **effect.named)


def middles(effects: Sequence[Effect]) -> Iterator[int]:
    """Yield effects in the middle of the edits, of the renames, and of the change of keys."""
    last = max(each.number for each in effects if each.name == "replace")
    for chosen in (
        [each.number for each in effects if each.name == "replace"],
        [each.number for each in effects if each.name == "rename" and each.number > last],
        [each.number for each in effects if each.name == "keys delete"],
    ):
        yield chosen[len(chosen) // 2]
