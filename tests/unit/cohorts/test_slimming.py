from __future__ import annotations

import fcntl
import json
import os

import pytest

from genaudit.cohorts import artifacts, slimming
from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.membership import MembershipForm, read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.cohorts.slimming import SlimAction, slim_memberships
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import (
    EVALUATION,
    MEMBERS,
    manifest_document,
    member,
    membership_csv,
    plain,
    signed,
    write_membership_csv,
)
from helpers.stores import DRAFT, ESSAY, write_generation
from helpers.trees import fingerprint

SLIM_STATE = ["membership.csv", "membership.wide.csv", "stage_manifest.json"]


@pytest.fixture
def store(root):
    """A data root with the generations of :data:`MEMBERS`."""
    for each in MEMBERS:
        write_generation(root, each["stage"], each["gen_id"], each)
    return root


@pytest.fixture
def folder(store):
    """A cohort that can be slimmed."""
    return write_membership_csv(store, "c1", form="wide")


def rewrite(root, stage, gen_id, **changes):
    path = root / "gens" / stage / gen_id / "metadata.json"
    record = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in record.items() if value is not None}))


def only(root, **named):
    [found] = slim_memberships(root, **named).cohorts
    return found


def seen(root):
    """Return a reader's view."""
    table = read_membership(Layout(root), "c1")
    service = MembershipService(root)
    ids = [service.stage_gen_ids(stage, "c1") for stage in ("draft", "essay", "evaluation")]
    return plain(table.frame), plain(table.manifest.frame), table.manifest.metadata, service.rows("c1"), ids


def refused(root):
    """Return the reasons of a refused slimming, each without the member if it is the draft."""
    before = fingerprint(root)
    found = only(root, apply=True)
    assert fingerprint(root) == before
    assert found.action == SlimAction.REFUSED
    draft = {("stage", "draft"), ("gen_id", DRAFT)}
    return [{name: value for name, value in each.items() if (name, value) not in draft} for each in found.reasons]


@pytest.mark.parametrize("form", ["wide", "wide_without_replicate"])
def test_a_wide_membership_becomes_slim_without_a_difference_to_readers(store, form):
    folder = write_membership_csv(store, "c1", form=form)
    data = (folder / "membership.csv").read_bytes()
    document = {**manifest_document("c1", MEMBERS, data), "metadata": {"built": "once"}}
    (folder / "stage_manifest.json").write_bytes(signed(document))
    before, files = seen(store), fingerprint(store)
    found = only(store)
    assert (found.action, found.members, found.reasons, found.error) == (SlimAction.REWRITE, 3, [], None)
    assert fingerprint(store) == files
    assert only(store, apply=True) == found
    assert seen(store) == before
    assert (folder / "membership.csv").read_bytes() == membership_csv("c1", MEMBERS, "slim")
    assert (folder / "membership.wide.csv").read_bytes() == data
    assert sorted(os.listdir(folder)) == SLIM_STATE
    assert json.loads((folder / "stage_manifest.json").read_bytes())["metadata"] == {"built": "once"}
    after = fingerprint(store)
    assert {name for name in files if files[name] != after[name]} == {
        "cohorts/c1",
        "cohorts/c1/membership.csv",
        "cohorts/c1/stage_manifest.json",
    }
    assert only(store, apply=True).action == SlimAction.ALREADY_SLIM
    assert fingerprint(store) == after


@pytest.mark.parametrize(("form", "action"), [("slim", "already_slim"), ("two_column", "two_column")])
@pytest.mark.parametrize("manifest", [True, False])
def test_other_forms_than_wide_are_left_alone(store, form, action, manifest):
    write_membership_csv(store, "c1", form=form, manifest=manifest)
    before = fingerprint(store)
    report = slim_memberships(store, apply=True)
    assert [each.action for each in report.cohorts] == [action]
    assert report.complete
    assert fingerprint(store) == before


def test_odd_bytes_are_kept_as_they_are(store, folder):
    odd = b"\xef\xbb\xbf" + (folder / "membership.csv").read_bytes().replace(b"\n", b",\r\n")
    (folder / "membership.csv").write_bytes(odd)
    before = seen(store)
    assert only(store, apply=True).action == SlimAction.REWRITE
    assert (folder / "membership.wide.csv").read_bytes() == odd
    assert seen(store) == before


def test_whose_member_a_row_is_stays_in_the_file(store, folder):
    """A file's own cohorts are not those of its folder here, and not those that its members come from either."""
    data = (folder / "membership.csv").read_bytes().replace(b",c1,", b",renamed,")
    (folder / "membership.csv").write_bytes(data)
    (folder / "stage_manifest.json").write_bytes(signed(manifest_document("c1", MEMBERS, data)))
    assert only(store, apply=True).action == SlimAction.REWRITE
    assert (folder / "membership.csv").read_bytes() == membership_csv("renamed", MEMBERS, "slim")


def test_the_way_back(store, folder):
    data, before = (folder / "membership.csv").read_bytes(), seen(store)
    slim_memberships(store, apply=True)
    (folder / "membership.wide.csv").replace(folder / "membership.csv")
    backfill_manifests(store, apply=True)
    assert (folder / "membership.csv").read_bytes() == data
    assert seen(store)[:2] == before[:2]
    assert only(store, apply=True).action == SlimAction.REWRITE


@pytest.mark.parametrize("state", ["absent", "stale"])
def test_without_its_manifest_it_is_refused(store, folder, state):
    (folder / "stage_manifest.json").unlink()
    if state == "stale":
        (folder / "stage_manifest.json").write_bytes(signed(manifest_document("c1", MEMBERS, b"another")))
    assert refused(store) == [{"reason": "no_manifest", "manifest": state}]


def test_a_cell_that_the_manifest_does_not_have_is_refused(store, folder):
    others = [{**MEMBERS[0], "llm_model_id": "GEMINI_25_PRO", "combo_id": None}, *MEMBERS[1:]]
    document = manifest_document("c1", others, (folder / "membership.csv").read_bytes())
    (folder / "stage_manifest.json").write_bytes(signed(document))
    # The letters of a name are lost as well, though they mean the same.
    assert refused(store) == [
        {
            "reason": "differs_from_manifest",
            "field": "combo_id",
            "listed": "combo_v1_85128e4e5ef3",
            "manifest": None,
        },
        {
            "reason": "differs_from_manifest",
            "field": "llm_model_id",
            "listed": "gemini_25_pro",
            "manifest": "GEMINI_25_PRO",
        },
    ]


def test_additional_fields_of_the_manifest_are_no_obstacle(store):
    folder = write_membership_csv(store, "c1", [{**MEMBERS[0], "combo_id": ""}, *MEMBERS[1:]], form="wide")
    document = manifest_document("c1", MEMBERS, (folder / "membership.csv").read_bytes())
    (folder / "stage_manifest.json").write_bytes(signed(document))
    assert only(store).action == SlimAction.REWRITE


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        (
            {"replicate": 2},
            [{"reason": "contradicts_record", "field": "replicate", "listed": 1, "recorded": 2}],
        ),
        (
            {"template_id": "x", "llm_model_id": "y"},
            [
                {
                    "reason": "contradicts_record",
                    "field": "template_id",
                    "listed": "creative-synthesis-v10",
                    "recorded": "x",
                },
                {"reason": "contradicts_record", "field": "llm_model_id", "listed": "gemini_25_pro", "recorded": "y"},
            ],
        ),
        (
            {"combo_id": None},
            [{"reason": "not_in_record", "field": "combo_id", "listed": "combo_v1_85128e4e5ef3"}],
        ),
        ({"combo_id": 7}, [{"reason": "not_in_record", "field": "combo_id", "listed": "combo_v1_85128e4e5ef3"}]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_cell_that_the_record_contradicts_or_does_not_have_is_refused(store, changes, reasons):
    rewrite(store, "draft", DRAFT, **changes)
    assert refused(store) == reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"replicate": "1", "llm_model_id": " Gemini_25_pro"},
        {"template_id": None, "draft_template": "creative-synthesis-v10"},
        {"origin_cohort_id": "older", "mode": None},
        {"replicate": None},
    ],
)
@pytest.mark.usefixtures("folder")
def test_another_spelling_of_the_same_record_is_no_obstacle(store, changes):
    rewrite(store, "draft", DRAFT, **changes)
    assert only(store).action == SlimAction.REWRITE


def test_fields_outside_a_record_may_be_in_the_manifest_alone(store):
    rows = [MEMBERS[0], {**MEMBERS[1], "combo_id": "of the draft", "llm_model_id": "of the draft"}, MEMBERS[2]]
    write_membership_csv(store, "c1", rows, form="wide")
    rewrite(store, "essay", ESSAY, combo_id="other")
    before = seen(store)
    assert only(store, apply=True).action == SlimAction.REWRITE
    assert seen(store) == before


def test_records_that_are_not_there_or_not_readable(store, folder):
    (store / "gens" / "draft" / DRAFT / "metadata.json").write_bytes(b"{")
    (store / "gens" / "essay" / ESSAY / "metadata.json").unlink()
    rows = [*MEMBERS, member("evaluation", "v_nowhere")]
    write_membership_csv(store, "c1", rows, form="wide")
    assert refused(store) == [
        {"reason": "record_unreadable", "state": "not_json"},
        {"reason": "record_unreadable", "stage": "essay", "gen_id": ESSAY, "state": "folder_empty"},
        {"reason": "record_missing", "stage": "evaluation", "gen_id": "v_nowhere"},
    ]
    assert not (folder / "membership.wide.csv").exists()


def with_column(folder, heading, *values):
    lines = (folder / "membership.csv").read_text().splitlines()
    table = zip(lines, (heading, *values), strict=True)
    data = "".join(f"{line},{value}\n" for line, value in table).encode()
    (folder / "membership.csv").write_bytes(data)


def test_an_unknown_column_with_values_is_refused(store, folder):
    with_column(folder, "cost", "0.3", " ", "0.1")
    assert refused(store) == [{"reason": "unknown_column", "column": "cost", "rows": 2}]


def test_an_unknown_empty_column_is_no_obstacle(store, folder):
    with_column(folder, "cost", "", " ", "")
    assert only(store, apply=True).action == SlimAction.REWRITE


def test_an_original_of_other_bytes_is_not_replaced(store, folder):
    (folder / "membership.wide.csv").write_bytes(b"of an earlier slimming")
    assert refused(store) == [{"reason": "original_exists", "path": str(folder / "membership.wide.csv")}]


def test_an_original_of_the_same_bytes_is_that_of_a_stopped_slimming(store, folder):
    data = (folder / "membership.csv").read_bytes()
    (folder / "membership.wide.csv").write_bytes(data)
    assert only(store, apply=True).action == SlimAction.REWRITE
    assert (folder / "membership.wide.csv").read_bytes() == data


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_something_else_in_the_place_of_the_original(store, folder, tmp_path, kind):
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes((folder / "membership.csv").read_bytes())
        (folder / "membership.wide.csv").symlink_to(tmp_path / "elsewhere")
    else:
        (folder / "membership.wide.csv").mkdir()
    before = fingerprint(store)
    found = only(store, apply=True)
    assert (found.action, found.error["reason"]) == (SlimAction.FAILED, "not_readable")
    assert fingerprint(store) == before


def test_all_reasons_are_listed_together(store, folder):
    rewrite(store, "evaluation", EVALUATION, replicate=5)
    with_column(folder, "note", "x", "", "")
    (folder / "membership.wide.csv").write_bytes(b"")
    (folder / "stage_manifest.json").unlink()
    assert [each["reason"] for each in refused(store)] == [
        "no_manifest",
        "unknown_column",
        "original_exists",
        "contradicts_record",
    ]


def test_errors_of_one_cohort_stop_no_other(store, tmp_path):
    write_membership_csv(store, "a", form="wide")
    (write_membership_csv(store, "b") / "stage_manifest.json").write_bytes(b"{")
    write_membership_csv(store, "c", form="wide", manifest=False)
    (store / "cohorts" / "d").symlink_to(tmp_path)
    write_membership_csv(store, "e", form="wide")
    report = slim_memberships(store, apply=True)
    assert [(each.cohort_id, each.action) for each in report.cohorts] == [
        ("a", "rewrite"),
        ("b", "failed"),
        ("c", "refused"),
        ("d", "failed"),
        ("e", "rewrite"),
    ]
    assert [each.error and each.error["reason"] for each in report.cohorts] == [
        None,
        "manifest_damaged",
        None,
        "unsafe_path",
        None,
    ]
    assert not report.complete
    for name in ("a", "e"):
        assert read_membership(Layout(store), name).form is MembershipForm.SLIM
    assert slim_memberships(store, ["a", "e"]).complete
    assert json.loads(json.dumps(report.as_plain()))["cohorts"][2]["reasons"][0]["reason"] == "no_manifest"


@pytest.mark.usefixtures("folder")
def test_a_cohort_that_is_not_there_stops_everything(store):
    before = fingerprint(store)
    with pytest.raises(DDError) as caught:
        slim_memberships(store, ["c1", "c2"], apply=True)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "cohort_not_found")
    assert fingerprint(store) == before


def test_it_is_judged_again_once_there_is_no_other_writer(store, folder, monkeypatch):
    one_writer = slimming.one_writer

    def late(layout, cohort_id):
        (folder / "stage_manifest.json").unlink()
        return one_writer(layout, cohort_id)

    monkeypatch.setattr(slimming, "one_writer", late)
    found = only(store, apply=True)
    assert (found.action, [each["reason"] for each in found.reasons]) == (SlimAction.REFUSED, ["no_manifest"])
    assert os.listdir(folder) == ["membership.csv"]


def test_a_cohort_that_another_process_writes_is_left_alone(store, folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = only(store, apply=True)
    finally:
        os.close(handle)
    assert (found.action, found.error["reason"]) == (SlimAction.FAILED, "cohort_busy")
    assert read_membership(Layout(store), "c1").form is MembershipForm.WIDE


@pytest.mark.parametrize("name", ["stage_manifest.previous.json", "stage_manifest.json", "link", "membership.csv"])
def test_a_failure_on_the_way_leaves_the_wide_membership(store, folder, monkeypatch, name):
    data, before = (folder / "membership.csv").read_bytes(), seen(store)
    original = artifacts.write_atomic

    def fail(path, content):
        if path.name == name:
            raise DDError(Err.IO_ERROR, {"reason": "not_writable", "path": str(path)})
        original(path, content)

    def no_link(*_arguments, **_named):
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "write_atomic", fail)
        if name == "link":
            patched.setattr(os, "link", no_link)
        found = only(store, apply=True)
    assert (found.action, found.error["reason"]) == (SlimAction.FAILED, "not_writable")
    assert (folder / "membership.csv").read_bytes() == data
    assert seen(store) == before
    assert only(store, apply=True).action == SlimAction.REWRITE
    assert seen(store) == before
    assert sorted(os.listdir(folder)) == SLIM_STATE
