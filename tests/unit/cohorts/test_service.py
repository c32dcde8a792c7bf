from __future__ import annotations

import pytest

from genaudit.cohorts.resolution import MatchedBy
from genaudit.cohorts.service import FIELDS, MembershipRow, MembershipService
from genaudit.errors import DDError, Err
from helpers.membership import EVALUATION, MEMBERS, member, write_membership_csv
from helpers.small_store import legacy_by_hand
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, make_stages, write_generation

DRAFT_FIELDS = {
    "origin_cohort_id": "c1",
    "parent_gen_id": None,
    "combo_id": "combo_v1_85128e4e5ef3",
    "template_id": "creative-synthesis-v10",
    "llm_model_id": "gemini_25_pro",
    "replicate": 1,
    "mode": "llm",
}


def refused(call, *arguments, **named):
    with pytest.raises(DDError) as caught:
        call(*arguments, **named)
    return caught.value.code, caught.value.ctx


def test_the_fields_of_a_row():
    assert set(FIELDS) == set(DRAFT_FIELDS)


@pytest.mark.parametrize("form", ["wide", "slim", "two_column"])
def test_ids_of_a_stage_in_the_order_of_the_membership(root, form):
    rows = [member("draft", name) for name in ("d_9", "d_1", "d_5")]
    write_membership_csv(root, "c1", [*rows, rows[0], member("essay", "e_1")], form=form, manifest=False)
    service = MembershipService(root)
    assert service.stage_gen_ids("draft", "c1") == ["d_9", "d_1", "d_5"]
    assert service.stage_gen_ids("essay", "c1") == ["e_1"]
    assert service.stage_gen_ids("evaluation") == []


def test_without_a_cohort_all_are_asked_in_sorted_order(root):
    write_membership_csv(root, "b", [member("draft", "d_2"), member("draft", "d_1")], manifest=False)
    write_membership_csv(root, "a", [member("draft", "d_3"), member("draft", "d_1")], form="wide")
    (root / "cohorts" / "c" / "spec").mkdir(parents=True)
    (root / "cohorts" / "notes.txt").write_text("")
    (root / "cohorts" / ".cache").mkdir()
    service = MembershipService(root)
    assert service.cohorts() == ["a", "b"]
    assert service.stage_gen_ids("draft") == ["d_3", "d_1", "d_2"]
    assert service.stage_gen_ids("draft", "b") == ["d_2", "d_1"]


def test_a_cohort_without_a_membership_is_answered_with_the_nearest(root):
    write_membership_csv(root, "pilot-2025-06")
    write_membership_csv(root, "repairs")
    code, ctx = refused(MembershipService(root).table, "pilot-2025-6")
    assert (code, ctx["reason"], ctx["cohort_id"]) == (Err.DATA_MISSING, "membership_missing", "pilot-2025-6")
    assert ctx["nearest"] == ["pilot-2025-06"]


def test_errors_of_other_cohorts_do_not_hide_a_missing_one(root, tmp_path):
    (root / "cohorts").mkdir()
    (root / "cohorts/elsewhere").symlink_to(tmp_path)
    _, ctx = refused(MembershipService(root).table, "pilot")
    assert (ctx["reason"], ctx["nearest"]) == ("membership_missing", [])


def test_a_root_without_cohorts(root):
    assert MembershipService(root).stage_gen_ids("draft") == []
    assert MembershipService(root).find_membership_row_by_gen("draft", DRAFT) is None


@pytest.mark.parametrize("form", ["wide", "slim", "two_column"])
def test_a_row_comes_from_the_manifest(root, form):
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "template_id": "changed-since"})
    write_membership_csv(root, "c1", form=form)
    row = MembershipService(root).find_membership_row_by_gen("draft", DRAFT)
    assert row == MembershipRow("c1", "draft", DRAFT, DRAFT_FIELDS, "manifest")
    assert row.key == ("c1", "draft", DRAFT)


@pytest.mark.parametrize("form", ["slim", "two_column", "wide_without_replicate"])
def test_without_a_manifest_the_record_fills_the_gaps(root, form):
    record = {**DRAFT_RECORD, "origin_cohort_id": "older", "mode": "llm", "replicate": "2"}
    write_generation(root, "draft", DRAFT, record)
    write_membership_csv(root, "c1", form=form, manifest=False)
    row = MembershipService(root).find_membership_row_by_gen("draft", DRAFT)
    assert row.fields == {**DRAFT_FIELDS, "origin_cohort_id": "older", "replicate": 2}
    assert row.source == "metadata"


def test_a_record_with_an_old_name_is_understood(root):
    write_generation(root, "essay", ESSAY, {"parent_gen_id": DRAFT, "essay_template": "t"})
    write_membership_csv(root, "c1", manifest=False)
    fields = MembershipService(root).require_row("essay", ESSAY, ("template_id", "replicate")).fields
    assert (fields["template_id"], fields["replicate"]) == ("t", 1)


def test_a_wide_membership_needs_no_record(root):
    write_membership_csv(root, "c1", form="wide", manifest=False)
    row = MembershipService(root).find_membership_row_by_gen("draft", DRAFT)
    assert row == MembershipRow("c1", "draft", DRAFT, {**DRAFT_FIELDS, "mode": None}, "membership")


def test_a_gap_in_the_manifest_is_filled_too(root):
    write_membership_csv(root, "c1", [member("draft", DRAFT, template_id="mine")])
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "origin_cohort_id": "older"})
    row = MembershipService(root).find_membership_row_by_gen("draft", DRAFT)
    assert row.fields == {**DRAFT_FIELDS, "template_id": "mine"}
    assert row.source == "metadata"


@pytest.mark.parametrize("record", [None, b"{", b"[]"])
def test_a_record_that_cannot_be_read_fills_nothing(root, record):
    write_generation(root, "draft", DRAFT, record)
    write_membership_csv(root, "c1", manifest=False)
    row = MembershipService(root).find_membership_row_by_gen("draft", DRAFT)
    assert row.fields == {**dict.fromkeys(FIELDS), "origin_cohort_id": "c1"}
    code, ctx = refused(MembershipService(root).require_row, "draft", DRAFT, ("combo_id", "replicate"))
    assert (code, ctx["reason"], ctx["fields"]) == (Err.DATA_MISSING, "fields_missing", ["combo_id", "replicate"])
    assert (ctx["cohort_id"], ctx["stage"], ctx["gen_id"]) == ("c1", "draft", DRAFT)


def test_the_first_cohort_that_has_a_generation_counts(root):
    write_membership_csv(root, "b")
    write_membership_csv(root, "a", MEMBERS[1:])
    service = MembershipService(root)
    assert service.find_membership_row_by_gen("draft", DRAFT).cohort_id == "b"
    assert service.find_membership_row_by_gen("essay", ESSAY).cohort_id == "a"
    assert service.find_membership_row_by_gen("essay", ESSAY, "b").cohort_id == "b"
    assert service.find_membership_row_by_gen("draft", DRAFT, "a") is None


def test_the_stage_is_part_of_the_key(root):
    write_membership_csv(root, "c1")
    assert MembershipService(root).find_membership_row_by_gen("essay", DRAFT) is None


def test_all_rows_of_a_cohort(root):
    write_membership_csv(root, "c1")
    rows = MembershipService(root).rows("c1")
    assert [row.gen_id for row in rows] == [DRAFT, ESSAY, EVALUATION]
    assert [row.fields["mode"] for row in rows] == ["llm", "copy", "llm"]


def test_a_row_that_has_all_that_is_required(root):
    write_membership_csv(root, "c1")
    row = MembershipService(root).require_row("draft", DRAFT, ("combo_id", "template_id", "mode"))
    assert row.key == ("c1", "draft", DRAFT)
    assert MembershipService(root).require_row("essay", ESSAY).fields["combo_id"] is None


def test_near_misses_are_named(root):
    write_membership_csv(root, "c1", [*MEMBERS, member("essay", "quite-another")])
    service = MembershipService(root)
    code, ctx = refused(service.require_row, "draft", DRAFT[:-1] + "x")
    assert (code, ctx["reason"]) == (Err.DATA_MISSING, "row_not_found")
    assert (ctx["nearest"], ctx["other_stages"]) == ([DRAFT], [])
    assert refused(service.require_row, "essay", DRAFT)[1]["other_stages"] == ["draft"]
    assert refused(service.require_row, "draft", "nothing-like-it")[1]["nearest"] == []
    write_membership_csv(root, "c2", [])
    assert refused(service.require_row, "draft", DRAFT[:-1], cohort_id="c2")[1]["nearest"] == []


def test_an_unknown_field_is_rejected(root):
    write_membership_csv(root, "c1")
    code, ctx = refused(MembershipService(root).require_row, "draft", DRAFT, ("template", "mode"))
    assert (code, ctx["reason"], ctx["fields"]) == (Err.INVALID_CONFIG, "unknown_field", ["template"])


def test_an_unknown_stage_is_rejected(root):
    service = MembershipService(root)
    for call, more in (
        (service.stage_gen_ids, ()),
        (service.find_membership_row_by_gen, ("x",)),
        (service.require_row, ("x",)),
    ):
        code, ctx = refused(call, "drafts", *more)
        assert (code, ctx["reason"], ctx["stage"]) == (Err.INVALID_CONFIG, "unknown_stage", "drafts")


def test_a_cohort_without_a_membership(root):
    code, ctx = refused(MembershipService(root).stage_gen_ids, "draft", "c9")
    assert (code, ctx["reason"], ctx["cohort_id"]) == (Err.DATA_MISSING, "membership_missing", "c9")


def test_a_cohort_that_is_a_link_is_refused_not_passed_over(root, tmp_path):
    folder = write_membership_csv(tmp_path / "elsewhere", "c1")
    write_membership_csv(root, "c1")
    (root / "cohorts" / "c2").symlink_to(folder)
    code, ctx = refused(MembershipService(root).stage_gen_ids, "draft")
    assert (code, ctx["reason"], ctx["kind"]) == (Err.INVALID_CONFIG, "unsafe_path", "symbolic link")
    assert MembershipService(root).stage_gen_ids("draft", "c1") == [DRAFT]


def test_a_folder_with_a_membership_whose_name_is_unsafe(root):
    write_membership_csv(root, "my cohort")
    code, ctx = refused(MembershipService(root).cohorts)
    assert (code, ctx["reason"], ctx["cohort_id"]) == (Err.INVALID_CONFIG, "unsafe_id", "my cohort")


def test_a_missing_root(tmp_path):
    code, ctx = refused(MembershipService(tmp_path / "none").stage_gen_ids, "draft")
    assert (code, ctx["reason"]) == (Err.DATA_MISSING, "no_such_root")


def test_a_generation_that_is_a_link_is_refused(root, tmp_path):
    folder = write_generation(tmp_path / "elsewhere", "draft", DRAFT, DRAFT_RECORD)
    (root / "gens" / "draft" / DRAFT).symlink_to(folder)
    write_membership_csv(root, "c1", manifest=False)
    service = MembershipService(root)
    assert refused(service.find_membership_row_by_gen, "draft", DRAFT)[1]["reason"] == "unsafe_path"


def test_a_service_reads_each_membership_once(root):
    write_membership_csv(root, "c1")
    service = MembershipService(root)
    table = service.table("c1")
    write_membership_csv(root, "c1", MEMBERS[:1])
    write_membership_csv(root, "c2", [member("draft", "d_2")])
    assert service.stage_gen_ids("essay", "c1") == [ESSAY]
    assert service.table("c1") is table
    # Which cohorts there are has not been asked before.
    assert service.stage_gen_ids("draft") == [DRAFT, "d_2"]
    assert MembershipService(root).stage_gen_ids("essay") == []


def test_an_id_of_either_form_is_resolved_also_that_of_a_cohort_that_only_asked(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", DRAFT, {**DRAFT_RECORD, "origin_cohort_id": "elsewhere"})
    write_membership_csv(tmp_path, "c1", [member("draft", DRAFT, **DRAFT_RECORD)])
    asked = legacy_by_hand("draft", "combo_v1_85128e4e5ef3__creative-synthesis-v10__gemini_25_pro", "c1")
    resolved = MembershipService(tmp_path).resolve("draft", asked)
    assert (resolved.gen_id, resolved.via) == (DRAFT, MatchedBy.LEGACY)
