"""Mutated state files: the way back works, or is refused with the file named and the store unchanged."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.rollback import rollback
from genaudit.migration.status import status
from helpers.migrations import content
from torture.part import Part, mutated
from torture.stops import Keys, Watch, WatchedFiles, carry_out, crash_at
from torture.worlds import World

_JUNK = (b"", b"{}", b"[]", b"null", b"0", b'"', b"\x00" * 64, b"\xff\xfe", b'{"digest": 1e999}', b"[" * 5_000)


def state_files(base: Path, world: World, chosen: random.Random, states: int) -> Part:
    """Damage each state file of a finished, a stopped, and a half undone migration in turn."""
    part = Part("mutated state files")
    moments = _moments(base, world)
    places = [(moment, path) for moment, (root, _) in moments.items() for path in _state(root)]
    for number in range(states):
        moment, path = places[number % len(places)]
        source, keys = moments[moment]
        root, keys = shutil.copytree(source, base / "state", symlinks=True), keys.copy()
        _damage(root / path, chosen)
        label = f"state {number}: {path.as_posix()} of a {moment} migration"
        part.case(label, lambda root=root, keys=keys: _refused_or_undone(root, world, keys))
        shutil.rmtree(root)
    return part


def _moments(base: Path, world: World) -> dict[str, tuple[Path, Keys]]:
    """Stop in the middle of an apply, after it, and in the middle of a rollback that carries a file over."""
    made: dict[str, tuple[Path, Keys]] = {}
    for name, stop in (("stopped", 3 * len(world.forward) // 4), ("finished", None), ("half undone", None)):
        root, keys = world.copy(base / f"moment-{len(made)}"), Keys(world.keys[0]).copy()
        with WatchedFiles(root, Watch() if stop is None else crash_at(stop)) as files:
            carry_out(files, world.plan, keys, "resume")
        if name == "half undone":
            with WatchedFiles(root, crash_at(len(world.back) // 2)) as files:
                carry_out(files, world.plan, keys, "rollback")
        made[name] = root, keys
    return made


def _state(root: Path) -> list[Path]:
    return sorted(path.relative_to(root) for path in (root / ".genaudit").rglob("*") if path.is_file())


def _damage(path: Path, chosen: random.Random) -> None:
    """Change a few bytes; or write junk, delete the file, or put a folder or a link in its place."""
    sound = path.read_bytes()
    match chosen.randrange(8):
        case 0:
            path.write_bytes(chosen.choice(_JUNK))
        case 1:
            path.unlink()
        case 2:
            path.unlink()
            path.mkdir()
        case 3:
            path.unlink()
            path.symlink_to(chosen.choice(("/etc/passwd", "nowhere", "..")))
        case _:
            path.write_bytes(mutated(sound, chosen))


def _refused_or_undone(root: Path, world: World, keys: Keys) -> bool:
    before = content(root)
    try:
        with Files(root) as files:
            status(files)
            rollback(files, keys)
    except DDError as error:
        return "reason" in error.ctx and content(root) == before
    if content(root) == content(world.source):
        return keys.state() == world.keys[0]
    # A ledger that lost its last line wholly is that of a migration that nobody finished.
    return content(root) == before
