"""Stores of a few generations whose new ids and reasons are worked out by hand."""

from __future__ import annotations

import json

import pytest

from genaudit.migration.mapping import map_ids
from genaudit.migration.rename_filter import choose
from genaudit.store.snapshot import scan
from helpers.migrations import plan_of
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation
from oracle.identity import deterministic_id

OLD = "43ftibqi56628az1"
SIGNATURE = ("combo_v1_85128e4e5ef3", "creative-synthesis-v10", "gemini_25_pro", 1)


def mapped(root, **chosen):
    mapping = map_ids(scan(root), choose(**chosen))
    renames = {each.old: (each.new, each.cause) for each in mapping.renames}
    excluded = {each.gen_id: (each.reason, each.other) for each in mapping.excluded}
    return renames, excluded


def test_a_legacy_draft_gets_the_published_id(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    assert mapped(root) == ({OLD: (DRAFT, "own")}, {})


def test_descendants_get_ids_under_the_new_parent(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    held = deterministic_id("essay", (OLD, "creative-synthesis-v10", 1))
    write_generation(root, "essay", held, {**ESSAY_RECORD, "parent_gen_id": OLD})
    below = deterministic_id("evaluation", (held, "novelty", "sonnet-4", 1))
    write_generation(root, "evaluation", below, evaluation(held))
    new = deterministic_id("evaluation", (ESSAY, "novelty", "sonnet-4", 1))
    renames, excluded = mapped(root)
    assert renames == {OLD: (DRAFT, "own"), held: (ESSAY, "cascade"), below: (new, "cascade")}
    assert excluded == {}


def test_an_exception_keeps_its_ancestors_if_its_id_is_deterministic(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    held = deterministic_id("essay", (OLD, "creative-synthesis-v10", 1))
    write_generation(root, "essay", held, {**ESSAY_RECORD, "parent_gen_id": OLD})
    assert mapped(root, excepted=[held]) == ({}, {OLD: ("child_kept", held), held: ("excepted", None)})


def test_a_child_without_a_name_that_holds_only_follows_its_parent(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    write_generation(root, "essay", "77essay77legacy7", {**ESSAY_RECORD, "parent_gen_id": OLD})
    renames, excluded = mapped(root, excepted=["77essay77legacy7"])
    assert renames == {OLD: (DRAFT, "own")}
    assert excluded == {"77essay77legacy7": ("excepted", None)}
    edits = {
        edit.path: [span.new for span in edit.spans] for edit in plan_of(root, excepted=["77essay77legacy7"]).edits
    }
    assert edits["gens/essay/77essay77legacy7/metadata.json"] == [DRAFT]


def test_two_folders_of_one_signature_are_for_a_person(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    assert mapped(root) == ({}, {OLD: ("collision", DRAFT)})


def test_two_legacy_folders_of_one_signature_keep_their_names_both(root):
    for name in (OLD, "43ftibqi56628az2"):
        write_generation(root, "draft", name, DRAFT_RECORD)
    assert mapped(root) == ({}, {OLD: ("collision", "43ftibqi56628az2"), "43ftibqi56628az2": ("collision", OLD)})


def test_a_name_that_another_signature_has_taken_gets_a_suffix(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "replicate": 7})
    renames, excluded = mapped(root)
    assert renames == {OLD: (deterministic_id("draft", SIGNATURE, 1), "own")}
    assert renames[OLD][0].endswith("-1")
    assert excluded == {DRAFT: ("mismatched", None)}


def test_after_four_suffixes_there_is_none_left(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    for collision in range(5):
        name = deterministic_id("draft", SIGNATURE, collision)
        write_generation(root, "draft", name, {**DRAFT_RECORD, "replicate": 10 + collision})
    renames, excluded = mapped(root)
    assert renames == {}
    assert excluded[OLD] == ("collision", deterministic_id("draft", SIGNATURE, 4))


@pytest.mark.parametrize("existing", ["nothing in it", "no record", "a file"])
def test_a_name_taken_without_a_signature_is_left_to_a_person(root, put, existing):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    put(f"gens/draft/{DRAFT}" + ("/raw.txt" if existing == "no record" else ""), None if "in" in existing else "x")
    renames, excluded = mapped(root)
    assert renames == {}
    assert excluded[OLD] == ("collision", DRAFT)


def test_texts_that_join_to_the_same_are_other_signatures(root):
    first = {**DRAFT_RECORD, "combo_id": "a|b", "template_id": "c"}
    second = {**DRAFT_RECORD, "combo_id": "a", "template_id": "b|c"}
    write_generation(root, "draft", OLD, first)
    write_generation(root, "draft", "43ftibqi56628az2", second)
    base = deterministic_id("draft", ("a|b", "c", "gemini_25_pro", 1))
    suffixed = deterministic_id("draft", ("a|b", "c", "gemini_25_pro", 1), 1)
    assert mapped(root)[0] == {OLD: (base, "own"), "43ftibqi56628az2": (suffixed, "own")}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**ESSAY_RECORD, "parent_gen_id": "nobody"}, "parent_missing"),
        ({**ESSAY_RECORD, "gen_id": "another"}, "record_disagrees"),
        ({**ESSAY_RECORD, "stage": "draft"}, "record_disagrees"),
        ({**ESSAY_RECORD, "template_id": ""}, "unverifiable"),
        (b"{", "unverifiable"),
    ],
)
def test_generations_that_keep_their_id_have_a_reason(root, record, reason):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", "77essay77legacy7", record)
    assert mapped(root) == ({}, {"77essay77legacy7": (reason, None)})


def test_ids_in_another_spelling_are_rewritten_in_place(root):
    write_generation(root, "draft", OLD, DRAFT_RECORD)
    text = f'{{"stage":"essay", "gen_id" : " 77essay77legacy7\\t","parent_gen_id":"\\u0034{OLD[1:].upper()} "'
    record = f'{text}, "template_id": "Creative-Synthesis-V10", "replicate": "1", "note": "{OLD}"}}'.encode()
    write_generation(root, "essay", "77essay77legacy7", record)
    edits = {edit.path: edit for edit in plan_of(root).edits}
    spans = edits["gens/essay/77essay77legacy7/metadata.json"].spans
    assert [(span.old, span.new) for span in spans] == [
        ("77essay77legacy7\\t", ESSAY),
        (f"\\u0034{OLD[1:].upper()}", DRAFT),
    ]


def test_a_plan_has_no_time_and_no_place_in_it(tmp_path):
    plans = []
    for name in ("one", "two"):
        write_generation(tmp_path / name, "draft", OLD, DRAFT_RECORD)
        plans.append(plan_of(tmp_path / name).to_bytes())
    assert plans[0] == plans[1]
    assert str(tmp_path) not in plans[0].decode()
    assert json.loads(plans[0])["partitions"] == {"draft_gens": 1, "essay_gens": 0, "evaluation_gens": 0}
