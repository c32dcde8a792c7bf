"""Migrations of a small store that are stopped at a chosen effect."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.plan import Plan
from genaudit.migration.rollback import rollback
from helpers.migrations import CrashError, FailingFiles, content, migratable, plan_of, tree


class World(NamedTuple):
    """A store, its plan, the migrated content, and the effects of an apply and of the rollback after it."""

    source: Path
    plan: Plan
    new: dict[str, Any]
    forward: list[tuple[str, ...]]
    back: list[tuple[str, ...]]


def make_world(base: Path) -> World:
    source = migratable(base / "source")
    plan = plan_of(source)
    done = copied(source, base / "done")
    with FailingFiles(done) as files:
        apply(files, plan)
        forward = files.done
    new = content(done)
    with FailingFiles(done) as files:
        rollback(files)
        back = files.done
    assert tree(done) == tree(source)
    assert new != content(source)
    return World(source, plan, new, forward, back)


def copied(source: Path, target: Path) -> Path:
    return shutil.copytree(source, target, symlinks=True)


def stops(effects: list[tuple[str, ...]]) -> list[tuple[int, str]]:
    """Every way to be stopped: before each effect, after the last one, and in the middle of each that writes.

    After one effect is before the next: the disk is the same at both.
    """
    return [
        *((at, "before") for at in range(len(effects))),
        *((at, "half") for at, effect in enumerate(effects) if effect[0] in ("write_new", "append")),
        (len(effects) - 1, "after"),
    ]


def crashed(root: Path, plan: Plan, at: int, how: str, error: Any = CrashError) -> Any:
    """Apply until the given effect."""
    with FailingFiles(root, at, how, error) as files, pytest.raises((CrashError, DDError)) as caught:
        apply(files, plan)
    return caught.value


def same_tree(root: Path, world: World) -> bool:
    """Return whether a tree is the old one, the root's own time included."""
    return tree(root) == tree(world.source)
