from __future__ import annotations

import hashlib
import json

import pytest

from genaudit.cohorts.manifest import StageManifest
from genaudit.cohorts.membership_csv import parse_membership
from genaudit.errors import DDError, Err
from helpers.membership import (
    EVALUATION,
    MEMBERS,
    manifest_document,
    member,
    membership_csv,
    membership_frame,
    plain,
    signed,
)
from helpers.stores import DRAFT, ESSAY

SLIM = membership_csv("c1", MEMBERS)


def manifest_of(members=MEMBERS, cohort="c1", **named):
    return StageManifest.from_membership(membership_frame(members), cohort, **named)


def read(data, cohort="c1"):
    return StageManifest.from_bytes(data, cohort, "c1/stage_manifest.json")


def refused(data, reason="manifest_damaged", cohort="c1"):
    with pytest.raises(DDError) as caught:
        read(data, cohort)
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == reason
    assert caught.value.ctx["path"] == "c1/stage_manifest.json"
    return caught.value.ctx


def test_entries_hold_the_fields_of_each_member():
    entries = manifest_of().entries
    assert list(entries) == [("draft", DRAFT), ("essay", ESSAY), ("evaluation", EVALUATION)]
    assert entries["evaluation", EVALUATION]._asdict() == {
        "stage": "evaluation",
        "gen_id": EVALUATION,
        "origin_cohort_id": "c1",
        "parent_gen_id": ESSAY,
        "combo_id": None,
        "template_id": "novelty",
        "llm_model_id": "sonnet-4",
        "replicate": 2,
        "mode": "llm",
    }
    assert entries["essay", ESSAY].mode == "copy"
    assert entries["draft", DRAFT].combo_id == "combo_v1_85128e4e5ef3"


def test_modes_come_from_the_row_then_from_its_template():
    rows = [
        member("essay", "e_1", template_id="Copying", mode=None),
        member("essay", "e_2", template_id="copying", mode="llm"),
        member("essay", "e_3", template_id="other", mode=None),
        member("evaluation", "v_1", template_id="copying", mode=None),
        member("evaluation", "v_2", template_id=None, mode=None),
    ]
    modes = {"essay": {"copying ": "copy"}, "draft": {"other": "llm"}}
    found = {key[1]: entry.mode for key, entry in manifest_of(rows, modes=modes).entries.items()}
    assert found == {"e_1": "copy", "e_2": "llm", "e_3": None, "v_1": None, "v_2": None}
    without = StageManifest.from_membership(membership_frame(rows, mode=False), "c1", modes)
    assert [entry.mode for entry in without.entries.values()] == ["copy", "copy", None, None, None]


def test_a_membership_with_problems_gives_no_manifest():
    with pytest.raises(DDError) as caught:
        manifest_of([member("draft", ""), member("essay", "e_1", mode="x")])
    assert {each["problem"] for each in caught.value.ctx["problems"]} == {"empty_id", "out_of_domain"}
    with pytest.raises(DDError) as caught:
        StageManifest.from_membership(membership_frame(MEMBERS)[["gen_id"]], "c1")
    assert {each["problem"] for each in caught.value.ctx["problems"]} == {"column_missing"}


def test_the_document_is_the_one_that_the_format_describes():
    data = manifest_of().bound_to(SLIM, {"rows": 3}).to_bytes()
    document = json.loads(data)
    assert document.pop("checksum") == json.loads(signed(document))["checksum"]
    assert document == {**manifest_document("c1", MEMBERS, SLIM), "metadata": {"rows": 3}}
    assert document["membership_sha256"] == hashlib.sha256(SLIM).hexdigest()
    assert list(document["entries"]["draft"]) == [DRAFT]
    assert document["entries"]["draft"][DRAFT] == {
        "combo_id": "combo_v1_85128e4e5ef3",
        "template_id": "creative-synthesis-v10",
        "llm_model_id": "gemini_25_pro",
        "replicate": 1,
        "mode": "llm",
    }


def test_same_manifest_same_bytes_and_a_line_for_each_member():
    data = manifest_of().bound_to(SLIM, {}).to_bytes()
    assert data == manifest_of().bound_to(SLIM, {}).to_bytes()
    assert [sum(gen_id.encode() in line[:40] for line in data.splitlines()) for gen_id in (DRAFT, EVALUATION)] == [
        1,
        1,
    ]
    assert data.endswith(b"}\n")


@pytest.mark.parametrize("members", [MEMBERS, (), (member("draft", "d_1", origin_cohort_id="older"),)])
def test_a_written_manifest_reads_back_equal(members):
    written = manifest_of(members).bound_to(SLIM, {"flags": ["é"]})
    found = read(written.to_bytes())
    assert plain(found.frame) == plain(written.frame) == list(members)
    assert found.entries == written.entries
    assert found.metadata == {"flags": ["é"]}
    assert found.membership_sha256 == hashlib.sha256(SLIM).hexdigest()
    assert found.to_bytes() == written.to_bytes()


def test_a_manifest_written_by_hand_is_read():
    assert plain(read(signed(manifest_document("c1", MEMBERS, SLIM))).frame) == list(MEMBERS)


def test_the_origin_is_stored_only_for_another_cohort():
    rows = [member("draft", "d_1"), member("draft", "d_2", origin_cohort_id="older")]
    entries = json.loads(manifest_of(rows).to_bytes())["entries"]["draft"]
    assert entries == {"d_1": {"mode": "llm"}, "d_2": {"mode": "llm", "origin_cohort_id": "older"}}


def test_it_belongs_to_the_membership_that_it_was_bound_to():
    manifest = read(manifest_of().bound_to(SLIM, {}).to_bytes())
    assert manifest.belongs_to(parse_membership(SLIM, "c1", "p"))
    assert manifest.belongs_to(parse_membership(SLIM.replace(b"\n", b"\r\n"), "c1", "p"))
    for other in (
        membership_csv("c1", MEMBERS, "wide"),
        membership_csv("c1", MEMBERS, "two_column"),
        membership_csv("c1", MEMBERS[:2]),
        membership_csv("c2", MEMBERS),
    ):
        assert not manifest.belongs_to(parse_membership(other, "c1", "p"))
    assert not manifest_of().belongs_to(parse_membership(SLIM, "c1", "p"))


def test_a_digest_alone_does_not_make_it_belong():
    other = signed(manifest_document("c1", MEMBERS[:2], SLIM))
    assert not read(other).belongs_to(parse_membership(SLIM, "c1", "p"))


@pytest.mark.parametrize("metadata", [{"a": object()}, {"a": {1: 2}}, {"a": "\ud800"}, {"a": 2**64}])
def test_metadata_that_is_not_plain(metadata):
    with pytest.raises(DDError) as caught:
        manifest_of().bound_to(SLIM, metadata)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "metadata_not_plain"
    assert caught.value.ctx["keys"] == ["a"]


def test_any_change_since_it_was_written_is_noticed():
    data = manifest_of().bound_to(SLIM, {}).to_bytes()
    assert refused(data.replace(b"novelty", b"novelly"))["field"] == "checksum"
    assert refused(data.replace(b'"replicate":2', b'"replicate":3'))["field"] == "checksum"
    assert refused(data.replace(DRAFT.encode(), b"d_1"))["field"] == "checksum"
    assert refused(data[: len(data) // 2])["field"] is None


def test_another_layout_of_the_same_content_is_no_change():
    data = manifest_of().bound_to(SLIM, {}).to_bytes()
    assert plain(read(json.dumps(json.loads(data), indent=4, sort_keys=True).encode()).frame) == list(MEMBERS)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", None),
        (b"[]", None),
        (b"\xff", None),
        (b'{"schema": "genaudit/stage-manifest", "schema": "genaudit/stage-manifest"}', None),
        (b"{}", "schema"),
        (b'{"schema": "another"}', "schema"),
        (b'{"schema": "genaudit/stage-manifest", "version": 1}', None),
    ],
)
def test_files_that_are_no_manifest(data, field):
    assert refused(data)["field"] == field


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version(version):
    document = {**manifest_document("c1", MEMBERS, SLIM), "version": version, "more": 1}
    ctx = refused(signed(document), "manifest_version")
    assert ctx["version"] == version
    assert ctx["understood"] == 1


def test_the_manifest_of_another_cohort():
    ctx = refused(signed(manifest_document("c1", MEMBERS, SLIM)), cohort="c2")
    assert (ctx["field"], ctx["value"]) == ("cohort_id", "c1")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entries": []}, "entries"),
        ({"metadata": None}, "metadata"),
        ({"membership_sha256": None}, "membership_sha256"),
        ({"entries": {"draft": []}}, "entries.draft"),
        ({"entries": {"draft": {"d_1": "x"}}}, "entries.draft.d_1"),
        ({"entries": {"draft": {"d_1": {"stage": "essay"}}}}, "entries.draft.d_1"),
        ({"more": 1}, None),
    ],
)
def test_a_right_checksum_does_not_make_a_manifest(change, field):
    assert refused(signed({**manifest_document("c1", MEMBERS, SLIM), **change}))["field"] == field


def test_entries_are_checked_like_rows():
    entries = {"draft": {"../x": {}}, "essays": {"e_1": {"replicate": 0, "template_id": 1}}}
    ctx = refused(signed({**manifest_document("c1", (), SLIM), "entries": entries}), "invalid_rows")
    assert {(each["field"], each["value"], each["problem"]) for each in ctx["problems"]} == {
        ("gen_id", "../x", "unsafe_id"),
        ("stage", "essays", "unknown_stage"),
        ("replicate", 0, "out_of_domain"),
        ("template_id", 1, "not_text"),
    }
