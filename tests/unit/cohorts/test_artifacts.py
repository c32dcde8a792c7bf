from __future__ import annotations

import fcntl
import json
import os
import sys

import pytest

from genaudit.cohorts import artifacts
from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.membership import ManifestState, read_membership
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import (
    EVALUATION,
    MEMBERS,
    manifest_document,
    member,
    membership_csv,
    membership_frame,
    plain,
    signed,
    write_membership_csv,
)
from helpers.stores import DRAFT, write_generation

END_STATE = ["membership.csv", "stage_manifest.json"]


def persist(root, members=MEMBERS, *, slim=True, cohort="c1", metadata=None):
    return MembershipFileStore(root, slim=slim).persist_membership(cohort, membership_frame(members), metadata or {})


def refused(root, *arguments, **named):
    before = snapshot_of(root)
    with pytest.raises(DDError) as caught:
        persist(root, *arguments, **named)
    assert snapshot_of(root) == before
    return caught.value.code, caught.value.ctx


def snapshot_of(root):
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize(("slim", "form"), [(True, "slim"), (False, "wide")])
def test_a_build_leaves_membership_manifest_and_records(root, slim, form):
    handles = persist(root, slim=slim, metadata={"rows": 3})
    folder = root / "cohorts" / "c1"
    assert handles == {
        "membership": str(folder / "membership.csv"),
        "stage_manifest": str(folder / "stage_manifest.json"),
        "form": form,
        "rows": 3,
        "seeded": 3,
        "existing": 0,
        "kept": [],
    }
    membership = membership_csv("c1", MEMBERS, form)
    assert sorted(os.listdir(folder)) == END_STATE
    assert (folder / "membership.csv").read_bytes() == membership
    document = {**manifest_document("c1", MEMBERS, membership), "metadata": {"rows": 3}}
    assert json.loads((folder / "stage_manifest.json").read_bytes()) == json.loads(signed(document))
    assert sorted(path.parent.name for path in (root / "gens").glob("*/*/metadata.json")) == sorted(
        each["gen_id"] for each in MEMBERS
    )


def test_readers_see_no_difference_between_the_flags(tmp_path):
    found = []
    for slim in (True, False):
        root = tmp_path / str(slim)
        root.mkdir()
        rows = [{**MEMBERS[0], "origin_cohort_id": "older"}, *MEMBERS[1:]]
        persist(root, rows, slim=slim)
        table = read_membership(Layout(root), "c1")
        seeds = {path.relative_to(root): path.read_bytes() for path in (root / "gens").rglob("metadata.json")}
        found.append((plain(table.frame), table.manifest.entries, table.manifest_state, seeds))
    assert found[0] == found[1]
    assert found[0][0][0]["origin_cohort_id"] == "older"


@pytest.mark.parametrize(("value", "form"), [("on", "slim"), ("off", "wide"), (None, "slim")])
def test_the_flag_decides_the_form(root, monkeypatch, value, form):
    monkeypatch.delenv("DD_SLIM_MEMBERSHIP", raising=False)
    if value:
        monkeypatch.setenv("DD_SLIM_MEMBERSHIP", value)
    handles = MembershipFileStore(root).persist_membership("c1", membership_frame(MEMBERS), {})
    assert handles["form"] == form


def test_seeding_reads_the_manifest_behind_the_flag_and_the_rows_before(root, monkeypatch):
    seen = []
    original = artifacts.plan_seeding

    def noted(layout, frame):
        seen.append(frame)
        return original(layout, frame)

    made = []
    from_membership = artifacts.StageManifest.from_membership

    def manifest(frame, cohort_id):
        made.append(from_membership(frame, cohort_id))
        return made[-1]

    monkeypatch.setattr(artifacts, "plan_seeding", noted)
    monkeypatch.setattr(artifacts.StageManifest, "from_membership", manifest)
    persist(root, slim=True)
    persist(root, slim=False)
    assert [frame is each.frame for frame, each in zip(seen, made, strict=True)] == [True, False]
    assert plain(seen[0]) == plain(seen[1]) == list(MEMBERS)


def test_writing_again_changes_no_byte_and_no_record(root):
    persist(root, metadata={"a": 1})
    before = snapshot_of(root)
    handles = persist(root, metadata={"a": 1})
    after = snapshot_of(root)
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}
    assert all(after[name] == before[name] for name in before if name.startswith("gens/"))
    assert (handles["seeded"], handles["existing"], handles["kept"]) == (0, 3, [])


def test_differences_from_the_plan_are_returned_and_kept(root):
    stored = write_generation(root, "draft", DRAFT, {**MEMBERS[0], "llm_model_id": "another"}) / "metadata.json"
    before = (stored.read_bytes(), stored.stat().st_mtime_ns)
    handles = persist(root)
    assert (stored.read_bytes(), stored.stat().st_mtime_ns) == before
    assert (handles["seeded"], handles["existing"]) == (2, 1)
    assert handles["kept"] == [
        {
            "stage": "draft",
            "gen_id": DRAFT,
            "path": f"gens/draft/{DRAFT}/metadata.json",
            "problem": None,
            "differences": {"llm_model_id": {"stored": "another", "planned": "gemini_25_pro"}},
        }
    ]
    json.dumps(handles)


def test_an_old_membership_is_replaced_with_its_manifest(root):
    write_membership_csv(root, "c1", form="two_column", manifest=False)
    persist(root, [*MEMBERS, member("draft", "d_2", combo_id="c", template_id="t", llm_model_id="m", replicate=1)])
    table = read_membership(Layout(root), "c1")
    assert table.frame["gen_id"].tolist() == [DRAFT, "d_2", MEMBERS[1]["gen_id"], EVALUATION]
    assert table.manifest_state is ManifestState.OK
    persist(root, MEMBERS, slim=False)
    assert plain(read_membership(Layout(root), "c1").manifest.frame) == list(MEMBERS)
    assert sorted(os.listdir(root / "cohorts" / "c1")) == END_STATE


@pytest.mark.parametrize("damage", [b"", b"stage,gen_id\nx,y\n", b"\xff"])
def test_a_damaged_membership_or_manifest_is_replaced_by_a_build(root, damage):
    folder = write_membership_csv(root, "c1")
    (folder / "membership.csv").write_bytes(damage)
    (folder / "stage_manifest.json").write_bytes(b"{")
    persist(root)
    assert plain(read_membership(Layout(root), "c1").manifest.frame) == list(MEMBERS)


def test_the_manifest_of_another_version_is_not_replaced(root):
    folder = write_membership_csv(root, "c1")
    membership = (folder / "membership.csv").read_bytes()
    (folder / "stage_manifest.json").write_bytes(
        signed({**manifest_document("c1", MEMBERS, membership), "version": 2})
    )
    assert refused(root)[1]["reason"] == "manifest_version"


def test_errors_are_raised_before_anything_is_written(root):
    write_membership_csv(root, "c1")
    code, ctx = refused(root, [member("draft", "../d_1")])
    assert (code, ctx["reason"]) == (Err.INVALID_MEMBERSHIP, "invalid_rows")
    assert ctx["path"] == str(root / "cohorts" / "c1" / "membership.csv")
    code, ctx = refused(root, [member("draft", "d_1"), member("essay", "e_1")])
    assert (code, ctx["reason"]) == (Err.DATA_MISSING, "seed_incomplete")
    assert [each["gen_id"] for each in ctx["problems"]] == ["d_1", "e_1"]
    code, ctx = refused(root, metadata={"a": object()})
    assert (code, ctx["reason"]) == (Err.INVALID_CONFIG, "metadata_not_plain")


@pytest.mark.parametrize("cohort", ["..", "a/b", "", ".c1"])
def test_an_unsafe_cohort(root, cohort):
    code, ctx = refused(root, cohort=cohort)
    assert (code, ctx["reason"]) == (Err.INVALID_CONFIG, "unsafe_id")


def test_a_missing_root_is_not_created(tmp_path):
    with pytest.raises(DDError) as caught:
        persist(tmp_path / "none")
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "no_such_root")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("level", ["cohorts", "cohorts/c1"])
def test_a_cohort_that_is_a_link_is_refused(root, tmp_path, level):
    write_membership_csv(tmp_path / "elsewhere", "c1")
    (root / level).parent.mkdir(exist_ok=True)
    (root / level).symlink_to(tmp_path / "elsewhere" / level)
    before = snapshot_of(tmp_path / "elsewhere")
    code, ctx = refused(root)
    assert (code, ctx["reason"], ctx["kind"]) == (Err.INVALID_CONFIG, "unsafe_path", "symbolic link")
    assert snapshot_of(tmp_path / "elsewhere") == before


def test_a_membership_that_is_a_link_is_refused(root, tmp_path):
    folder = write_membership_csv(root, "c1")
    (folder / "membership.csv").rename(tmp_path / "membership.csv")
    (folder / "membership.csv").symlink_to(tmp_path / "membership.csv")
    assert refused(root)[1]["reason"] == "not_readable"
    assert (folder / "membership.csv").is_symlink()


def test_one_writer_at_a_time(root):
    folder = write_membership_csv(root, "c1")
    other = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, ctx = refused(root)
        assert (code, ctx["reason"], ctx["path"]) == (Err.IO_ERROR, "cohort_busy", str(folder))
        persist(root, cohort="c2")
    finally:
        os.close(other)
    persist(root)


def test_leftovers_of_stopped_writers_are_cleared_away_and_nothing_else(root):
    folder = write_membership_csv(root, "c1")
    for name in (".membership.csv.x1_y.tmp", ".stage_manifest.json.ab.tmp", ".stage_manifest.previous.json.ab.tmp"):
        (folder / name).write_text("part")
    kept = ["manifest.json", ".notes.tmp", "membership.csv.bak", ".membership.csv.swp"]
    for name in kept:
        (folder / name).write_text("mine")
    (folder / "spec").mkdir()
    persist(root)
    assert sorted(os.listdir(folder)) == sorted([*END_STATE, *kept, "spec"])


@pytest.mark.parametrize("name", ["stage_manifest.json", "membership.csv", "stage_manifest.previous.json"])
def test_a_failure_on_the_way_leaves_the_old_state_to_readers(root, monkeypatch, name):
    persist(root)
    before = read_membership(Layout(root), "c1")
    original = artifacts.write_atomic

    def fail(path, data):
        if path.name == name:
            raise DDError(Err.IO_ERROR, {"reason": "not_writable", "path": str(path)})
        original(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "write_atomic", fail)
        with pytest.raises(DDError):
            persist(root, MEMBERS[:2], slim=False)
    found = read_membership(Layout(root), "c1")
    assert plain(found.frame) == plain(before.frame)
    assert found.manifest.entries == before.manifest.entries
    persist(root, MEMBERS[:2], slim=False)
    assert len(read_membership(Layout(root), "c1").frame) == 2
    assert sorted(os.listdir(root / "cohorts" / "c1")) == END_STATE


def test_twice_the_members_are_twice_the_work(tmp_path):
    def calls(size):
        root = tmp_path / str(size)
        root.mkdir()
        rows = [
            member("draft", f"d_{number:05}", combo_id="c", template_id="t", llm_model_id="m", replicate=number + 1)
            for number in range(size)
        ]
        frame, store, counted = membership_frame(rows), MembershipFileStore(root, slim=True), [0]

        def count(_frame, event, _argument):
            counted[0] += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            store.persist_membership("c1", frame, {})
        finally:
            sys.setprofile(None)
        return counted[0]

    calls(10)
    first, second, third = calls(200), calls(400), calls(800)
    assert second - first > 200
    assert abs((third - second) - 2 * (second - first)) < (second - first) / 20
