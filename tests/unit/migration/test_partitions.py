from __future__ import annotations

import pytest

from fakes.partitions import FakePartitions
from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    applied,
    migratable,
    plan_of,
    rolled_back,
    tree,
)

KEYS = {"draft_gens": [LEGACY_DRAFT, "stays"], "essay_gens": [CASCADED], "evaluation_gens": ["other"]}
# The evaluation is renamed too, but was never registered.
MOVED = {"draft_gens": {"stays", NEW_DRAFT}, "essay_gens": {NEW_ESSAY}, "evaluation_gens": {"other"}}


def sets(partitions):
    return {name: set(keys) for name, keys in partitions.by_definition.items()}


def test_registered_keys_follow_and_come_back(tmp_path):
    root = migratable(tmp_path)
    made, before = plan_of(root), tree(root)
    partitions = FakePartitions(KEYS)
    applied(root, made, partitions)
    assert sets(partitions) == MOVED
    assert partitions.calls == [
        ("add", "draft_gens", (NEW_DRAFT,)),
        ("link", "draft_gens", LEGACY_DRAFT, NEW_DRAFT),
        ("delete", "draft_gens", (LEGACY_DRAFT,)),
        ("add", "essay_gens", (NEW_ESSAY,)),
        ("link", "essay_gens", CASCADED, NEW_ESSAY),
        ("delete", "essay_gens", (CASCADED,)),
    ]
    applied(root, made, partitions)
    assert len(partitions.calls) == 6
    done = rolled_back(root, partitions)
    assert sets(partitions) == {name: set(keys) for name, keys in KEYS.items()}
    assert not done.partitions_left
    assert tree(root) == before


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("then", ["apply", "rollback"])
def test_an_instance_that_goes_away_at_any_call(tmp_path, at, then):
    root = migratable(tmp_path)
    made, before = plan_of(root), tree(root)
    partitions = FakePartitions(KEYS, fails_at=at)
    with pytest.raises(DDError) as caught, Files(root) as files:
        apply(files, made, partitions)
    assert caught.value.ctx["reason"] == "migration_stopped"
    if then == "apply":
        applied(root, made, partitions)
        assert sets(partitions) == MOVED
    else:
        rolled_back(root, partitions)
        assert sets(partitions) == {name: set(keys) for name, keys in KEYS.items()}
        assert tree(root) == before


def test_a_lost_note_of_the_keys_is_damage(tmp_path):
    root = migratable(tmp_path)
    partitions = FakePartitions(KEYS)
    applied(root, plan_of(root), partitions)
    (note,) = (root / ".genaudit").rglob("keys.json")
    note.unlink()
    before = tree(root)
    with pytest.raises(DDError) as caught:
        rolled_back(root, partitions)
    assert caught.value.ctx["reason"] == "workspace_damaged"
    assert caught.value.ctx["path"] == note.relative_to(root).as_posix()
    assert (tree(root), sets(partitions)) == (before, MOVED)


def test_keys_that_are_not_there_after_adding_stop_before_anything_is_deleted(tmp_path):
    root = migratable(tmp_path)
    partitions = FakePartitions(KEYS, loses=[NEW_DRAFT])
    with pytest.raises(DDError) as caught:
        applied(root, plan_of(root), partitions)
    assert caught.value.ctx["reason"] == "partitions_not_added"
    assert caught.value.ctx["keys"] == [NEW_DRAFT]
    assert LEGACY_DRAFT in partitions.keys("draft_gens")


def test_a_rollback_without_access_to_the_keys_reports_it(tmp_path):
    root = migratable(tmp_path)
    applied(root, plan_of(root), FakePartitions(KEYS))
    assert rolled_back(root).partitions_left


def test_without_keys_only_the_store_is_changed(tmp_path):
    root = migratable(tmp_path)
    partitions = FakePartitions({})
    applied(root, plan_of(root), partitions)
    assert partitions.calls == []
    assert (root / "gens" / "evaluation" / LEGACY_EVALUATION).exists() is False
