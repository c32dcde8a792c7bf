"""Where the file of an edit is, and how far each step has come."""

from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.workspace import (
    JournalStep,
    Workspace,
    kept_plan,
    latest,
    place,
    survey,
    unfinished,
    workspace_of,
)
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, applied, migratable, plan_of

IDS = {"draft": {"a": "b"}, "essay": {}}


@pytest.mark.parametrize(
    ("path", "names", "now"),
    [
        ("gens/draft/a/metadata.json", {"a"}, "gens/draft/a/metadata.json"),
        ("gens/draft/a/metadata.json", {"b"}, "gens/draft/b/metadata.json"),
        ("gens/draft/a/metadata.json", set(), "gens/draft/a/metadata.json"),
        ("gens/draft/c/metadata.json", {"b"}, "gens/draft/c/metadata.json"),
        ("gens/essay/a/metadata.json", {"b"}, "gens/essay/a/metadata.json"),
        # Not a generation's: a name that only looks like it.
        ("other/draft/a/metadata.json", {"b"}, "other/draft/a/metadata.json"),
        ("gens/draft/a", {"b"}, "gens/draft/a"),
    ],
)
def test_a_file_moves_with_its_folder(path, names, now):
    present = {"draft": frozenset(names), "essay": frozenset(names)}
    assert place(path, IDS, present) == now


def test_steps_are_read_off_the_store(tmp_path):
    root = migratable(tmp_path)
    made = plan_of(root)
    with Files(root) as files:
        assert set(survey(files, made).renames) == set(survey(files, made).edits) == {JournalStep.OPEN}
        applied(root, made)
        assert set(survey(files, made).renames) == set(survey(files, made).edits) == {JournalStep.DONE}
        # Both names, and then neither.
        (root / "gens" / "draft" / LEGACY_DRAFT).mkdir()
        assert survey(files, made).renames == (JournalStep.FOREIGN, JournalStep.DONE, JournalStep.DONE)
        (root / "gens" / "draft" / LEGACY_DRAFT).rmdir()
        (root / "gens" / "draft" / NEW_DRAFT).rename(tmp_path / "away")
        assert survey(files, made).renames == (JournalStep.FOREIGN, JournalStep.DONE, JournalStep.DONE)
        assert survey(files, made).count(JournalStep.FOREIGN) == 2


def test_a_workspace_of_another_plan_is_damage(tmp_path):
    root = migratable(tmp_path)
    made = plan_of(root)
    applied(root, made)
    with Files(root) as files:
        assert unfinished(files) == []
        assert kept_plan(files, workspace_of(made)) == made
        base = root / workspace_of(made).base
        base.rename(base.with_name("0" * 16))
        with pytest.raises(DDError) as caught:
            kept_plan(files, Workspace(".genaudit/migrations/0000000000000000"))
        assert caught.value.ctx["reason"] == "workspace_damaged"
        assert unfinished(files) == ["0" * 16]
        with pytest.raises(DDError):
            latest(files)
