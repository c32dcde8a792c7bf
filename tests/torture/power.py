"""Power losses: any subset of the unsynced changes survives.

A second tree models the disk. An effect reaches it at the next sync, or at once if its call syncs by itself.
When the power fails, a random subset of the waiting effects is carried out on it, each in its order; one whose folder
or file never got there is lost too. A new content that survives may be whole, empty, cut, or zeros.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from genaudit.migration.files import Files
from torture.part import Part
from torture.stops import Effect, Keys, Watch, WatchedFiles, carry_out, crash_at
from torture.worlds import World

# An effect that is made of others, and so is counted by those.
_COMPOSED = "clear"
_RUNS = ("apply", "resume", "rollback")


class LosingFiles(WatchedFiles):
    """Files on a disk that loses unsynced changes.

    :param disk: a copy of the tree, which models the disk.
    """

    def __init__(self, root: Path, disk: Path, watch: Watch) -> None:
        super().__init__(root, watch)
        self.disk = disk
        self.waiting: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def perform(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Carry out an effect, and let it wait for the disk, or bring waiting ones there."""
        result = super().perform(name, arguments, named)
        if name == "sync":
            self._bring(lambda _path: True)
        elif name == "sync_folder":
            self._bring(lambda path: _folder(path) == arguments[0])
        elif name == "append":
            # The call syncs the file and its folder.
            self._bring(lambda path: _folder(path) == _folder(arguments[0]))
            _do(self.disk, name, arguments, named)
        elif name != _COMPOSED:
            self.waiting.append((name, arguments, named))
        return result

    def _bring(self, is_due: Callable[[str], bool]) -> None:
        """Carry out the waiting effects of some paths on the disk."""
        still: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        for name, arguments, named in self.waiting:
            if not is_due(arguments[0]):
                still.append((name, arguments, named))
                continue
            _do(self.disk, name, arguments, named)
            if name == "rename":
                # Unsynced changes inside a renamed folder wait under its new name.
                still = [(other, _moved(given, *arguments), more) for other, given, more in still]
        self.waiting = still

    def left(self, target: Path, chosen: random.Random) -> Path:
        """Write the tree that a power loss leaves."""
        shutil.copytree(self.disk, target, symlinks=True)
        share = chosen.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        for name, arguments, named in self.waiting:
            if chosen.random() < share:
                with suppress(OSError):
                    _do(target, name, arguments, named)
                    if name in ("write_new", "copy"):
                        _damage(target / arguments[0 if name == "write_new" else 1], chosen)
        return target


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _moved(arguments: tuple[Any, ...], old: str, new: str) -> tuple[Any, ...]:
    return tuple(
        f"{new}{each[len(old) :]}" if isinstance(each, str) and each.startswith(f"{old}/") else each
        for each in arguments
    )


def _do(root: Path, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    with Files(root) as files:
        getattr(files, name)(*arguments, **named)


def _damage(path: Path, chosen: random.Random) -> None:
    """Leave a content that was never synced whole, empty, cut, or as zeros."""
    data = path.read_bytes()
    match chosen.randrange(4):
        case 0:
            path.write_bytes(b"")
        case 1:
            path.write_bytes(data[: chosen.randrange(len(data) + 1)])
        case 2:
            path.write_bytes(bytes(len(data)))
        case _:
            return


def power_losses(base: Path, world: World, chosen: random.Random, losses: int) -> Part:
    """Cut the power at chosen effects of an apply, of a resumption, and of a rollback."""
    part = Part("power losses")
    for number, way in enumerate(_RUNS):
        due = losses * (number + 1) // len(_RUNS) - losses * number // len(_RUNS)
        root, keys = world.copy(base / "run"), Keys(world.keys[0]).copy()
        if way == "resume":
            _stopped(root, world, keys, crash_at(chosen.randrange(len(world.forward) // 2, len(world.forward))))
        elif way == "rollback":
            _stopped(root, world, keys, Watch())
        _cut(part, base, world, (root, keys), way, due, chosen)
        shutil.rmtree(root)
    return part


def _stopped(root: Path, world: World, keys: Keys, watch: Watch) -> None:
    with WatchedFiles(root, watch) as files:
        carry_out(files, world.plan, keys, "resume")


def _cut(  # noqa: PLR0917
    part: Part, base: Path, world: World, run: tuple[Path, Keys], way: str, due: int, chosen: random.Random
) -> None:
    """Cut the power of one run as often as is due, at effects that are spread over it."""
    root, keys = run
    direction = "rollback" if way == "rollback" else "resume"
    length = _length(base, world, run, direction)
    at = [chosen.randrange(length) for _ in range(due)]

    def meet(effect: Effect) -> None:
        for _ in range(at.count(effect.number)):
            disk, own = files.left(base / "left", chosen), keys.copy()
            then = chosen.choice(("resume", "rollback"))
            label = f"{way} at {effect.number} {effect.name}, {then}"
            part.case(label, partial(world.settled, disk, own, then, times=False))
            shutil.rmtree(disk)

    with LosingFiles(root, shutil.copytree(root, base / "disk", symlinks=True), Watch(meet)) as files:
        carry_out(files, world.plan, keys, direction)
    shutil.rmtree(base / "disk")


def _length(base: Path, world: World, run: tuple[Path, Keys], direction: str) -> int:
    """Count the effects of a run, on a copy."""
    copy = shutil.copytree(run[0], base / "rehearsal", symlinks=True)
    with WatchedFiles(copy, Watch()) as files:
        count = carry_out(files, world.plan, run[1].copy(), direction)
    shutil.rmtree(copy)
    return count
