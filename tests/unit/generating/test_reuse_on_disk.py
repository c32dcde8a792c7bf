"""The table of reuse on real files: every set of files, for drafts, copies and evaluations."""

from itertools import combinations

import pytest

from genaudit.decisions import decide
from genaudit.errors import DDError
from genaudit.generating.steps import Steps
from helpers.workshop import Recorder, make_workshop, put, reports

FILES = ("prompt.txt", "raw.txt", "raw_metadata.json", "parsed.txt", "parsed_metadata.json")
SETS = [frozenset(chosen) for size in range(6) for chosen in combinations(FILES, size)]
DID = {
    ("kept", "kept", "kept"): "reuse",
    ("kept", "kept", "parsed"): "parse",
    ("kept", "copied", "parsed"): "copy",
    ("written", "copied", "parsed"): "copy",
    ("kept", "called", "parsed"): "call",
    ("written", "called", "parsed"): "call",
}
DRAFT = "<essay>\none\ntwo\nthree\n</essay>\n"
KINDS = {
    "draft": ("draft", "d_1", {}, DRAFT),
    "copy": ("essay", "e_1", {"template_id": "as-is-v1", "mode": "copy", "llm_model_id": "None"}, "one\ntwo\nthree"),
    "evaluation": ("evaluation", "v_1", {}, "Good.\nSCORE: 8\n"),
}


def whole(root, stage, gen_id, raw, **record):
    texts = {"prompt.txt": "old prompt", "raw.txt": raw, "parsed.txt": "old parsed\n", **reports(stage, gen_id)}
    return put(root, stage, gen_id, texts, **record), texts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("files", SETS, ids=lambda files: "+".join(sorted(files)) or "nothing")
def test_steps_follow_the_table_of_decisions_and_lose_nothing(tmp_path, kind, files):
    root = make_workshop(tmp_path)
    if kind != "draft":
        whole(root, "draft", "d_1", DRAFT)
    if kind == "evaluation":
        whole(root, "essay", "e_1", "An essay.")
    stage, gen_id, record, raw = KINDS[kind]
    folder, texts = whole(root, stage, gen_id, raw, **record)
    for name in set(FILES) - files:
        (folder / name).unlink()
    outcome, generator = decide(record.get("mode", "llm"), files), Recorder()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    if outcome.decision == "blocked":
        with pytest.raises(DDError) as caught:
            Steps(root, generator).run_all(stage, gen_id)
        assert caught.value.ctx["reason"] == outcome.cause == "raw_metadata_missing_for_existing_raw"
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        return
    results = Steps(root, generator).run_all(stage, gen_id)
    assert DID[tuple(result.action.value for result in results)] == outcome.decision
    assert results[0].decision == outcome.decision
    assert len(generator.asked) == (outcome.decision == "call")
    kept = {path.name: path.read_text() for path in folder.glob("replaced/*/*")}
    assert kept == {name: texts[name] for name in outcome.destroys}
    # Whatever happened, all five files are there afterwards, and a rerun keeps them all.
    assert {path.name for path in folder.iterdir() if path.is_file()} == {"metadata.json", *FILES}
    assert {result.action.value for result in Steps(root, generator).run_all(stage, gen_id)} == {"kept"}


def test_a_copy_repeats_its_parent_and_its_prompt_is_the_parents_text(tmp_path):
    root = make_workshop(tmp_path)
    whole(root, "draft", "d_1", DRAFT)
    stage, gen_id, record, _ = KINDS["copy"]
    folder = put(root, stage, gen_id, **record)
    Steps(root, Recorder()).run_all(stage, gen_id)
    texts = {name: (folder / name).read_text() for name in ("prompt.txt", "raw.txt", "parsed.txt")}
    assert set(texts.values()) == {"old parsed\n"}
