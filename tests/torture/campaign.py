"""The parts of the campaign. Each counts its cases and gathers its failures."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genaudit.audits.run import run_audits
from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.rollback import rollback
from genaudit.migration.status import status
from genaudit.store.snapshot import scan
from helpers.migrations import CrashError, FailingFiles, applied, content, rolled_back, tree
from helpers.stopping import World, copied, crashed, make_world, stops
from helpers.stores import DRAFT_RECORD, make_stages, write_generation

_BATCH = 500


@dataclass
class Part:
    """A part of the campaign.

    :param failures: what broke, each with enough to repeat it.
    """

    name: str
    cases: int = 0
    failures: list[str] = field(default_factory=list)

    def case(self, label: str, check: Callable[[], object]) -> None:
        """Count a case, which fails if its check raises anything or returns ``False``."""
        self.cases += 1
        try:
            holds = check()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a failure)
            self.failures.append(f"{label}: {type(error).__name__}: {error}")
        else:
            if holds is False:
                self.failures.append(f"{label}: another tree")


def run(base: Path, seed: int, *, records: int, losses: int, states: int, every: int = 1) -> Iterator[Part]:
    """Run every part.

    :param records: number of mutated records; ``losses``: of power losses; ``states``: of mutated state files.
    :param every: stop at each n-th effect only.
    """
    world = make_world(base)
    chosen = random.Random(seed)  # noqa: S311 (cases to repeat)
    yield crashes(base, world, every)
    yield power_losses(base, world, chosen, losses)
    yield state_files(base, world, chosen, states)
    yield mutated_records(base, chosen, records)


def crashes(base: Path, world: World, every: int = 1) -> Part:
    """Stop at every effect of apply and of rollback; then resume, or roll back."""
    part = Part("crashes at every effect")
    for at, how in stops(world.forward)[::every]:
        for then in ("resume", "rollback"):
            root = copied(world.source, base / "crash")
            crashed(root, world.plan, at, how)
            part.case(f"apply {at} {how}, {then}", lambda root=root, then=then: _settled(root, world, then))
            shutil.rmtree(root)
    for at, how in stops(world.back)[::every]:
        root = copied(world.source, base / "crash")
        applied(root, world.plan)
        _stopped(root, at, how)
        part.case(f"rollback {at} {how}", lambda root=root: _settled(root, world, "rollback"))
        shutil.rmtree(root)
    return part


def _stopped(root: Path, at: int, how: str) -> None:
    with FailingFiles(root, at, how) as files:
        try:
            rollback(files)
        except (CrashError, DDError):
            return


def _settled(root: Path, world: World, then: str) -> bool:
    if then == "resume":
        applied(root, world.plan)
        if content(root) != world.new:
            return False
    rolled_back(root)
    return tree(root) == tree(world.source)


class ForgettingFiles(FailingFiles):
    """Loses a subset of the renames that were not brought to the disk before the crash."""

    def __init__(self, root: Path, at: int, chosen: random.Random) -> None:
        super().__init__(root, at)
        self.chosen = chosen
        self.unsynced: list[tuple[str, str]] = []

    def rename(self, path: str, target: str) -> None:
        """Rename, and remember it until the next sync."""
        super().rename(path, target)
        self.unsynced.append((path, target))

    def sync(self) -> None:
        """Bring all to the disk."""
        super().sync()
        self.unsynced.clear()

    def lose(self) -> None:
        """Take back any subset of the unsynced renames of generations, the last ones first."""
        for path, target in reversed(self.unsynced):
            if path.startswith("gens/") and self.chosen.random() < 0.5:
                (self.root / target).rename(self.root / path)


def power_losses(base: Path, world: World, chosen: random.Random, losses: int) -> Part:
    """Cut the power before a chosen effect: any subset of unsynced renames is lost."""
    part = Part("power losses")
    for number in range(losses):
        root = copied(world.source, base / "loss")
        at = chosen.randrange(len(world.forward))
        with ForgettingFiles(root, at, chosen) as files:
            try:
                apply(files, world.plan)
            except CrashError:
                files.lose()
        then = chosen.choice(("resume", "rollback"))
        part.case(f"loss {number} at {at}, {then}", lambda root=root, then=then: _settled_content(root, world, then))
        shutil.rmtree(root)
    return part


def _settled_content(root: Path, world: World, then: str) -> bool:
    if then == "resume":
        applied(root, world.plan)
        if content(root) != world.new:
            return False
    rolled_back(root)
    return content(root) == content(world.source)


def state_files(base: Path, world: World, chosen: random.Random, states: int) -> Part:
    """Mutate a state file: the way back works, or is refused with the file named and the store unchanged."""
    part = Part("mutated state files")
    done = copied(world.source, base / "done-state")
    applied(done, world.plan)
    names = sorted(path.relative_to(done) for path in (done / ".genaudit").rglob("*") if path.is_file())
    for number in range(states):
        root = copied(done, base / "state")
        name = chosen.choice(names)
        (root / name).write_bytes(mutated((root / name).read_bytes(), chosen))
        part.case(f"state {number}: {name}", lambda root=root: _refused_or_undone(root, world))
        shutil.rmtree(root)
    return part


def _refused_or_undone(root: Path, world: World) -> bool:
    before = content(root)
    try:
        with Files(root) as files:
            status(files)
        rolled_back(root)
    except DDError as error:
        return "reason" in error.ctx and content(root) == before
    # A ledger that lost its last line wholly is that of a migration that nobody finished.
    return content(root) in (content(world.source), before)


def mutated_records(base: Path, chosen: random.Random, records: int) -> Part:
    """Mutate records: every audit ends with findings, not with an error."""
    part = Part("mutated records")
    sound = None
    while part.cases < records:
        root = base / "records"
        make_stages(root)
        for number in range(min(_BATCH, records - part.cases)):
            folder = write_generation(root, "draft", f"d_{number}", DRAFT_RECORD)
            sound = sound or (folder / "metadata.json").read_bytes()
            (folder / "metadata.json").write_bytes(mutated(sound, chosen))
            part.cases += 1
        try:
            run_audits(scan(root))
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a failure)
            part.failures.append(f"records up to {part.cases}: {type(error).__name__}: {error}")
        shutil.rmtree(root)
    return part


def mutated(data: bytes, chosen: random.Random) -> bytes:
    """Change a few bytes: flipped, cut, doubled, or replaced by a value of another type."""
    mutable: Any = bytearray(data)
    for _ in range(chosen.randrange(1, 4)):
        at = chosen.randrange(len(mutable) + 1)
        match chosen.randrange(5):
            case 0:
                mutable[at : at + 1] = bytes([chosen.randrange(256)])
            case 1:
                del mutable[at:]
            case 2:
                mutable[at:at] = mutable[: chosen.randrange(1, 40)]
            case 3:
                mutable[at : at + 3] = chosen.choice((b"1e999", b"null", b"[]", b'{"a":1}', b"\\ud800", b"\xff\xfe"))
            case _:
                del mutable[at : at + chosen.randrange(1, 9)]
    return bytes(mutable)
