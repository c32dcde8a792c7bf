from __future__ import annotations

import os
import shutil

import pytest

from genaudit.cohorts.manifest import StageManifest
from genaudit.cohorts.membership import (
    MEMBERSHIP_COLUMNS,
    ManifestState,
    MembershipForm,
    read_manifest,
    read_membership,
    read_membership_file,
)
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import (
    MEMBERS,
    manifest_document,
    member,
    membership_csv,
    plain,
    signed,
    write_membership_csv,
)
from helpers.stores import DRAFT

WITHOUT_MODE = [{name: value for name, value in each.items() if name != "mode"} for each in MEMBERS]
OTHERS = (member("draft", "d_1", template_id="t"),)


def read(root, cohort="c1"):
    return read_membership(Layout(root), cohort)


def refused(root, cohort="c1"):
    with pytest.raises(DDError) as caught:
        read(root, cohort)
    return caught.value.code, caught.value.ctx


def test_the_columns():
    assert MEMBERSHIP_COLUMNS == (
        "stage",
        "gen_id",
        "origin_cohort_id",
        "parent_gen_id",
        "combo_id",
        "template_id",
        "llm_model_id",
        "replicate",
    )


@pytest.mark.parametrize("form", ["wide", "slim", "two_column"])
def test_with_its_manifest_every_form_gives_the_same_rows(root, form):
    write_membership_csv(root, "c1", form=form)
    table = read(root)
    assert plain(table.frame) == WITHOUT_MODE
    assert tuple(table.frame.columns) == MEMBERSHIP_COLUMNS
    assert table.form is MembershipForm(form)
    assert table.manifest_state is ManifestState.OK
    assert [entry.mode for entry in table.manifest.entries.values()] == ["llm", "copy", "llm"]


def test_without_a_manifest_only_the_fields_of_the_file_are_known(root):
    write_membership_csv(root, "c1", form="slim", manifest=False)
    table = read(root)
    assert [row.keys() for row in plain(table.frame)] == [{"stage", "gen_id", "origin_cohort_id"}] * 3
    assert (table.manifest, table.manifest_state) == (None, ManifestState.ABSENT)
    write_membership_csv(root, "c2", form="wide", manifest=False)
    assert [row["template_id"] for row in plain(read(root, "c2").frame)] == [row["template_id"] for row in MEMBERS]


def test_the_origin_of_a_member_comes_from_the_manifest(root):
    write_membership_csv(root, "c1", [member("draft", "d_1", origin_cohort_id="older")], form="wide")
    assert b"older" not in (root / "cohorts/c1/membership.csv").read_bytes()
    assert read(root).frame["origin_cohort_id"].tolist() == ["older"]


@pytest.mark.parametrize("form", ["wide", "slim"])
def test_a_membership_that_was_edited_has_no_manifest(root, form):
    path = write_membership_csv(root, "c1", form=form) / "membership.csv"
    path.write_bytes(path.read_bytes().replace(b"v_1k3", b"v_1k4"))
    table = read(root)
    assert table.frame["gen_id"].tolist()[-1] == "v_1k4"
    assert (table.manifest, table.manifest_state) == (None, ManifestState.STALE)


def test_a_membership_saved_by_a_spreadsheet_keeps_its_manifest(root):
    path = write_membership_csv(root, "c1") / "membership.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b",\r\n"))
    assert read(root).manifest_state is ManifestState.OK


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(b"essay,e_1,c1,d_1\ndraft,d_1,c1,\n", id="out of stage order"),
        pytest.param(b" draft , d_1,c1 ,\nessay,e_1,c1, d_1 \n", id="blanks around cells"),
        pytest.param(b"draft,d_1,,\nessay,e_1,,d_1\n", id="no cohort"),
        pytest.param(b"draft,d_1,c1,\ndraft,d_1,c1,\nessay,e_1,c1,d_1\n", id="a row twice"),
    ],
)
def test_a_manifest_that_was_bound_to_an_odd_files_own_bytes_belongs_to_it(root, rows):
    members = [member("draft", "d_1", mode="copy"), member("essay", "e_1", parent_gen_id="d_1")]
    folder = write_membership_csv(root, "c1", members)
    odd = b"stage,gen_id,cohort_id,parent_gen_id\n" + rows
    (folder / "membership.csv").write_bytes(odd)
    assert read(root).manifest_state is ManifestState.STALE
    (folder / "stage_manifest.json").write_bytes(signed(manifest_document("c1", members, odd)))
    assert plain(read(root).manifest.frame) == members


def test_the_file_alone_is_read_with_any_manifest(root):
    folder = write_membership_csv(root, "c1", [member("draft", "d_1", origin_cohort_id="older")], form="wide")
    (folder / "stage_manifest.json").write_bytes(b"{")
    data, membership = read_membership_file(Layout(root), "c1")
    assert data == (folder / "membership.csv").read_bytes()
    assert plain(membership.frame) == [{"stage": "draft", "gen_id": "d_1", "origin_cohort_id": "c1"}]
    with pytest.raises(DDError) as caught:
        read_membership_file(Layout(root), "c2")
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "membership_missing")


def test_a_manifest_is_read_whether_it_belongs_or_not(root):
    folder = write_membership_csv(root, "c1")
    (folder / "membership.csv").write_bytes(b"stage,gen_id\ndraft,d_other\n")
    assert plain(read_manifest(Layout(root), "c1", "stage_manifest.json").frame) == list(MEMBERS)
    assert read_manifest(Layout(root), "c1", "stage_manifest.previous.json") is None


@pytest.mark.parametrize("form", ["wide", "slim"])
def test_before_the_commit_the_previous_manifest_counts(root, form):
    folder = write_membership_csv(root, "c1", form=form)
    shutil.copy(folder / "stage_manifest.json", folder / "stage_manifest.previous.json")
    new = membership_csv("c1", OTHERS, form)
    (folder / "stage_manifest.json").write_bytes(signed(manifest_document("c1", OTHERS, new)))
    assert plain(read(root).frame) == WITHOUT_MODE
    (folder / "membership.csv").write_bytes(new)
    assert read(root).frame["gen_id"].tolist() == ["d_1"]
    assert read(root).manifest_state is ManifestState.OK


def test_where_both_manifests_fit_the_new_one_counts(root):
    folder = write_membership_csv(root, "c1")
    shutil.move(folder / "stage_manifest.json", folder / "stage_manifest.previous.json")
    assert read(root).manifest.entries["draft", DRAFT].template_id == "creative-synthesis-v10"
    changed = [{**each, "template_id": "another"} for each in MEMBERS]
    write_membership_csv(root, "c1", changed)
    assert set(read(root).frame["template_id"]) == {"another"}


def test_a_writer_that_was_faster_is_caught_up_with(root, monkeypatch):
    folder = write_membership_csv(root, "c1", OTHERS)
    original = StageManifest.from_bytes
    calls = []

    def from_bytes(_, cohort, path, *_stages):
        # The other writer commits after the old membership was read, and before its manifest is.
        if not calls:
            write_membership_csv(root, "c1", MEMBERS)
        calls.append(path)
        return original((folder / "stage_manifest.json").read_bytes(), cohort, path)

    monkeypatch.setattr(StageManifest, "from_bytes", from_bytes)
    table = read(root)
    assert plain(table.frame) == WITHOUT_MODE
    assert table.manifest_state is ManifestState.OK
    assert len(calls) == 2


def test_a_damaged_manifest_is_not_passed_over(root):
    folder = write_membership_csv(root, "c1", form="wide")
    (folder / "stage_manifest.json").write_bytes(b"{")
    code, ctx = refused(root)
    assert (code, ctx["reason"]) == (Err.INVALID_MEMBERSHIP, "manifest_damaged")
    assert ctx["path"] == str(folder / "stage_manifest.json")


def test_problems_name_the_file(root):
    folder = root / "cohorts" / "c1"
    folder.mkdir(parents=True)
    (folder / "membership.csv").write_bytes(b"stage,gen_id\ndrafts,\n")
    code, ctx = refused(root)
    assert (code, ctx["reason"], ctx["path"]) == (
        Err.INVALID_MEMBERSHIP,
        "invalid_rows",
        str(folder / "membership.csv"),
    )
    assert [(each["path"], each["line"], each["field"], each["value"]) for each in ctx["problems"]] == [
        (ctx["path"], 2, "stage", "drafts"),
        (ctx["path"], 2, "gen_id", ""),
    ]


@pytest.mark.parametrize("made", ["", "cohorts", "cohorts/c1"])
def test_a_missing_membership(root, made):
    (root / made).mkdir(parents=True, exist_ok=True)
    code, ctx = refused(root)
    assert (code, ctx["reason"], ctx["cohort_id"]) == (Err.DATA_MISSING, "membership_missing", "c1")
    assert ctx["path"] == str(root / "cohorts" / "c1" / "membership.csv")


@pytest.mark.parametrize("cohort", ["", "..", "../c1", "a/b", ".hidden", "/etc"])
def test_an_unsafe_cohort(root, cohort):
    code, ctx = refused(root, cohort)
    assert (code, ctx["reason"]) == (Err.INVALID_CONFIG, "unsafe_id")


def test_links_are_refused(root, tmp_path):
    real = write_membership_csv(tmp_path / "elsewhere", "c1")
    (root / "cohorts").mkdir()
    (root / "cohorts" / "c1").symlink_to(real)
    code, ctx = refused(root)
    assert (code, ctx["reason"], ctx["kind"]) == (Err.INVALID_CONFIG, "unsafe_path", "symbolic link")
    (root / "cohorts" / "c1").unlink()
    folder = write_membership_csv(root, "c1")
    for name in ("stage_manifest.json", "membership.csv"):
        (folder / name).unlink()
        (folder / name).symlink_to(real / name)
        code, ctx = refused(root)
        assert (code, ctx["reason"], ctx["path"]) == (Err.IO_ERROR, "not_readable", str(folder / name))


def test_a_pipe_does_not_hang_the_reader(root):
    folder = write_membership_csv(root, "c1")
    (folder / "membership.csv").unlink()
    os.mkfifo(folder / "membership.csv")
    assert refused(root)[1]["reason"] == "not_readable"


def test_reading_changes_nothing_in_the_folder(root):
    folder = write_membership_csv(root, "c1")

    def state():
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}

    before = state()
    read(root)
    assert state() == before
