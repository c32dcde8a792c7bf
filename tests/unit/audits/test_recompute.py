from hashlib import blake2b

from genaudit.audits.recompute import recompute
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation

LEGACY = "43ftibqi56628az1"


def by_hand(prefix, text):
    """Hash and write in base 36, digit by digit."""
    number, digits = int.from_bytes(blake2b(text.encode(), digest_size=10).digest(), "big"), ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return prefix + digits


def mapping(root):
    frame = recompute(scan(root)).frame
    return {row["gen_id"]: row for row in frame.to_dict("records")}


def test_published_chain_is_deterministic(tmp_path):
    write_generation(make_stages(tmp_path), "draft", DRAFT, DRAFT_RECORD)
    write_generation(tmp_path, "essay", ESSAY, ESSAY_RECORD)
    rows = mapping(tmp_path)
    for gen_id in (DRAFT, ESSAY):
        assert rows[gen_id]["class"] == "deterministic"
        assert rows[gen_id]["recomputed_id"] == rows[gen_id]["migrated_id"] == gen_id
        assert rows[gen_id]["cause"] == "none"
    assert rows[ESSAY]["metadata_path"] == f"gens/essay/{ESSAY}/metadata.json"


def test_legacy_parent_moves_its_deterministic_child(tmp_path):
    write_generation(make_stages(tmp_path), "draft", LEGACY, DRAFT_RECORD)
    child = by_hand("e_", f"{LEGACY}|plain|1")
    write_generation(tmp_path, "essay", child, {"parent_gen_id": LEGACY, "template_id": "plain", "replicate": 1})
    grandchild = by_hand("v_", f"{child}|novelty|sonnet-4|1")
    write_generation(tmp_path, "evaluation", grandchild, evaluation(child))
    rows = mapping(tmp_path)
    assert (rows[LEGACY]["class"], rows[LEGACY]["form"], rows[LEGACY]["cause"]) == ("legacy", "legacy", "own")
    assert rows[LEGACY]["recomputed_id"] == rows[LEGACY]["migrated_id"] == DRAFT
    moved = by_hand("e_", f"{DRAFT}|plain|1")
    assert rows[child]["class"] == "deterministic"
    assert rows[child]["recomputed_id"] == child
    assert (rows[child]["migrated_id"], rows[child]["cause"]) == (moved, "cascade")
    assert rows[grandchild]["migrated_id"] == by_hand("v_", f"{moved}|novelty|sonnet-4|1")
    assert rows[grandchild]["cause"] == "cascade"


def test_deterministic_parent_leaves_its_legacy_child_to_itself(tmp_path):
    write_generation(make_stages(tmp_path), "draft", DRAFT, DRAFT_RECORD)
    write_generation(tmp_path, "essay", LEGACY, ESSAY_RECORD)
    rows = mapping(tmp_path)
    assert (rows[LEGACY]["class"], rows[LEGACY]["migrated_id"], rows[LEGACY]["cause"]) == ("legacy", ESSAY, "own")


def test_collision_suffix_is_hashed_with_its_index(tmp_path):
    text = "combo_v1_85128e4e5ef3|creative-synthesis-v10|gemini_25_pro|1"
    for index in (1, 4):
        write_generation(tmp_path, "draft", by_hand("d_", f"{text}|collision:{index}") + f"-{index}", DRAFT_RECORD)
    for row in mapping(tmp_path).values():
        assert row["class"] == "deterministic"
        assert row["recomputed_id"] == row["gen_id"]
        assert row["collision_index"] == int(row["gen_id"][-1])


def test_changed_record_is_the_alarming_class(tmp_path):
    write_generation(make_stages(tmp_path), "draft", DRAFT, {**DRAFT_RECORD, "replicate": 2})
    result = recompute(scan(tmp_path))
    assert result.frame.loc[0, "class"] == "mismatched"
    (finding,) = result.findings.to_dict("records")
    expected = by_hand("d_", "combo_v1_85128e4e5ef3|creative-synthesis-v10|gemini_25_pro|2")
    assert (finding["code"], finding["gen_id"], finding["expected"]) == ("ID_MISMATCH", DRAFT, expected)


def test_unverifiable_names_the_field_or_the_state(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "essay", "e_1", {"template_id": " ", "replicate": "two"})
    write_generation(tmp_path, "essay", "e_2", b"{")
    rows = mapping(tmp_path)
    assert rows["e_1"]["class"] == rows["e_2"]["class"] == "unverifiable"
    assert rows["e_1"]["problem"] == "no usable parent_gen_id, template_id, replicate"
    assert rows["e_2"]["problem"] == "record: not json"
    assert rows["e_1"]["cause"] == "none"


def test_missing_replicate_counts_as_one(tmp_path):
    record = {key: value for key, value in DRAFT_RECORD.items() if key != "replicate"}
    write_generation(tmp_path, "draft", DRAFT, record)
    assert mapping(tmp_path)[DRAFT]["class"] == "deterministic"


def test_one_target_for_two_names_is_a_collision_unless_they_share_a_signature(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", LEGACY, DRAFT_RECORD)
    write_generation(tmp_path, "draft", DRAFT, b"not json")
    (finding,) = recompute(scan(tmp_path)).findings.to_dict("records")
    assert (finding["code"], finding["gen_id"], finding["actual"]) == ("ID_COLLISION", LEGACY, DRAFT)
    assert DRAFT in finding["detail"]


def test_duplicates_of_a_signature_are_not_reported_as_collision(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", LEGACY, DRAFT_RECORD)
    write_generation(tmp_path, "draft", DRAFT, DRAFT_RECORD)
    assert recompute(scan(tmp_path)).findings.empty


def test_the_lookup_counts_the_generations_that_a_plan_finds(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", LEGACY, DRAFT_RECORD)
    child = by_hand("e_", f"{LEGACY}|plain|1")
    record = {"parent_gen_id": LEGACY, "template_id": "plain", "replicate": 1, "mode": "copy"}
    write_generation(tmp_path, "essay", child, record)
    kept = {**DRAFT_RECORD, "replicate": 2}
    write_generation(tmp_path, "draft", by_hand("d_", "|".join([*signature(kept)])), kept)
    write_generation(tmp_path, "draft", "d_torn", b"{")
    lookup = recompute(scan(tmp_path)).summary.lookup
    assert (lookup.found_by_id, lookup.missed_by_id) == (1, 3)
    assert (lookup.own, lookup.below, lookup.unverifiable) == (1, 1, 1)
    assert lookup.verdict.startswith(
        "A spec or Cartesian plan finds generations by the ids that their records give: 1 of 4. Not found: 1 under"
        " another name, such as a legacy id; 1 whose record gives no id; 1 below one of these. "
    )
    assert "regenerate pays for everything in any case" in lookup.verdict


def test_a_collision_suffix_is_found_only_behind_taken_names(tmp_path):
    make_stages(tmp_path)
    text = "|".join(signature(DRAFT_RECORD))
    first, second = by_hand("d_", text), f"{by_hand('d_', f'{text}|collision:1')}-1"
    write_generation(tmp_path, "draft", second, DRAFT_RECORD)
    assert recompute(scan(tmp_path)).summary.lookup.found_by_id == 0
    write_generation(tmp_path, "draft", first, {**DRAFT_RECORD, "replicate": 9})
    assert recompute(scan(tmp_path)).summary.lookup.found_by_id == 1


def signature(record):
    return [str(record[name]).strip().lower() for name in ("combo_id", "template_id", "llm_model_id", "replicate")]
