"""Ids recomputed for a whole store: by each record, and once the parents are renamed."""

from dataclasses import replace

from genaudit.ids import deterministic_id
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.recomputed import recompute_ids
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, make_stages, write_generation


def test_names_that_hold_need_no_closer_look(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", DRAFT, DRAFT_RECORD)
    write_generation(tmp_path, "essay", ESSAY, ESSAY_RECORD)
    assert recompute_ids(scan(tmp_path)) == ({}, [DRAFT, ESSAY], [DRAFT, ESSAY])


def test_a_child_of_a_renamed_parent_has_an_id_now_and_another_one_then(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", "43ftibqi56628az1", DRAFT_RECORD)
    now = deterministic_id("essay", ("43ftibqi56628az1", "creative-synthesis-v10", 1))
    write_generation(tmp_path, "essay", now, {**ESSAY_RECORD, "parent_gen_id": "43ftibqi56628az1"})
    parsed, recomputed, migrated = recompute_ids(scan(tmp_path))
    assert list(parsed) == [0]
    assert (recomputed, migrated) == ([DRAFT, now], [DRAFT, ESSAY])


def test_a_collision_index_is_kept_and_a_record_without_signature_has_no_id(tmp_path):
    make_stages(tmp_path)
    parts = [DRAFT_RECORD[name] for name in ("combo_id", "template_id", "llm_model_id", "replicate")]
    name = deterministic_id("draft", parts, 2)
    write_generation(tmp_path, "draft", name, DRAFT_RECORD)
    write_generation(tmp_path, "draft", "z_nothing", {"combo_id": "x"})
    parsed, recomputed, _ = recompute_ids(scan(tmp_path))
    assert recomputed == [name, None]
    assert parsed[0].collision == 2


def test_the_ids_of_the_scan_are_those_of_its_columns(tmp_path):
    write_sample(
        tmp_path / "store", SampleOptions(drafts=8, legacy_share=0.5, faults=("FIELD_MISSING", "SIGNATURE_DUPLICATE"))
    )
    snapshot = scan(tmp_path / "store")
    again = replace(snapshot, scanned_ids=None)
    assert snapshot.other_ids
    assert {*snapshot.other_ids.items()} == {*again.other_ids.items()}
    assert snapshot.signatures == again.signatures
    for row, new in snapshot.other_ids.items():
        text = snapshot.signatures[row]
        assert (new is None) == (text is None)
        assert new != snapshot.values("gen_id")[row]
