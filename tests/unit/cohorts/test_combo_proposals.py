from __future__ import annotations

import pytest

from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.combo_proposals import ComboProposal
from helpers.membership import manifest_document, member, signed, write_membership_csv
from helpers.small_store import legacy_by_hand
from helpers.stores import DRAFT, DRAFT_RECORD, write_generation
from helpers.trees import fingerprint

COMBO = DRAFT_RECORD["combo_id"]
WITHOUT = {name: value for name, value in DRAFT_RECORD.items() if name != "combo_id"}


def write_row(root, cohort, combo, gen_id=DRAFT):
    """Write a wide membership that names a draft's combination."""
    return write_membership_csv(root, cohort, [member("draft", gen_id, combo_id=combo)], form="wide", manifest=False)


def proposed(combo, *sources, gen_id=DRAFT, confirmed=False, conflict=False):
    return ComboProposal(gen_id, combo, sources, confirmed, conflict)


def proposals(root):
    report = backfill_manifests(root)
    return report.combos, report.drafts_without_combo


def test_a_combination_that_gives_the_id_is_confirmed(root):
    write_generation(root, "draft", DRAFT, WITHOUT)
    write_row(root, "b", COMBO)
    write_row(root, "a", COMBO.upper())
    assert proposals(root) == ([proposed(COMBO, "a", "b", confirmed=True)], [DRAFT])


def test_conflicting_proposals_are_all_listed_the_confirmed_one_first(root):
    write_generation(root, "draft", DRAFT, WITHOUT)
    write_row(root, "a", "another")
    write_row(root, "b", COMBO)
    write_row(root, "c", "another")
    assert proposals(root)[0] == [
        proposed(COMBO, "b", confirmed=True, conflict=True),
        proposed("another", "a", "c", conflict=True),
    ]


def test_manifests_are_asked_too_whether_they_belong_or_not(root):
    write_generation(root, "draft", DRAFT, WITHOUT)
    for cohort, combo, bound in (("a", COMBO, True), ("b", "another", False)):
        members = [member("draft", DRAFT, combo_id=combo)]
        folder = write_membership_csv(root, cohort, members)
        if not bound:
            document = manifest_document(cohort, members, b"an earlier one")
            (folder / "stage_manifest.json").write_bytes(signed(document))
    found, _ = proposals(root)
    assert [(each.combo_id, each.sources) for each in found] == [(COMBO, ("a",)), ("another", ("b",))]


@pytest.mark.parametrize(
    ("run", "replicate", "salt", "confirmed"),
    [
        ("pilot", 1, None, True),
        ("pilot", 3, "rep3", True),
        (None, 1, None, True),
        (None, 2, "rep2", True),
        ("elsewhere", 1, None, False),
        ("pilot", 1, "rep3", False),
    ],
)
def test_a_legacy_id_confirms_as_well(root, run, replicate, salt, confirmed):
    # Hashed from the words of the task as they were written: here they are not all in lower case.
    task = "Combo_7__Creative-V2__gemini_25_pro"
    hashed = legacy_by_hand("draft", task, run, salt)
    record = {"draft_template": "Creative-V2", "llm_model_id": "gemini_25_pro", "replicate": replicate}
    write_generation(root, "draft", hashed, {**record, "origin_cohort_id": "pilot"})
    write_row(root, "a", "Combo_7", hashed)
    assert proposals(root)[0] == [proposed("Combo_7", "a", gen_id=hashed, confirmed=confirmed)]


def test_children_of_a_draft_give_its_combination(root):
    write_generation(root, "draft", DRAFT, WITHOUT)
    rows = [
        member("essay", "e_1", parent_gen_id=DRAFT, combo_id=COMBO),
        # The evaluation's parent is an essay, whatever its name.
        member("evaluation", "v_1", parent_gen_id=DRAFT, combo_id="another"),
    ]
    write_membership_csv(root, "a", rows, form="wide", manifest=False)
    assert proposals(root)[0] == [proposed(COMBO, "a", confirmed=True)]


def test_an_id_of_no_known_form_confirms_nothing(root):
    write_generation(root, "draft", "by-hand", WITHOUT)
    write_row(root, "a", COMBO, "by-hand")
    assert proposals(root)[0] == [proposed(COMBO, "a", gen_id="by-hand")]


def test_a_record_with_more_missing_fields_confirms_nothing(root):
    write_generation(root, "draft", DRAFT, {"template_id": "creative-synthesis-v10", "replicate": 1})
    write_row(root, "a", COMBO)
    assert proposals(root)[0] == [proposed(COMBO, "a")]


def test_a_collision_suffix_is_part_of_the_id(root):
    write_generation(root, "draft", f"{DRAFT}-1", WITHOUT)
    write_row(root, "a", COMBO, f"{DRAFT}-1")
    # The published id has no suffix, and the index is hashed too: the digits cannot be the same.
    assert proposals(root)[0] == [proposed(COMBO, "a", gen_id=f"{DRAFT}-1")]


def test_who_is_asked_about_and_who_is_not(root):
    write_generation(root, "draft", "d_blank", {**WITHOUT, "combo_id": "  "})
    write_generation(root, "draft", "d_number", {**WITHOUT, "combo_id": 5})
    write_generation(root, "draft", "d_whole", DRAFT_RECORD)
    write_generation(root, "draft", "d_broken", b"{")
    write_generation(root, "draft", "d_no_record")
    write_generation(root, "essay", "d_essay", {"parent_gen_id": "d_whole"})
    for name in ("d_blank", "d_whole", "d_broken", "d_no_record", "d_absent"):
        write_row(root, f"of_{name}", "c", name)
    write_membership_csv(root, "essays", [member("essay", "d_essay", combo_id="c")], form="wide", manifest=False)
    found, lacking = proposals(root)
    assert [each.gen_id for each in found] == ["d_blank"]
    assert lacking == ["d_blank", "d_number"]


def test_a_proposal_changes_no_record(root):
    write_generation(root, "draft", DRAFT, WITHOUT)
    write_row(root, "a", COMBO)
    before = fingerprint(root / "gens")
    assert len(backfill_manifests(root, apply=True).combos) == 1
    assert fingerprint(root / "gens") == before
