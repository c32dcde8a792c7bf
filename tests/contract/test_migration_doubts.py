"""Changes by other programs during or after a migration: none of them is lost."""

from __future__ import annotations

import errno
import fcntl
import os

import pytest

from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.membership import read_membership
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.migration import files as files_module
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.rollback import rollback
from genaudit.store.ledger import LEDGER
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    NEW_DRAFT,
    NEW_ESSAY,
    CrashError,
    FailingFiles,
    applied,
    migratable,
    plan_of,
    rolled_back,
    tree,
)


class Meddled(Files):
    """A file layer in whose way somebody does something, once, when the first file is exchanged."""

    def __init__(self, root, meddle):
        super().__init__(root)
        self.meddle = meddle

    def replace(self, path, target):
        if self.meddle:
            meddle, self.meddle = self.meddle, None
            meddle()
        super().replace(path, target)


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


def reason(call, *arguments, **named):
    with pytest.raises(DDError) as caught:
        call(*arguments, **named)
    return caught.value.ctx["reason"]


def first_rename(store, made):
    """The number of the effect that renames the first generation."""
    # The second one finds the state folder made.
    applied(store, made)
    rolled_back(store)
    with FailingFiles(store) as files:
        apply(files, made)
        number = next(at for at, each in enumerate(files.done) if each[0] == "rename" and each[1].startswith("gens/"))
    rolled_back(store)
    return number


TABLE = "7_cross_experiment/scores.csv"


def replaced(path):
    """Save a file as careful programs do: a new one takes its place."""
    beside = path.with_name("beside")
    beside.write_text("gen_id\nmine\n")
    beside.rename(path)


def edited_in_place(path):
    path.write_text("gen_id\nmine\n")


@pytest.mark.parametrize("save", [replaced, edited_in_place])
@pytest.mark.parametrize("undo", [False, True])
def test_a_file_that_somebody_saves_between_the_look_and_its_turn_is_kept(store, save, undo):
    made, before = plan_of(store), tree(store)
    path = store / TABLE
    if undo:
        applied(store, made)
    # A selection is exchanged before it.
    with Meddled(store, lambda: save(path)) as files, pytest.raises(DDError) as caught:
        rollback(files) if undo else apply(files, made)
    assert path.read_text() == "gen_id\nmine\n"
    assert caught.value.ctx["reason"] == "store_drifted"
    with pytest.raises(DDError) as caught:
        applied(store, made) if not undo else rolled_back(store)
    (problem,) = caught.value.ctx["problems"]
    assert problem["path"] == TABLE
    # With either content that it names put back, both ways are open again.
    if not undo:
        path.write_bytes((store / problem["planned"]).read_bytes())
        applied(store, made)
    else:
        path.write_bytes((store / problem["original"]).read_bytes())
    rolled_back(store)
    assert {name: each[2] for name, each in tree(store).items()} == {name: each[2] for name, each in before.items()}


@pytest.mark.parametrize("then", ["apply", "rollback"])
def test_a_folder_that_takes_the_new_name_midway_is_not_replaced(store, then):
    made, before = plan_of(store), tree(store)
    number = first_rename(store, made)
    taken = store / "gens" / "draft" / NEW_DRAFT

    def take():
        taken.mkdir()
        (taken / "metadata.json").write_text("theirs")

    with FailingFiles(store, number) as files, pytest.raises(CrashError):
        apply(files, made)
    take()
    act = (lambda: applied(store, made)) if then == "apply" else (lambda: rolled_back(store))
    assert reason(act) == "store_drifted"
    assert (taken / "metadata.json").read_text() == "theirs"
    assert (store / "gens" / "draft" / LEGACY_DRAFT / "metadata.json").is_file()
    taken.rename(store.parent / "theirs")
    act()
    if then == "rollback":
        assert tree(store) == before
    else:
        assert (taken / "metadata.json").read_text() != "theirs"
        rolled_back(store)
        assert tree(store) == before


def test_a_folder_that_takes_the_new_name_in_the_last_moment_is_not_replaced(store):
    made = plan_of(store)
    taken = store / "gens" / "draft" / NEW_DRAFT
    count = [0]

    class Late(Files):
        def rename(self, path, target):
            if path.startswith("gens/draft/"):
                count[0] += 1
                taken.mkdir()
            super().rename(path, target)

    with Late(store) as files, pytest.raises(DDError) as caught:
        apply(files, made)
    assert count == [1]
    assert caught.value.ctx["reason"] == "migration_stopped"
    assert list(taken.iterdir()) == []
    taken.rmdir()
    applied(store, made)
    assert (taken / "metadata.json").is_file()


def test_files_added_to_a_renamed_generation_survive_the_rollback(store):
    before = tree(store)
    applied(store, plan_of(store))
    folder = store / "gens" / "essay" / NEW_ESSAY
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.md").write_text("kept")
    (folder / "linked").symlink_to("notes/mine.md")
    rolled_back(store)
    old = store / "gens" / "essay" / CASCADED
    assert (old / "notes" / "mine.md").read_text() == "kept"
    assert (old / "linked").read_text() == "kept"
    after = {
        path: what for path, what in tree(store).items() if "/notes" not in path and not path.endswith("/linked")
    }
    assert after == before


def test_a_state_folder_on_another_file_system_refuses_and_changes_nothing(store, monkeypatch):
    made, before = plan_of(store), tree(store)

    def refuse(*_):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(files_module, "copy_file", refuse)
    assert reason(applied, store, made) == "not_writable"
    assert tree(store) == before
    assert rolled_back(store) is None
    monkeypatch.undo()
    applied(store, made)
    rolled_back(store)
    assert tree(store) == before


def test_a_state_folder_behind_a_link_is_refused(store, tmp_path):
    made, before = plan_of(store), tree(store)
    (tmp_path / "elsewhere").mkdir()
    (store / ".genaudit").symlink_to(tmp_path / "elsewhere")
    assert reason(applied, store, made) == "not_readable"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (store / ".genaudit").unlink()
    assert {path for path, what in tree(store).items() if what != before[path]} <= {"."}


def test_a_ledger_whose_last_line_decayed_is_not_cut_off(store):
    applied(store, plan_of(store, excepted=["99evaluation9old"]))
    path = store / LEDGER
    data = path.read_bytes().replace(b"applied", b"applies")
    path.write_bytes(data)
    assert reason(rolled_back, store) == "workspace_damaged"
    assert path.read_bytes() == data


def build(store):
    """Write the store's cohort again."""
    members = read_membership(Layout(store), "c1").frame
    return MembershipFileStore(store, slim=True).persist_membership("c2", members.assign(mode="llm"), {})


def test_no_cohort_is_written_while_a_migration_is_at_work_or_interrupted(store):
    made = plan_of(store)
    handle = os.open(store, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert reason(build, store) == "migration_busy"
    os.close(handle)
    number = first_rename(store, made)
    with FailingFiles(store, number) as files, pytest.raises(CrashError):
        apply(files, made)
    present = tree(store)
    assert reason(build, store) == "migration_interrupted"
    assert tree(store) == present
    applied(store, made)
    assert build(store)["rows"] == 4


def test_no_migration_begins_while_a_cohort_is_written(store):
    handle = os.open(store, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    assert reason(applied, store, plan_of(store)) == "migration_busy"
    os.close(handle)
    applied(store, plan_of(store))
