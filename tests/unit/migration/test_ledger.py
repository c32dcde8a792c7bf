"""The entries of migrations in the ledger."""

from __future__ import annotations

from genaudit.store.ledger import read_ledger
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    NEW_DRAFT,
    NEW_ESSAY,
    RENAMES,
    applied,
    migratable,
    plan_of,
    rolled_back,
)


def test_the_ledger_of_a_store(tmp_path):
    root = migratable(tmp_path)
    assert read_ledger(root).events == []
    made = plan_of(root)
    applied(root, made)
    ledger = read_ledger(root)
    assert ledger.applied() == [made.digest]
    for stage, ids in RENAMES.items():
        for old, new in ids.items():
            assert ledger.resolve(old) == ledger.resolve(new) == [(stage, (old, new), (made.digest,))]
    rolled_back(root)
    assert read_ledger(root).current("essay", NEW_ESSAY) == CASCADED
    applied(root, plan_of(root))
    assert read_ledger(root).current("draft", LEGACY_DRAFT) == NEW_DRAFT
    assert [entry["event"] for entry in read_ledger(root).events] == ["applied", "undone", "applied"]
