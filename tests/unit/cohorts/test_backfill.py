from __future__ import annotations

import fcntl
import json
import os

import pytest

from genaudit.cohorts import backfill
from genaudit.cohorts.backfill import BackfillAction, backfill_manifests
from genaudit.cohorts.membership import ManifestState, read_membership
from genaudit.cohorts.service import MembershipService
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
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, write_generation
from helpers.trees import fingerprint


@pytest.fixture
def store(root):
    """A data root with the generations of :data:`MEMBERS`, which came from an older cohort."""
    for each in MEMBERS:
        write_generation(root, each["stage"], each["gen_id"], {**each, "origin_cohort_id": "older"})
    return root


def rewrite(root, stage, gen_id, **changes):
    path = root / "gens" / stage / gen_id / "metadata.json"
    record = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in record.items() if value is not None}))


def only(root, **named):
    """Backfill the one cohort that there is."""
    [found] = backfill_manifests(root, **named).cohorts
    return found


def manifest_of(root, cohort="c1"):
    return read_membership(Layout(root), cohort).manifest


def triples(found):
    return [(each["stage"], each["gen_id"], each["field"]) for each in found]


def test_a_membership_rewritten_by_the_pipeline_gets_its_manifest_back(store):
    path = write_membership_csv(store, "c1") / "membership.csv"
    path.write_text("stage,gen_id\n" + "".join(f"{each['stage']},{each['gen_id']}\n" for each in MEMBERS))
    found = only(store, apply=True)
    assert (found.action, found.manifest) == (BackfillAction.WRITE, "stale")
    assert (found.unknown, found.conflicts, found.dropped) == ([], [], [])
    table = read_membership(Layout(store), "c1")
    assert (table.manifest_state, table.form) == (ManifestState.OK, "two_column")


@pytest.mark.parametrize("form", ["wide", "wide_without_replicate", "slim", "two_column"])
def test_a_cohort_with_complete_records_gets_its_manifest(store, form):
    folder = write_membership_csv(store, "c1", form=form, manifest=False)
    before = fingerprint(store)
    found = only(store)
    assert (found.action, found.manifest, found.members) == (BackfillAction.WRITE, "absent", 3)
    assert (found.unknown, found.conflicts, found.dropped, found.error) == ([], [], [], None)
    assert fingerprint(store) == before
    assert only(store, apply=True) == found
    after = fingerprint(store)
    assert set(after) - set(before) == {"cohorts/c1/stage_manifest.json"}
    assert {name for name in before if before[name] != after[name]} == {"cohorts/c1"}
    assert plain(manifest_of(store).frame) == [{**each, "origin_cohort_id": "older"} for each in MEMBERS]
    assert {row.source for row in MembershipService(store).rows("c1")} == {"manifest"}
    again = only(store, apply=True)
    assert (again.action, again.manifest) == (BackfillAction.KEPT, "ok")
    assert fingerprint(store) == after
    assert sorted(os.listdir(folder)) == ["membership.csv", "stage_manifest.json"]


def test_the_same_store_gives_the_same_bytes(store):
    folder = write_membership_csv(store, "c1", manifest=False)
    made = []
    for _ in range(2):
        backfill_manifests(store, apply=True)
        made.append((folder / "stage_manifest.json").read_bytes())
        (folder / "stage_manifest.json").unlink()
    assert made[0] == made[1]


def test_a_cell_comes_first_then_the_record_then_an_earlier_manifest(store):
    rows = [{**MEMBERS[0], "template_id": "Creative-Synthesis-V10"}, MEMBERS[1], MEMBERS[2]]
    folder = write_membership_csv(store, "c1", rows, form="wide_without_replicate", manifest=False)
    rewrite(store, "draft", DRAFT, mode=None)
    earlier = [{**MEMBERS[0], "mode": "copy", "template_id": "of-yore", "replicate": 9}]
    (folder / "stage_manifest.json").write_bytes(signed(manifest_document("c1", earlier, b"of another membership")))
    found = only(store, apply=True)
    assert (found.action, found.manifest, found.unknown) == (BackfillAction.WRITE, "stale", [])
    draft = manifest_of(store).entries["draft", DRAFT]
    # Cells that equal the record except for case are kept as in the membership.
    assert (draft.template_id, draft.replicate, draft.mode) == ("Creative-Synthesis-V10", 1, "copy")


def test_where_a_generation_came_from(store):
    write_membership_csv(store, "c1", form="slim", manifest=False)
    rewrite(store, "essay", ESSAY, origin_cohort_id=None)
    rewrite(store, "evaluation", EVALUATION, origin_cohort_id=None)
    earlier = [{**MEMBERS[1], "origin_cohort_id": "oldest"}]
    (store / "cohorts/c1/stage_manifest.previous.json").write_bytes(
        signed(manifest_document("c1", earlier, b"of another membership"))
    )
    backfill_manifests(store, apply=True)
    origins = {entry.gen_id: entry.origin_cohort_id for entry in manifest_of(store).entries.values()}
    assert origins == {DRAFT: "older", ESSAY: "oldest", EVALUATION: "c1"}


def test_unknown_fields_block_a_cohort_unless_it_may_be_partial(store):
    write_membership_csv(store, "c1", [*MEMBERS, member("essay", "e_nowhere")], manifest=False)
    rewrite(store, "draft", DRAFT, combo_id=None, mode=None)
    before = fingerprint(store)
    found = only(store, apply=True)
    unknown = [
        ("draft", DRAFT, "combo_id"),
        ("draft", DRAFT, "mode"),
        ("essay", "e_nowhere", "parent_gen_id"),
        ("essay", "e_nowhere", "template_id"),
        ("essay", "e_nowhere", "replicate"),
        ("essay", "e_nowhere", "mode"),
    ]
    assert (found.action, triples(found.unknown)) == (BackfillAction.BLOCKED, unknown)
    assert fingerprint(store) == before
    found = only(store, apply=True, partial=True)
    assert (found.action, triples(found.unknown)) == (BackfillAction.WRITE, unknown)
    manifest = manifest_of(store)
    assert manifest.metadata["backfill"] == {
        "unknown": {"combo_id": 1, "mode": 2, "parent_gen_id": 1, "replicate": 1, "template_id": 1},
        "conflicts": 0,
    }
    assert manifest.entries["draft", DRAFT].combo_id is None
    assert manifest.entries["draft", DRAFT].template_id == DRAFT_RECORD["template_id"]


def test_an_unknown_mode_alone_blocks_nothing(store):
    write_membership_csv(store, "c1", manifest=False)
    rewrite(store, "draft", DRAFT, mode=None)
    found = only(store, apply=True)
    assert (found.action, triples(found.unknown)) == (BackfillAction.WRITE, [("draft", DRAFT, "mode")])
    assert manifest_of(store).entries["draft", DRAFT].mode is None


def test_a_cell_that_contradicts_its_record_blocks_or_yields_to_it(store):
    rows = [{**MEMBERS[0], "replicate": 3, "llm_model_id": "GEMINI_25_pro"}, *MEMBERS[1:]]
    write_membership_csv(store, "c1", rows, form="wide", manifest=False)
    conflict = {"stage": "draft", "gen_id": DRAFT, "field": "replicate", "listed": 3, "recorded": 1}
    found = only(store, apply=True)
    assert (found.action, found.conflicts) == (BackfillAction.BLOCKED, [conflict])
    assert manifest_of(store) is None
    found = only(store, apply=True, partial=True)
    assert (found.action, found.conflicts) == (BackfillAction.WRITE, [conflict])
    assert manifest_of(store).entries["draft", DRAFT].replicate == 1
    assert manifest_of(store).metadata["backfill"] == {"unknown": {}, "conflicts": 1}


def test_values_that_no_manifest_can_hold_are_dropped_and_reported(store):
    write_membership_csv(store, "c1", manifest=False)
    rewrite(store, "draft", DRAFT, mode="Dream", template_id="two\nlines")
    found = only(store, apply=True, partial=True)
    key = {"stage": "draft", "gen_id": DRAFT}
    assert found.dropped == [
        {**key, "field": "template_id", "value": "two\nlines"},
        {**key, "field": "mode", "value": "Dream"},
    ]
    assert triples(found.unknown) == [("draft", DRAFT, "template_id"), ("draft", DRAFT, "mode")]
    assert manifest_of(store).entries["draft", DRAFT].mode is None


def test_fields_outside_a_record_come_from_cells_alone(store):
    rows = [MEMBERS[0], {**MEMBERS[1], "combo_id": "of the draft"}, MEMBERS[2]]
    write_membership_csv(store, "c1", rows, form="wide", manifest=False)
    rewrite(store, "essay", ESSAY, combo_id="other")
    rewrite(store, "evaluation", EVALUATION, combo_id="other")
    assert only(store, apply=True).conflicts == []
    combos = {entry.gen_id: entry.combo_id for entry in manifest_of(store).entries.values()}
    assert combos == {DRAFT: DRAFT_RECORD["combo_id"], ESSAY: "of the draft", EVALUATION: None}


@pytest.mark.parametrize("record", [b"{", b"[]", b"\xff"])
def test_an_unreadable_record_gives_no_fields(root, record):
    write_generation(root, "draft", DRAFT, record)
    write_membership_csv(root, "c1", MEMBERS[:1], form="wide", manifest=False)
    found = only(root, apply=True)
    assert (found.action, triples(found.unknown)) == (BackfillAction.WRITE, [("draft", DRAFT, "mode")])
    write_membership_csv(root, "c1", MEMBERS[:1], form="slim", manifest=False)
    (root / "cohorts/c1/stage_manifest.json").unlink()
    assert only(root).action == BackfillAction.BLOCKED


def test_an_odd_file_keeps_its_bytes_and_gets_a_manifest_that_readers_accept(store):
    folder = write_membership_csv(store, "c1", manifest=False)
    rows = [f",{EVALUATION} , evaluation", f",{DRAFT},draft", f"x,{ESSAY},essay"]
    odd = "\r\n".join(["\ufeffnote,gen_id,stage", *rows, ""]).encode()
    (folder / "membership.csv").write_bytes(odd)
    assert only(store, apply=True).action == BackfillAction.WRITE
    assert (folder / "membership.csv").read_bytes() == odd
    assert [entry.gen_id for entry in manifest_of(store).entries.values()] == [DRAFT, ESSAY, EVALUATION]


def test_build_metadata_of_an_earlier_manifest_is_kept_once(store):
    folder = write_membership_csv(store, "c1", manifest=False)
    document = {**manifest_document("c1", MEMBERS, b"of another"), "metadata": {"rows": 3}}
    (folder / "stage_manifest.json").write_bytes(signed(document))
    for members in (MEMBERS, MEMBERS[:2], MEMBERS[:1]):
        (folder / "membership.csv").write_bytes(membership_csv("c1", members))
        assert only(store, apply=True).action == BackfillAction.WRITE
        assert manifest_of(store).metadata == {"backfill": {"unknown": {}, "conflicts": 0}, "earlier": {"rows": 3}}


def test_a_damaged_manifest_is_replaced(store):
    folder = write_membership_csv(store, "c1", manifest=False)
    (folder / "stage_manifest.json").write_bytes(b"{")
    assert only(store, apply=True).manifest == "damaged"
    assert manifest_of(store) is not None


def test_a_manifest_of_another_version_is_left_alone(store):
    folder = write_membership_csv(store, "c1")
    data = signed({**manifest_document("c1", MEMBERS, b""), "version": 2})
    (folder / "stage_manifest.json").write_bytes(data)
    found = only(store, apply=True, partial=True)
    assert (found.action, found.error["code"], found.error["reason"]) == (
        BackfillAction.FAILED,
        "invalid_membership",
        "manifest_version",
    )
    assert (folder / "stage_manifest.json").read_bytes() == data


def test_errors_of_one_cohort_stop_no_other(store, tmp_path):
    write_membership_csv(store, "a", manifest=False)
    (write_membership_csv(store, "b", manifest=False) / "membership.csv").write_bytes(b"stage\n")
    write_membership_csv(store, "c", [member("draft", "d_nowhere")], manifest=False)
    write_membership_csv(store, "d")
    (store / "cohorts" / "e").symlink_to(tmp_path)
    write_membership_csv(store, "f", manifest=False)
    report = backfill_manifests(store, apply=True)
    assert [(each.cohort_id, each.action) for each in report.cohorts] == [
        ("a", "write"),
        ("b", "failed"),
        ("c", "blocked"),
        ("d", "kept"),
        ("e", "failed"),
        ("f", "write"),
    ]
    assert [each.error and each.error["reason"] for each in report.cohorts] == [
        None,
        "invalid_rows",
        None,
        None,
        "unsafe_path",
        None,
    ]
    assert report.cohorts[1].error["problems"][0]["problem"] == "column_missing"
    assert (report.complete, report.unread) == (False, [])
    assert manifest_of(store, "a").entries.keys() == manifest_of(store, "f").entries.keys()
    named = backfill_manifests(store, ["d", "a"])
    assert [each.cohort_id for each in named.cohorts] == ["a", "d"]
    assert (named.complete, named.unread) == (True, ["b", "e"])
    assert json.loads(json.dumps(report.as_plain()))["applied"] is True


def test_a_cohort_that_is_not_there_stops_everything(store):
    write_membership_csv(store, "a", manifest=False)
    before = fingerprint(store)
    with pytest.raises(DDError) as caught:
        backfill_manifests(store, ["a", "b"], apply=True)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "cohort_not_found")
    assert fingerprint(store) == before


def meanwhile(monkeypatch, change):
    """Do something between the reading of the files and the writing of the manifest."""
    one_writer = backfill.one_writer

    def late(layout, cohort_id):
        change()
        return one_writer(layout, cohort_id)

    monkeypatch.setattr(backfill, "one_writer", late)


def test_a_membership_that_changes_meanwhile_is_left_alone(store, monkeypatch):
    folder = write_membership_csv(store, "c1", manifest=False)
    meanwhile(monkeypatch, lambda: (folder / "membership.csv").write_bytes(membership_csv("c1", MEMBERS[:2])))
    found = only(store, apply=True)
    assert (found.action, found.error["code"], found.error["reason"]) == (
        BackfillAction.FAILED,
        Err.IO_ERROR,
        "membership_changed",
    )
    assert os.listdir(folder) == ["membership.csv"]


def test_a_manifest_that_another_writer_made_meanwhile_is_kept(store, monkeypatch):
    folder = write_membership_csv(store, "c1", manifest=False)
    made = signed(manifest_document("c1", MEMBERS, (folder / "membership.csv").read_bytes()))
    meanwhile(monkeypatch, lambda: (folder / "stage_manifest.json").write_bytes(made))
    assert only(store, apply=True).action == BackfillAction.KEPT
    assert (folder / "stage_manifest.json").read_bytes() == made


def test_a_cohort_that_another_process_writes_is_left_alone(store):
    folder = write_membership_csv(store, "c1", manifest=False)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = only(store, apply=True)
    finally:
        os.close(handle)
    assert (found.action, found.error["reason"]) == (BackfillAction.FAILED, "cohort_busy")
    assert read_membership(Layout(store), "c1").manifest_state is ManifestState.ABSENT
