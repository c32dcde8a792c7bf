"""A migration stopped at any of its steps can be resumed to the new tree or rolled back to the old one."""

from __future__ import annotations

import shutil

import pytest

from genaudit.store.ledger import read_ledger
from helpers.migrations import applied, content, rolled_back
from helpers.stopping import copied, crashed, same_tree, stops


def test_resumed_after_a_crash_at_any_step(tmp_path, world):
    for at, how in stops(world.forward):
        root = copied(world.source, tmp_path / f"{how}-{at}")
        crashed(root, world.plan, at, how)
        applied(root, world.plan)
        assert content(root) == world.new, (at, how, world.forward[at])
        assert read_ledger(root).applied() == [world.plan.digest]
        assert len(read_ledger(root).events) == 1
        assert applied(root, world.plan).was_complete
        shutil.rmtree(root)


def test_rolled_back_after_a_crash_at_any_step(tmp_path, world):
    for at, how in stops(world.forward):
        root = copied(world.source, tmp_path / f"{how}-{at}")
        crashed(root, world.plan, at, how)
        rolled_back(root)
        assert same_tree(root, world), (at, how, world.forward[at])
        assert read_ledger(root).applied() == []
        assert rolled_back(root) is None
        left = {path.name for path in (root / ".genaudit").rglob("*")} if (root / ".genaudit").exists() else set()
        assert left <= {"ledger.jsonl", "migrations"}
        shutil.rmtree(root)


def journal_of(root):
    return next((root / ".genaudit" / "migrations").glob("*/journal.jsonl"))


@pytest.mark.parametrize("share", [0.5, 0.9, 1.0])
def test_a_journal_whose_tail_is_torn_or_lost_does_no_harm(tmp_path, world, share):
    start = world.forward.index(("sync",)) + 3
    at = start + int(share * (len(world.forward) - start)) - 1
    stopped = copied(world.source, tmp_path / "stopped")
    crashed(stopped, world.plan, at, "before")
    journal = journal_of(stopped).read_bytes()
    assert journal.count(b"\n") > 1
    lines = [len(b"".join(journal.splitlines(keepends=True)[:count])) for count in range(journal.count(b"\n") + 1)]
    for size in sorted({*lines, *range(0, len(journal), 29)}):
        root = copied(stopped, tmp_path / "torn")
        journal_of(root).write_bytes(journal[:size])
        if size % 2:
            applied(root, world.plan)
            assert content(root) == world.new, size
        rolled_back(root)
        # The copy's originals are no links, so that their times are the copy's.
        assert content(root) == content(world.source), size
        shutil.rmtree(root)


def test_effects_come_in_the_order_that_is_promised(world):
    plan, forward, back = world.plan, world.forward, world.back
    names = [name for name, *_ in forward]
    committed = next(
        place for place, (name, *rest) in enumerate(forward) if name == "rename" and rest[0].endswith(".staging")
    )
    touched = [
        place
        for place, (name, *rest) in enumerate(forward)
        if name in ("replace", "rename", "remove") and not rest[-1].startswith(".genaudit")
    ]
    # The store is unchanged until everything is prepared, synced and recorded in the journal.
    assert "sync" in names[:committed]
    assert min(touched) > committed
    assert ("append", f".genaudit/migrations/{plan.digest[:16]}/journal.jsonl") in forward[committed : min(touched)]
    assert names[committed + 1] == "sync_folder"
    renamed = [rest[0].split("/")[1] for name, *rest in forward if name == "rename" and rest[0].startswith("gens")]
    assert renamed == ["draft", "essay", "evaluation"]
    ledger = forward.index(("append", ".genaudit/ledger.jsonl"))
    assert ledger > max(touched)
    assert "sync" in names[max(touched) : ledger]
    undone = [rest[0].split("/")[1] for name, *rest in back if name == "rename" and rest[0].startswith("gens")]
    assert undone == ["evaluation", "essay", "draft"]
