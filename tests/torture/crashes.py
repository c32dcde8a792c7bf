"""Crashes at every effect of an apply, of the resumption after a crash, and of a rollback.

A crash before an effect leaves the tree as it is at that moment. So one run shows all of its crashes: before each
effect the tree is copied, and the copy is resumed or rolled back.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from torture.part import Part
from torture.stops import Effect, Keys, Watch, WatchedFiles, carry_out, crash_at, half_done, middles
from torture.worlds import World

WAYS = ("resume", "rollback")


def crashes(base: Path, world: World, every: int) -> Part:
    """Stop at each effect; then resume, or roll back.

    :param every: stop at each n-th effect only.
    """
    part = Part("crashes")
    runs = _Runs(base, world, part, every)
    runs.run("apply", "resume", [])
    runs.run("rollback", "rollback", [None])
    for first in middles(world.forward):
        runs.run(f"resume after {first}", "resume", [first])
    return part


class _Runs:
    """Runs whose every effect is a case or more."""

    def __init__(self, base: Path, world: World, part: Part, every: int) -> None:
        self.base, self.world, self.part, self.every = base, world, part, every

    def run(self, label: str, way: str, before: list[int | None]) -> None:
        """Carry a migration out after earlier runs, each stopped at an effect."""
        root, keys = self.world.copy(self.base / "run"), Keys(self.world.keys[0]).copy()
        for stop in before:
            with WatchedFiles(root, Watch() if stop is None else crash_at(stop)) as files:
                carry_out(files, self.world.plan, keys, "resume")

        def meet(effect: Effect) -> None:
            if effect.number % self.every == 0:
                self._cases(f"{label} {effect.number} {effect.name}", root, keys, effect)

        with WatchedFiles(root, Watch(meet)) as files:
            carry_out(files, self.world.plan, keys, way)
        self._case(f"{label}, at its end", root, keys, None, "rollback")
        shutil.rmtree(root)

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
