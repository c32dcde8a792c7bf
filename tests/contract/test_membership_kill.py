"""A writer that is killed, at any step, leaves the old membership with its manifest to readers, or the new ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from genaudit.cohorts import membership as membership_module
from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.manifest import MANIFEST_NAME
from genaudit.cohorts.membership import PREVIOUS_NAME, ManifestState, read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.store.snapshot import scan
from helpers.killing import killed_at_every_step
from helpers.membership import (
    MEMBERS,
    member,
    membership_frame,
    plain,
    write_membership_csv,
)
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, write_generation

BUILD = """
from genaudit.cohorts.artifacts import MembershipFileStore
from helpers.membership import membership_frame

def work(root, job):
    frame = membership_frame(job["members"])
    MembershipFileStore(root, slim=job["slim"]).persist_membership("c1", frame, {"build": "new"})
"""

NEW = (
    *MEMBERS,
    member("draft", "d_new", combo_id="c", template_id="t", llm_model_id="m", replicate=1),
    member("evaluation", "v_new", parent_gen_id=ESSAY, template_id="t", llm_model_id="m", replicate=1),
)
# The same members made of other things: the slim file has the same bytes before and after.
CHANGED = tuple({**each, "template_id": "another"} for each in MEMBERS)


def run_writers(source, target, members, *, slim):
    return killed_at_every_step(source, target, BUILD, {"members": members, "slim": slim})


def seen(root):
    """Return a reader's view of a cohort: its rows, their modes and the build metadata of the manifest."""
    if not (root / "cohorts" / "c1" / "membership.csv").exists():
        with pytest.raises(DDError) as caught:
            read_membership(Layout(root), "c1")
        return caught.value.ctx["reason"]
    table = read_membership(Layout(root), "c1")
    manifest = table.manifest
    service = MembershipService(root)
    ids = [service.stage_gen_ids(stage, "c1") for stage in ("draft", "essay", "evaluation")]
    built = (plain(manifest.frame), manifest.metadata) if manifest else None
    return plain(table.frame), built, ids


def file_of(root):
    path = root / "cohorts" / "c1" / "membership.csv"
    return path.read_bytes() if path.exists() else None


def records(root):
    return {
        path.parent.relative_to(root / "gens").as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (root / "gens").glob("*/*/metadata.json")
    }


def old_store(root, old):
    """Make a store with a cohort as an earlier build left it; the draft is there, and of the essay the prompt."""
    for stage in ("draft", "essay", "evaluation"):
        (root / "gens" / stage).mkdir(parents=True)
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "template_id": "of its own"})
    (write_generation(root, "essay", ESSAY) / "prompt.txt").write_text("think")
    if old:
        write_membership_csv(root, "c1", MEMBERS, form=old.split()[0], manifest=old.endswith("manifest"))
    return root


@pytest.mark.parametrize(
    ("old", "slim", "members"),
    [
        pytest.param(None, True, NEW, id="nothing-to-slim"),
        pytest.param("slim with manifest", True, NEW, id="slim-to-slim"),
        pytest.param("slim with manifest", True, CHANGED, id="slim-to-the-same-slim-bytes"),
        pytest.param("slim with manifest", False, NEW, id="slim-to-wide"),
        pytest.param("wide with manifest", True, CHANGED, id="wide-to-slim"),
        pytest.param("wide", True, CHANGED, id="old-wide-to-slim"),
        pytest.param("two_column", False, NEW, id="two-columns-to-wide"),
    ],
)
def test_killed_at_any_step(tmp_path, old, slim, members):
    source = old_store(tmp_path / "source", old)
    before, kept = seen(source), records(source)
    roots, steps = run_writers(source, tmp_path / "killed", members, slim=slim)
    after = seen(roots[-1])
    assert {"replace", "fsync", "rename", "link", "sync", "write", "mkdir"} <= set(steps)
    assert before == "membership_missing" or before[0][0]["gen_id"] == DRAFT
    assert after != before
    assert after[1] == (plain(MembershipService(roots[-1]).table("c1").manifest.frame), {"build": "new"})
    assert {row["gen_id"] for row in after[0]} == {row["gen_id"] for row in members}
    whole = {name: data for name, (data, _) in records(roots[-1]).items()}
    outcomes = []
    for root in roots:
        found = seen(root)
        assert found in (before, after), f"killed at step {root.name} of {steps}"
        outcomes.append(found == after)
        # The file of the members decides, but where it has the same bytes in both.
        assert found == after or file_of(root) != file_of(roots[-1]) or file_of(source) == file_of(roots[-1])
        assert found == before or file_of(root) == file_of(roots[-1])
        seeded = records(root)
        assert kept.items() <= seeded.items()
        assert {name: data for name, (data, _) in seeded.items()}.items() <= whole.items()
        assert len(scan(root).strays) == 0
        if found == after and members is NEW:
            assert len(seeded) == len(whole)
    # Both outcomes occur, and there is one step that leads from the one to the other.
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert sorted(outcomes) == outcomes


def test_a_killed_writer_can_be_run_again(tmp_path):
    source = old_store(tmp_path / "source", "slim with manifest")
    roots, _ = run_writers(source, tmp_path / "killed", NEW, slim=True)
    after = seen(roots[-1])
    whole = {name: data for name, (data, _) in records(roots[-1]).items()}
    leftovers = 0
    for root in roots:
        folder = root / "cohorts" / "c1"
        leftovers += len(set(os.listdir(folder)) - {"membership.csv", "stage_manifest.json"})
        seeded = records(root)
        MembershipFileStore(root, slim=True).persist_membership("c1", membership_frame(NEW), {"build": "new"})
        assert seen(root) == after
        assert sorted(os.listdir(folder)) == ["membership.csv", "stage_manifest.json"]
        assert seeded.items() <= records(root).items()
        assert {name: data for name, (data, _) in records(root).items()} == whole
        assert len(scan(root).strays) == 0
    assert leftovers > 10


def test_killed_again_and_again(tmp_path):
    """A second writer that is killed too finds the old state under the first one's leftovers, and leaves no third."""
    source = old_store(tmp_path / "source", "slim with manifest")
    roots, steps = run_writers(source, tmp_path / "killed", CHANGED, slim=False)
    commit = max(place for place, step in enumerate(steps) if step == "replace")
    before = seen(source)
    stopped = roots[commit]
    assert seen(stopped) == before
    assert (stopped / "cohorts" / "c1" / "stage_manifest.previous.json").exists()
    again, _ = run_writers(stopped, tmp_path / "again", NEW, slim=True)
    after = seen(again[-1])
    outcomes = [seen(root) for root in again]
    assert all(found in (before, after) for found in outcomes)
    assert outcomes[0] == before
    assert len(after[0]) == len(NEW)


WRITER = """
import json, sys
from pathlib import Path
from genaudit.cohorts.artifacts import MembershipFileStore
from helpers.membership import membership_frame

job = json.loads(sys.stdin.read())
frames = [membership_frame(members) for members in job["members"]]
for turn in range(job["turns"]):
    store = MembershipFileStore(Path(job["root"]), slim=turn % 3 != 0)
    store.persist_membership("c1", frames[turn % 2], {})
"""


def test_readers_beside_a_writer_see_one_build_or_the_other(tmp_path):
    members = [MEMBERS, CHANGED[:2]]
    MembershipFileStore(tmp_path, slim=True).persist_membership("c1", membership_frame(members[1]), {})
    expected = [[{k: v for k, v in row.items() if k != "mode"} for row in each] for each in members]
    job = json.dumps({"root": str(tmp_path), "members": members, "turns": 40})
    path = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}, text=True
    ) as writer:
        writer.stdin.write(job)
        writer.stdin.close()
        found = []
        while writer.poll() is None:
            table = read_membership(Layout(tmp_path), "c1")
            assert table.manifest_state is ManifestState.OK
            found.append(plain(table.frame))
    assert writer.returncode == 0
    assert all(rows in expected for rows in found)
    assert all(rows in found for rows in expected)


def test_a_reader_overtaken_by_two_builds_that_end_with_the_same_bytes(tmp_path, monkeypatch):
    def build(members):
        MembershipFileStore(tmp_path, slim=True).persist_membership("c1", membership_frame(members), {})

    build(MEMBERS)
    membership_bytes = file_of(tmp_path)
    overtaking = {MANIFEST_NAME: CHANGED[:2], PREVIOUS_NAME: MEMBERS}
    read = membership_module._read

    def overtaken(path, folder):
        members = overtaking.pop(path.name, None)
        if members:
            monkeypatch.setattr(membership_module, "_read", read)
            build(members)
            monkeypatch.setattr(membership_module, "_read", overtaken)
        return read(path, folder)

    monkeypatch.setattr(membership_module, "_read", overtaken)
    table = read_membership(Layout(tmp_path), "c1")
    assert (overtaking, file_of(tmp_path)) == ({}, membership_bytes)
    assert table.manifest_state is ManifestState.OK
    assert plain(table.frame) == [{k: v for k, v in row.items() if k != "mode"} for row in MEMBERS]
