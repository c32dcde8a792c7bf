from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

ALL = {"metadata.json", "prompt.txt", "raw.txt", "parsed.txt", "raw_metadata.json", "parsed_metadata.json"}
UNPARSED = ALL - {"parsed.txt", "parsed_metadata.json"}


def report(folder, name="raw_metadata.json"):
    return json.loads((folder / name).read_bytes())


def names(folder):
    return {path.name for path in folder.iterdir()}


def all_folders(sample):
    return [folder for stage in ("draft", "essay", "evaluation") for folder in sample.folders(stage)]


@pytest.mark.parametrize(
    ("stage", "shapes"),
    [
        ("draft", [ALL, UNPARSED, {"metadata.json"}]),
        ("essay", [ALL]),
        ("evaluation", [ALL, UNPARSED, {"metadata.json"}]),
    ],
)
def test_generations_are_finished_or_stopped_at_a_stage(sample, stage, shapes):
    found = {frozenset(names(folder)) for folder in sample.folders(stage)}
    assert found == set(map(frozenset, shapes))


def test_an_answer_that_was_cut_off_is_not_parsed(sample):
    cut = [folder for folder in all_folders(sample) if names(folder) == UNPARSED]
    assert {report(folder)["finish_reason"] for folder in cut} == {"length"}
    assert {report(folder)["truncated"] for folder in cut} == {True}
    assert not any("SCORE:" in (folder / "raw.txt").read_text() for folder in cut)


def test_a_copy_repeats_its_draft_and_costs_nothing(sample):
    copies = [folder for folder in sample.folders("essay") if sample.records[folder.name]["mode"] == "copy"]
    assert len(copies) > 5
    for folder in copies:
        stored = report(folder)
        draft = sample.records[folder.name]["parent_gen_id"]
        assert stored["input_mode"] == "copy"
        assert (stored["mode"], stored["llm_model_id"], stored["finish_reason"]) == ("copy", None, "copy")
        assert set(stored["usage"].values()) == {0}
        texts = {(folder / name).read_text() for name in ("prompt.txt", "raw.txt", "parsed.txt")}
        assert texts == {sample.text(f"gens/draft/{draft}/parsed.txt")}


def test_an_answer_has_its_token_counts(sample):
    for folder in all_folders(sample):
        if "prompt.txt" not in names(folder) or sample.records[folder.name]["mode"] == "copy":
            continue
        stored = report(folder)
        usage = stored["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert 3 < len((folder / "prompt.txt").read_text()) / usage["prompt_tokens"] < 6
        assert 3 < len((folder / "raw.txt").read_text()) / usage["completion_tokens"] < 6
        assert 0 < stored["duration_s"] < 120
        assert (stored["stage"], stored["gen_id"]) == (folder.parent.name, folder.name)
        assert (stored["input_mode"], stored["truncated"]) == ("prompt", stored["finish_reason"] == "length")
        assert stored["raw_length"] == len((folder / "raw.txt").read_text())


def test_a_slow_model_takes_longer_for_a_token(sample):
    pace = {}
    for folder in sample.folders("draft"):
        if "prompt.txt" in names(folder):
            stored = report(folder)
            seconds = stored["duration_s"] / stored["usage"]["completion_tokens"]
            pace.setdefault(sample.records[folder.name]["llm_model_id"], []).append(seconds)
    assert min(pace["juniper_r2"]) > max(pace["harbor_large"])


def test_an_evaluation_ends_with_its_score(sample):
    finished = [folder for folder in sample.folders("evaluation") if "parsed.txt" in names(folder)]
    for folder in finished:
        parsed = (folder / "parsed.txt").read_text()
        assert re.fullmatch(r"[0-9]\.[05]\n", parsed)
        assert (folder / "raw.txt").read_text().splitlines()[-1] == f"SCORE: {parsed.strip()}"
        stored = report(folder, "parsed_metadata.json")
        assert (stored["parser_name"], stored["success"], stored["gen_id"]) == ("in_last_line", True, folder.name)
    scores = [float((folder / "parsed.txt").read_text().splitlines()[-1]) for folder in finished]
    assert 0 <= min(scores) < 4
    assert 7 < max(scores) <= 9


def test_a_parser_takes_the_block_and_leaves_the_rest(sample):
    parsers = set()
    for folder in sample.folders("draft"):
        if "parsed.txt" in names(folder):
            raw, parsed = (folder / "raw.txt").read_text(), (folder / "parsed.txt").read_text()
            parser = report(folder, "parsed_metadata.json")["parser_name"]
            inside = raw.partition("<essay>\n")[2].partition("</essay>")[0]
            assert parsed == (inside.strip() if parser == "essay_block" else raw)
            parsers.add(parser)
    assert parsers == {"essay_block", "identity"}


def test_records_are_written_with_their_fields_in_one_order(sample):
    order = [
        "stage",
        "gen_id",
        "origin_cohort_id",
        "mode",
        "template_id",
        "combo_id",
        "parent_gen_id",
        "llm_model_id",
        "replicate",
    ]
    for record in sample.records.values():
        places = [order.index(field) for field in record]
        assert all(before < after for before, after in pairwise(places))
