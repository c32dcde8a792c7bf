"""A migration keeps its way back: against edits in place, damaged state files, own writes, and late children."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil

import pytest

from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.membership import read_membership
from genaudit.cohorts.slimming import slim_memberships
from genaudit.errors import DDError
from genaudit.generating import replaced
from genaudit.generating.folder import open_generation
from genaudit.layout import Layout
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.simulate import simulate
from genaudit.migration.status import status
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    NEW_DRAFT,
    NEW_ESSAY,
    CrashError,
    FailingFiles,
    applied,
    content,
    migratable,
    plan_of,
    rolled_back,
    tree,
)
from helpers.stores import ESSAY_RECORD, write_generation


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


def refusal(call, *arguments, **named):
    with pytest.raises(DDError) as caught:
        call(*arguments, **named)
    return caught.value.ctx


def workspace(root):
    (found,) = (path for path in (root / ".genaudit" / "migrations").iterdir() if path.suffix == "")
    return found


def looked_at(root):
    with Files(root) as files:
        return status(files)


def stopped_at_first_replace(root, made):
    """Stop an apply before its first file is exchanged."""
    trial = shutil.copytree(root, root.parent / "trial", symlinks=True)
    with FailingFiles(trial) as files:
        apply(files, made)
        at = next(number for number, effect in enumerate(files.done) if effect[0] == "replace")
    with FailingFiles(root, at) as files, pytest.raises(CrashError):
        apply(files, made)


@pytest.mark.parametrize("kind", ["original", "planned"])
def test_an_edit_in_place_of_a_pending_file_leaves_both_kept_contents_usable(store, kind):
    made, before = plan_of(store), tree(store)
    stopped_at_first_replace(store, made)
    record = store / "gens" / "draft" / LEGACY_DRAFT / "metadata.json"
    with record.open("ab") as file:
        file.write(b" ")
    ctx = refusal(applied, store, made)
    assert ctx["reason"] == refusal(rolled_back, store)["reason"] == "store_drifted"
    (problem,) = ctx["problems"]
    record.write_bytes((store / problem[kind]).read_bytes())
    applied(store, made)
    rolled_back(store)
    after = tree(store)
    assert {path: (mode, what) for path, (mode, _, what) in after.items()} == {
        path: (mode, what) for path, (mode, _, what) in before.items()
    }


def test_no_live_file_shares_an_inode_with_a_kept_one(store):
    applied(store, plan_of(store))
    kept = {path.stat().st_ino for path in (store / ".genaudit").rglob("*") if path.is_file()}
    live = {path.stat().st_ino for path in store.rglob("*") if path.is_file() and ".genaudit" not in path.parts}
    assert not kept & live


def test_an_edit_of_a_simulated_copy_stays_in_the_copy(store, tmp_path):
    before = tree(store)
    simulate(store, plan_of(store), tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        if path.is_file():
            with path.open("ab") as file:
                file.write(b"more")
    assert tree(store) == before


STATES = {
    "empty object": b"{}",
    "list": b"[]",
    "null": b"null",
    "no json": b"{",
    "a wrong type": b'{"mtimes": "x", "quoting": 1, "digest": 2}',
    "a time too large": b'{"mtimes": {"gens/draft": 1e30}, "quoting": [], "digest": "x"}',
    "an integer too large": b'{"version": 1000000000000000000000000000000000000000}',
    "a folder": None,
}
FILES = ["before.json", "keys.json", "carried.json", "plan.json", "journal.jsonl", "../../ledger.jsonl"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("data", STATES.values(), ids=STATES)
def test_a_damaged_state_file_is_named_with_the_way_on(store, name, data):
    made = plan_of(store)
    applied(store, made)
    path = (workspace(store) / name).resolve()
    path.unlink(missing_ok=True)
    if data is None:
        path.mkdir()
    else:
        # A file of lines holds whole ones.
        path.write_bytes(data + b"\n")
    present = tree(store)
    for call in (lambda: looked_at(store), lambda: rolled_back(store)):
        ctx = refusal(call)
        assert ctx["reason"] == "workspace_damaged"
        assert ctx["path"] == path.relative_to(store.resolve()).as_posix()
        assert ctx["problem"]
        assert "backup" in ctx["next"]
    assert tree(store) == present


def test_a_changed_value_of_the_right_type_does_not_match_the_digest(store):
    applied(store, plan_of(store))
    path = workspace(store) / "before.json"
    noted = json.loads(path.read_bytes())
    noted["mtimes"]["gens/draft"] += 1
    path.write_text(json.dumps(noted))
    assert refusal(rolled_back, store)["field"] == "digest"


def test_an_unknown_event_in_the_journal_is_damage(store):
    applied(store, plan_of(store))
    with Files(store) as files:
        from genaudit.migration.checksummed_log import append_line  # noqa: PLC0415

        append_line(files, (workspace(store) / "journal.jsonl").relative_to(store).as_posix(), {"event": "dance"})
    ctx = refusal(looked_at, store)
    assert (ctx["reason"], ctx["value"]) == ("workspace_damaged", "dance")


@pytest.mark.parametrize("suffix", ["removed", "staging"])
def test_nested_leftovers_are_cleared(store, suffix):
    before = tree(store)
    deep = store / ".genaudit" / "migrations" / f"0123456789abcdef.{suffix}" / "old" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "c").symlink_to(store)
    applied(store, plan_of(store))
    assert not deep.parents[2].exists()
    rolled_back(store)
    found = tree(store)
    found["."] = before["."]
    assert found == before


def build(root):
    members = read_membership(Layout(root), "c1").frame
    MembershipFileStore(root, slim=True).persist_membership("c1", members.assign(mode="llm"), {})


def build_another(root):
    members = read_membership(Layout(root), "c1").frame
    MembershipFileStore(root, slim=True).persist_membership("c2", members.assign(mode="llm"), {})


def answer(root):
    """Write a report as a step does, whose parent is renamed."""
    with open_generation(Layout(root), "essay", NEW_ESSAY, alone=True) as folder:
        folder.write("raw_metadata.json", {"input_mode": "copy", "copied_from": f"gens/draft/{NEW_DRAFT}/parsed.txt"})


WRITERS = (build, build_another, answer)


def check_undone(root, before):
    """Check that all ids are the old ones, and that only files written since differ."""
    found = looked_at(root)
    assert found.refused is None
    assert found.added_since == []
    assert list(rolled_back(root).carried) == found.carried_over
    after = content(root)
    assert before.keys() <= after.keys()
    since = {"cohorts/c1", "cohorts/c2", "gens/essay"}
    for path, what in after.items():
        assert before.get(path) == what or any(path.startswith(each) for each in since), path
        if path.startswith(("cohorts/", "gens/")) and path.endswith((".csv", ".json")):
            text = (root / path).read_text()
            assert NEW_DRAFT not in text
            assert NEW_ESSAY not in text


@pytest.mark.parametrize("write", WRITERS)
def test_files_that_genaudit_writes_after_a_migration_are_carried_over(store, write):
    before = content(store)
    applied(store, plan_of(store))
    write(store)
    check_undone(store, before)


def test_a_membership_that_was_made_slim_after_a_migration_is_carried_over(store):
    members = read_membership(Layout(store), "c1").frame
    MembershipFileStore(store, slim=False).persist_membership("c1", members.assign(mode="llm"), {})
    before = content(store)
    applied(store, plan_of(store))
    (cohort,) = slim_memberships(store, ["c1"], apply=True).cohorts
    assert cohort.action == "rewrite", cohort
    check_undone(store, before)
    assert read_membership(Layout(store), "c1").frame["gen_id"].tolist()[0] == LEGACY_DRAFT


@pytest.mark.parametrize("seed", range(8))
def test_random_writes_never_block_the_way_back(store, seed):
    chosen = random.Random(seed)  # noqa: S311 (a sequence to repeat)
    before = content(store)
    applied(store, plan_of(store))
    for write in chosen.choices(WRITERS, k=chosen.randrange(1, 6)):
        write(store)
    check_undone(store, before)


def test_a_child_added_meanwhile_is_named_with_its_new_parent(store):
    made = plan_of(store)

    class Adding(Files):
        """Adds a child of the old draft before the keys or the final check."""

        def rename(self, path, target):
            super().rename(path, target)
            if path == f"gens/draft/{LEGACY_DRAFT}":
                record = {**ESSAY_RECORD, "parent_gen_id": LEGACY_DRAFT, "template_id": "late"}
                write_generation(self.root, "essay", "e_late", record)

    with Adding(store) as files:
        ctx = refusal(apply, files, made)
    assert ctx["reason"] == "verification_failed"
    (problem,) = ctx["problems"]
    assert (problem["path"], problem["new_parent"]) == ("gens/essay/e_late/metadata.json", NEW_DRAFT)
    record = store / problem["path"]
    record.write_text(record.read_text().replace(LEGACY_DRAFT, NEW_DRAFT))
    applied(store, made)


def test_no_step_works_while_a_migration_is_at_work_and_none_begins_meanwhile(store):
    layout = Layout(store)
    made = plan_of(store)
    with Files(store) as files:
        files.lock()
        with pytest.raises(DDError) as caught, open_generation(layout, "draft", LEGACY_DRAFT, alone=True):
            pass
        assert caught.value.ctx["reason"] == "migration_busy"
    with open_generation(layout, "draft", LEGACY_DRAFT, alone=True):
        assert refusal(applied, store, made)["reason"] == "migration_busy"


def test_a_full_disk_is_named_with_the_path(store, monkeypatch):
    made = plan_of(store)
    real = os.write

    def write(handle, data):
        if b'"fingerprint"' in bytes(data[:4000]) or len(data) > 1000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data)

    monkeypatch.setattr(os, "write", write)
    ctx = refusal(applied, store, made)
    assert (ctx["reason"], ctx["error"]) == ("not_writable", os.strerror(errno.ENOSPC))
    assert ctx["path"].endswith(".staging/plan.json")


@pytest.mark.parametrize("stopped", [False, True], ids=["numbered", "stopped on its way"])
def test_an_answer_that_is_replaced_after_a_migration_is_carried_over(store, stopped, monkeypatch):
    applied(store, plan_of(store))
    if stopped:
        monkeypatch.setattr(replaced, "_number", lambda _: None)
    with open_generation(Layout(store), "essay", NEW_ESSAY, alone=True) as folder:
        replaced.make_room(folder, ("raw_metadata.json", "raw.txt"))
    found = looked_at(store)
    place = ".replacing" if stopped else "replaced/1"
    assert (found.refused, found.added_since) == (None, [])
    assert found.carried_over == [f"gens/essay/{NEW_ESSAY}/{place}/raw_metadata.json"]
    rolled_back(store)
    report = (store / "gens" / "essay" / CASCADED / place / "raw_metadata.json").read_text()
    assert json.loads(report)["copied_from"] == f"gens/draft/{LEGACY_DRAFT}/parsed.txt"
