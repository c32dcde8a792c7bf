"""Stopping again while a stop is being recovered from, and disks that refuse, leave the old tree or the new one."""

from __future__ import annotations

import errno
import random
import shutil
from contextlib import suppress

import pytest

from genaudit.migration.apply import apply
from genaudit.migration.rollback import rollback
from genaudit.store.ledger import read_ledger
from helpers.migrations import CrashError, FailingFiles, applied, content, rolled_back, tree
from helpers.stopping import copied, crashed, same_tree, stops


@pytest.mark.parametrize("then", ["rollback", "apply"])
def test_a_rollback_that_crashes_at_any_step(tmp_path, world, then):
    done = copied(world.source, tmp_path / "done")
    applied(done, world.plan)
    for at, how in stops(world.back):
        root = copied(done, tmp_path / f"{how}-{at}")
        with FailingFiles(root, at, how) as files, pytest.raises(CrashError):
            rollback(files)
        if then == "rollback":
            rolled_back(root)
            assert tree(root) == tree(world.source), (at, world.back[at])
            assert read_ledger(root).applied() == []
        else:
            applied(root, world.plan)
            assert content(root) == world.new, (at, world.back[at])
            assert read_ledger(root).applied() == [world.plan.digest]
        shutil.rmtree(root)


def test_crashes_during_the_recovery_of_crashes(tmp_path, world):
    rng = random.Random(7)  # noqa: S311 (repeatable, not secret)
    longest = max(len(world.forward), len(world.back))
    for turn in range(40):
        root = copied(world.source, tmp_path / str(turn))
        at, how = rng.choice(stops(world.forward))
        crashed(root, world.plan, at, how)
        for _ in range(rng.randrange(1, 4)):
            again, way = rng.randrange(longest), rng.choice(["before", "half"])
            with FailingFiles(root, again, way) as files, suppress(CrashError):
                apply(files, world.plan) if rng.random() < 0.5 else rollback(files)
        if rng.random() < 0.5:
            applied(root, world.plan)
            assert content(root) == world.new, turn
        rolled_back(root)
        found, wanted = tree(root), tree(world.source)
        found["."] = wanted["."]
        assert found == wanted, turn
        shutil.rmtree(root)


def test_a_disk_that_refuses_at_any_step(tmp_path, world):
    refusals = (errno.ENOSPC, errno.EACCES, errno.EROFS)
    prepared = next(place for place, effect in enumerate(world.forward) if effect[0] == "append")
    # The folder of the state is there, and the root's time is yet to be set again.
    settled = world.forward.index(("set_mtime", ""))
    for at in range(len(world.forward)):
        root = copied(world.source, tmp_path / str(at))
        error = crashed(root, world.plan, at, "before", OSError(refusals[at % 3], "refused"))
        assert error.ctx["reason"] == ("not_writable" if at < prepared else "migration_stopped"), at
        if at < prepared and not 0 < at <= settled:
            assert same_tree(root, world)
        if at % 2:
            applied(root, world.plan)
            assert content(root) == world.new, at
        rolled_back(root)
        assert same_tree(root, world), at
        shutil.rmtree(root)
