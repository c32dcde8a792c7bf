from __future__ import annotations

import os

import pytest

from genaudit.audits.memberships import read_cohorts
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import MEMBERS, membership_csv, plain, write_membership_csv
from helpers.trees import fingerprint


def only(root):
    (cohort,) = read_cohorts(Layout(root)).found
    return cohort


def refused(root):
    cohort = only(root)
    assert (cohort.members, cohort.form, cohort.manifest) == (None, None, None)
    assert cohort.problem.code == "MEMBERSHIP_INVALID"
    return cohort.problem.path, cohort.problem.detail


@pytest.mark.parametrize("made", [[], ["cohorts/README.md"], ["cohorts/planned/spec/config.yaml"]])
def test_without_a_membership_there_is_no_cohort(root, put, made):
    for path in made:
        put(path, "x")
    read = read_cohorts(Layout(root))
    assert (read.found, read.problem) == ((), None)
    assert read.without_membership == sum("planned" in path for path in made)


def test_cohorts_are_sorted_and_carry_their_manifests(root):
    write_membership_csv(root, "c2", form="two_column", manifest=False)
    write_membership_csv(root, "c1")
    first, second = read_cohorts(Layout(root)).found
    assert (first.cohort_id, first.form, first.manifest) == ("c1", "slim", "ok")
    assert (second.cohort_id, second.form, second.manifest) == ("c2", "two_column", "absent")
    assert plain(first.members) == [*MEMBERS]
    assert plain(second.members[["stage", "gen_id"]]) == [
        {"stage": member["stage"], "gen_id": member["gen_id"]} for member in MEMBERS
    ]
    assert (first.path, first.manifest_path) == ("cohorts/c1/membership.csv", "cohorts/c1/stage_manifest.json")


def test_a_row_too_many_makes_a_manifest_stale(root):
    with (write_membership_csv(root, "c1") / "membership.csv").open("a") as file:
        file.write("draft,d_new,c1\n")
    cohort = only(root)
    assert (cohort.manifest, len(cohort.members), cohort.problem) == ("stale", len(MEMBERS) + 1, None)


def test_the_pipelines_own_rewriting_is_known(root):
    path = write_membership_csv(root, "c1") / "membership.csv"
    rows = [f"{member['stage']},{member['gen_id']}" for member in reversed(MEMBERS)]
    path.write_text("\n".join(["stage,gen_id", *rows]) + "\n")
    cohort = only(root)
    assert (cohort.manifest, cohort.form, cohort.rewritten) == ("stale", "two_column", True)
    path.write_text("\n".join(["stage,gen_id", *rows[1:]]) + "\n")
    cohort = only(root)
    assert (cohort.manifest, cohort.rewritten) == ("stale", False)
    path.write_text("\n".join(["stage,gen_id,cohort_id", *(f"{row},c1" for row in rows)]) + "\n")
    assert only(root).rewritten is False


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data.replace(b"novelty", b"quality")])
def test_a_membership_with_a_bad_manifest_is_read_without_it(root, damage):
    path = write_membership_csv(root, "c1", form="wide") / "stage_manifest.json"
    path.write_bytes(damage(path.read_bytes()))
    cohort = only(root)
    assert (cohort.manifest, len(cohort.members), cohort.form) == ("invalid", len(MEMBERS), "wide")
    assert (cohort.problem.code, cohort.problem.path) == ("MANIFEST_INVALID", "cohorts/c1/stage_manifest.json")
    assert "manifest damaged" in cohort.problem.detail


def test_a_link_in_place_of_a_manifest_is_a_bad_manifest(root):
    path = write_membership_csv(root, "c1") / "stage_manifest.json"
    path.rename(root / "elsewhere.json")
    path.symlink_to(root / "elsewhere.json")
    cohort = only(root)
    assert (cohort.manifest, cohort.problem.code) == ("invalid", "MANIFEST_INVALID")
    assert "symbolic link" in cohort.problem.detail


def test_all_that_could_be_an_id_in_a_bad_membership_is_remembered(root, put):
    put("cohorts/c1/membership.csv", 'stage,gen_id\ndraft,"d_1"\noutline,o_1\ndraft, d_2;d_3\n')
    path, detail = refused(root)
    assert path == "cohorts/c1/membership.csv"
    assert detail == "line 3 stage unknown stage: outline and 1 more"
    assert {"d_1", "o_1", "d_2", "d_3"} <= only(root).mentioned


def test_a_bad_value_is_shown_so_that_it_cannot_act_up(root, put):
    put("cohorts/c1/membership.csv", "stage,gen_id\n\x1b[31mdraft,d_1\n")
    assert "\x1b" not in refused(root)[1]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_a_membership_that_is_no_file_is_a_bad_one_nobody_knows_anything_of(root, put, kind):
    folder = put("cohorts/c1", None)
    path = folder / "membership.csv"
    if kind == "link":
        path.symlink_to(put("elsewhere.csv", membership_csv("c1", MEMBERS).decode()))
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert refused(root)[0] == "cohorts/c1/membership.csv"
    assert only(root).mentioned is None


def test_a_link_in_place_of_a_cohort_is_not_followed(root):
    write_membership_csv(root / "elsewhere", "c1")
    (root / "cohorts").mkdir()
    (root / "cohorts/c1").symlink_to(root / "elsewhere/cohorts/c1")
    path, detail = refused(root)
    assert (path, detail) == ("cohorts/c1", "unsafe path, kind symbolic link")


@pytest.mark.parametrize("name", ["c 1", ".hidden", "né\n"])
def test_a_folder_that_no_cohort_can_have_matters_when_it_has_a_membership(root, put, name):
    put(f"cohorts/{name}/note.txt", "x")
    assert read_cohorts(Layout(root)).found == ()
    put(f"cohorts/{name}/membership.csv", "stage,gen_id\ndraft,d_1\n")
    path, detail = refused(root)
    assert path.isprintable()
    assert path.endswith("/membership.csv")
    assert detail == "the folder's name cannot be an id"
    assert "d_1" in only(root).mentioned


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_file_in_place_of_the_cohorts_folder_is_reported_once(root, kind):
    if kind == "link":
        write_membership_csv(root / "elsewhere", "c1")
        (root / "cohorts").symlink_to(root / "elsewhere/cohorts")
    else:
        (root / "cohorts").write_text("x")
    read = read_cohorts(Layout(root))
    assert read.found == ()
    assert (read.problem.code, read.problem.path) == ("MEMBERSHIP_INVALID", "cohorts")


def test_reading_changes_nothing(root):
    write_membership_csv(root, "c1")
    write_membership_csv(root, "c2", form="wide", manifest=False)
    before = fingerprint(root)
    read_cohorts(Layout(root))
    assert fingerprint(root) == before


def test_a_root_that_is_gone_is_no_finding(tmp_path):
    with pytest.raises(DDError) as caught:
        read_cohorts(Layout(tmp_path / "gone"))
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "no_such_root")
