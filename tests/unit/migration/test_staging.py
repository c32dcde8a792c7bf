"""Files prepared beside the store, and the deletion of leftovers."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.staging import Contents, check_fresh, clear_rubbish, stage
from helpers.migrations import CASCADED, LEGACY_DRAFT, NEW_DRAFT, NEW_ESSAY, migratable, plan_of, tree


def test_the_preparation_holds_both_contents_of_every_file_and_leaves_the_store_alone(tmp_path):
    root = migratable(tmp_path)
    made, before = plan_of(root), tree(root)
    steps = []
    with Files(root) as files:
        workspace = stage(files, made, steps.append)
    assert tree(root) == before
    assert steps == [1] * len(made.edits)
    base = root / workspace.base
    for number, edit in enumerate(made.edits):
        kept = base / "old" / str(number)
        assert kept.read_bytes() == (root / edit.path).read_bytes()
        assert kept.stat().st_mtime_ns == (root / edit.path).stat().st_mtime_ns
        assert kept.stat().st_ino != (root / edit.path).stat().st_ino
        new = base / "new" / str(number)
        assert sha256(new.read_bytes()).hexdigest() == edit.after
        assert new.stat().st_mode == (root / edit.path).stat().st_mode
    noted = json.loads((base / "before.json").read_bytes())
    assert noted["mtimes"]["gens/draft"] == (root / "gens" / "draft").stat().st_mtime_ns
    assert not list(base.parent.glob("*.staging"))


def test_new_contents_are_made_only_for_the_planned_bytes(tmp_path):
    root = migratable(tmp_path)
    made = plan_of(root)
    record = next(edit for edit in made.edits if edit.path == f"gens/essay/{CASCADED}/metadata.json")
    with Files(root) as files:
        after = json.loads(Contents(files, made.edits, made.ids, made.stages).after(record))
        assert (after["gen_id"], after["parent_gen_id"]) == (NEW_ESSAY, NEW_DRAFT)
        (root / record.path).write_text("{}")
        with pytest.raises(DDError) as caught:
            Contents(files, made.edits, made.ids, made.stages).after(record)
    assert caught.value.ctx["reason"] == "store_drifted"
    assert caught.value.ctx["path"] == record.path


def test_drifted_files_are_named(tmp_path):
    root = migratable(tmp_path)
    made = plan_of(root)
    (root / "gens" / "draft" / NEW_DRAFT).mkdir()
    with Files(root) as files, pytest.raises(DDError) as caught:
        check_fresh(files, made)
    named = {"stage": "draft", "gen_id": LEGACY_DRAFT, "planned": NEW_DRAFT, "present": None}
    assert named in caught.value.ctx["problems"]


def test_rubbish_is_cleared_and_nothing_else(tmp_path):
    base = tmp_path / ".genaudit" / "migrations"
    for name in ("0123456789abcdef.staging", "0123456789abcdef.removed", "0123456789abcdef", "theirs"):
        (base / name / "old").mkdir(parents=True)
        (base / name / "old" / "0").write_text("")
        (base / name / "plan.json").write_text("")
    with Files(tmp_path) as files:
        clear_rubbish(files)
    assert sorted(path.name for path in base.iterdir()) == ["0123456789abcdef", "theirs"]
