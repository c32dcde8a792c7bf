"""Crashes at every effect of an apply, of the resumption after a crash, and of a rollback.

A crash before an effect leaves the tree as it is at that moment. So one run shows all of its crashes: before each
effect the tree is copied, and the copy is resumed or rolled back.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from torture.part import Part
from torture.stops import DagsterKeys, Effect, Keys, Watch, WatchedFiles, carry_out, crash_at, half_done, middles
from torture.worlds import World

WAYS = ("resume", "rollback")


def crashes(base: Path, world: World, every: int) -> Part:
    """Stop at each effect; then resume, or roll back.

    :param every: stop at each n-th effect only.
    """
    return _crashes(_Runs(base, world, Part("crashes"), lambda effect: effect.number % every == 0, Keys))


def dagster_crashes(base: Path, world: World, every: int) -> Part:
    """Stop at each effect on the partition keys of a Dagster instance; then resume, or roll back.

    :param every: stop only at those whose number among all effects it divides.
    """
    part = Part("crashes with Dagster")

    def is_stop(effect: Effect) -> bool:
        return effect.name.startswith("keys") and effect.number % every == 0

    return _crashes(_Runs(base, world, part, is_stop, DagsterKeys))


def _crashes(runs: _Runs) -> Part:
    runs.run("apply", "resume", [])
    runs.run("rollback", "rollback", [None])
    for first in middles(runs.world.forward):
        runs.run(f"resume after {first}", "resume", [first])
    return runs.part


class _Runs:
    """Runs, some of whose effects are a case or more.

    :param is_stop: whether an effect is.
    :param keys: the kind of partition keys.
    """

    def __init__(
        self, base: Path, world: World, part: Part, is_stop: Callable[[Effect], bool], keys: type[Keys]
    ) -> None:
        self.base, self.world, self.part, self.is_stop, self.keys = base, world, part, is_stop, keys

    def run(self, label: str, way: str, before: list[int | None]) -> None:
        """Carry a migration out after earlier runs, each stopped at an effect."""
        root, keys = (
            self.world.copy(self.base / "run"),
            self.keys({name: [*each] for name, each in self.world.keys[0].items()}),
        )
        for stop in before:
            with WatchedFiles(root, Watch() if stop is None else crash_at(stop)) as files:
                carry_out(files, self.world.plan, keys, "resume")

        def meet(effect: Effect) -> None:
            if self.is_stop(effect):
                self._cases(f"{label} {effect.number} {effect.name}", root, keys, effect)

        with WatchedFiles(root, Watch(meet)) as files:
            carry_out(files, self.world.plan, keys, way)
        self._case(f"{label}, at its end", root, keys, None, "rollback")
        shutil.rmtree(root)
        keys.close()

    def _cases(self, label: str, root: Path, keys: Keys, effect: Effect) -> None:
        for then in WAYS:
            self._case(f"before {label}", root, keys, None, then)
            if effect.has_middle:
                self._case(f"amid {label}", root, keys, effect, then)

    def _case(self, label: str, root: Path, keys: Keys, half: Effect | None, then: str) -> None:
        copy, own = shutil.copytree(root, self.base / "case", symlinks=True), keys.copy()
        if half:
            half_done(half, copy, own)
        self.part.case(f"{label}, {then}", lambda: self.world.settled(copy, own, then))
        shutil.rmtree(copy)
        own.close()
