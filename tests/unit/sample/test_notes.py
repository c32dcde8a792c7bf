from __future__ import annotations

import json
import re

from genaudit.sample import SampleOptions, write_sample

NOTES = "notes/reading_log.md"


def test_the_selection_is_curated_and_only_one(sample):
    lines = sample.text("2_tasks/selected_essays.txt").splitlines()
    assert lines[0] == "# mode: reuse-essays"
    chosen = [line for line in lines if line and not line.startswith("#")]
    assert len(set(chosen)) == len(chosen) == 8
    assert {sample.records[gen_id]["stage"] for gen_id in chosen} == {"essay"}
    assert {gen_id.startswith("e_") for gen_id in chosen} == {True, False}
    assert not (sample.root / "2_tasks" / "selected_drafts.txt").exists()


def test_selected_combinations_are_rows_of_the_catalog(sample):
    chosen = sample.table("2_tasks/selected_combo_mappings.csv")
    listed = sample.table("combo_mappings.csv")
    assert all(row in listed for row in chosen)
    assert len({row["combo_id"] for row in chosen}) == 3


def test_notes_name_ids_in_prose_paths_json_and_addresses(sample):
    text = sample.text(NOTES)
    in_prose = re.findall(r"compare are (\S+) and (\S+);", text)[0]
    in_path = re.findall(r"gens/(essay|draft)/([^/]+)/(\w+\.txt)", text)
    in_address = re.findall(r"https://\S+/essays/([^?]+)\?", text)
    in_json = json.loads(text.partition("```json\n")[2].partition("```")[0])
    named = {*in_prose, *in_address, *in_json["keep"], *in_json["because"], *(gen_id for _, gen_id, _ in in_path)}
    assert len(named) == 3
    assert named <= sample.records.keys()
    assert all((sample.root / "gens" / stage / gen_id / name).exists() for stage, gen_id, name in in_path)


def test_a_store_of_one_essay_has_notes_too(tmp_path):
    write_sample(tmp_path / "one", SampleOptions(drafts=1))
    assert "compare are" in (tmp_path / "one" / NOTES).read_text()


def test_an_empty_store_references_and_selects_nothing(tmp_path):
    write_sample(tmp_path / "none", SampleOptions(drafts=0))
    assert (tmp_path / "none" / NOTES).exists()
    assert not (tmp_path / "none" / "2_tasks" / "selected_essays.txt").exists()
