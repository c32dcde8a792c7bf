"""The steps of a generation: what each does, leaves alone, and leaves behind."""

import json

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.generator import Answer
from genaudit.generating.steps import Action, Step, Steps
from helpers.trees import contents, fingerprint
from helpers.workshop import Recorder, make_workshop, put, write

PARSED = {"parsed.txt": "As it stands.\n"}


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data")


def actions(results):
    return [result.action.value for result in results]


def refused(root, stage, gen_id, generator=None, step=None, **options):
    steps = Steps(root, generator or Recorder())
    with pytest.raises(DDError) as caught:
        steps.run(step, stage, gen_id, **options) if step else steps.run_all(stage, gen_id, **options)
    return caught.value


def test_a_new_draft_is_called_from_its_concepts_and_parsed(root):
    folder, generator = put(root, "draft", "d_1"), Recorder()
    results = Steps(root, generator).run_all("draft", "d_1")
    assert actions(results) == ["written", "called", "parsed"]
    assert [result.calls for result in results] == [0, 1, 0]
    (asked,) = generator.asked
    assert asked.prompt == "Connect: The Tide (sentence) The Clock (paragraph)\n"
    assert (asked.model_id, asked.model, asked.parser) == ("writer", "house/writer-1", "essay_block")
    texts = contents(folder)
    assert texts["prompt.txt"].decode() == asked.prompt
    assert f"<essay>\n{texts['parsed.txt'].decode()}</essay>" in texts["raw.txt"].decode()
    raw = json.loads(texts["raw_metadata.json"])
    assert {name: raw[name] for name in ("finish_reason", "input_mode", "copied_from", "generator", "model")} == {
        "finish_reason": "stop",
        "input_mode": "prompt",
        "copied_from": None,
        "generator": "recorder",
        "model": "house/writer-1",
    }
    assert raw["usage"]["total_tokens"] > raw["usage"]["prompt_tokens"] > 0
    assert json.loads(texts["parsed_metadata.json"]) == {"parser_name": "essay_block", "success": True}
    assert results[1].paths == ("gens/draft/d_1/raw_metadata.json", "gens/draft/d_1/raw.txt")


def test_later_stages_read_what_was_parsed_above(root):
    put(root, "draft", "d_1", {"parsed.txt": "THE DRAFT\n", "raw.txt": "not this"})
    put(root, "essay", "e_1", llm_model_id=None)
    put(root, "evaluation", "v_1")
    generator = Recorder()
    steps = Steps(root, generator)
    steps.run_all("essay", "e_1")
    steps.run_all("evaluation", "v_1")
    essay = (root / "gens/essay/e_1/parsed.txt").read_text()
    assert [asked.prompt for asked in generator.asked] == ["Write it out.\n\nTHE DRAFT\n", f"Judge it.\n\n{essay}"]
    # An essay that names no model has its draft's.
    assert [asked.model_id for asked in generator.asked] == ["writer", "judge"]
    assert float((root / "gens/evaluation/v_1/parsed.txt").read_text().splitlines()[-1]) <= 9


def test_what_is_parsed_is_reused_and_no_byte_changes(root):
    folder = put(root, "draft", "d_1", PARSED)
    before, generator = fingerprint(folder), Recorder()
    results = Steps(root, generator).run_all("draft", "d_1")
    assert [result.reused for result in results] == [True, True, True]
    assert {(result.decision.value, result.paths) for result in results} == {("reuse", ())}
    assert generator.asked == []
    assert fingerprint(folder) == before


@pytest.mark.parametrize("record", [None, "{", "{}"])
def test_what_is_parsed_is_reused_whatever_became_of_its_record(root, record):
    folder = put(root, "draft", "d_1", PARSED)
    (folder / "metadata.json").unlink()
    if record:
        write(folder / "metadata.json", record)
    assert actions(Steps(root, Recorder()).run_all("draft", "d_1")) == ["kept", "kept", "kept"]
    assert refused(root, "draft", "d_1", force=True).code is Err.DATA_MISSING


def test_what_was_answered_is_only_parsed(root):
    folder = put(root, "draft", "d_1", {"raw.txt": "<essay>A</essay>", "prompt.txt": "of old"})
    generator = Recorder()
    results = Steps(root, generator).run_all("draft", "d_1")
    assert actions(results) == ["kept", "kept", "parsed"]
    assert [result.decision.value for result in results] == ["parse", "parse", "parse"]
    assert generator.asked == []
    assert contents(folder)["parsed.txt"] == b"A\n"
    assert contents(folder)["prompt.txt"] == b"of old"


def test_a_copy_repeats_its_draft_and_calls_nothing(root):
    put(root, "draft", "d_1", PARSED)
    folder, generator = put(root, "essay", "e_1", template_id="as-is-v1", mode="copy"), Recorder()
    results = Steps(root, generator).run_all("essay", "e_1")
    assert actions(results) == ["needless", "copied", "parsed"]
    assert generator.asked == []
    texts = contents(folder)
    assert texts["raw.txt"] == texts["parsed.txt"] == b"As it stands.\n"
    raw = json.loads(texts["raw_metadata.json"])
    assert (raw["input_mode"], raw["copied_from"], raw["usage"]["total_tokens"]) == ("copy", "d_1", 0)
    assert "prompt.txt" not in texts
    assert actions(Steps(root, generator).run_all("essay", "e_1", force=True)) == ["needless", "copied", "parsed"]
    assert generator.asked == []


def test_force_makes_everything_anew(root):
    folder = put(root, "draft", "d_1", {"parsed.txt": "old", "raw.txt": "old", "prompt.txt": "old"})
    generator = Recorder()
    assert actions(Steps(root, generator).run_all("draft", "d_1", force=True)) == ["written", "called", "parsed"]
    assert len(generator.asked) == 1
    assert b"old" not in contents(folder).values()


def test_a_forced_call_that_fails_loses_nothing(root):
    texts = {"parsed.txt": "old", "raw.txt": "old", "prompt.txt": "old", "parsed_metadata.json": "{}"}
    folder = put(root, "draft", "d_1", texts)
    before = fingerprint(folder)
    error = refused(root, "draft", "d_1", Recorder(RuntimeError("down")), Step.RAW, force=True)
    assert error.ctx["reason"] == "generator_failed"
    assert fingerprint(folder) == before


def test_a_forced_run_whose_call_fails_leaves_the_old_answer_with_its_own_prompt(root):
    texts = {"parsed.txt": "old", "raw.txt": "old", "prompt.txt": "old", "parsed_metadata.json": "{}"}
    folder = put(root, "draft", "d_1", texts)
    before = contents(folder)
    assert (
        refused(root, "draft", "d_1", Recorder(RuntimeError("down")), force=True).ctx["reason"] == "generator_failed"
    )
    assert before.items() <= contents(folder).items()
    generator = Recorder()
    assert actions(Steps(root, generator).run_all("draft", "d_1")) == ["kept", "kept", "kept"]
    results = Steps(root, generator).run_all("draft", "d_1", force=True)
    assert results[0].paths == ("gens/draft/d_1/.prompt.txt.new",)
    assert contents(folder)["prompt.txt"].decode() == generator.asked[0].prompt
    assert not [name for name in contents(folder) if name.startswith(".")]


def test_a_truncated_answer_is_kept_and_fails_now_and_when_it_is_parsed(root):
    folder = put(root, "essay", "e_1")
    put(root, "draft", "d_1", PARSED)
    answer = Answer("It began", "length", 2.5, {"completion_tokens": 2})
    error = refused(root, "essay", "e_1", Recorder(answer))
    assert (error.code, error.ctx["reason"]) == (Err.PARSER_FAILURE, "answer_truncated")
    assert contents(folder)["raw.txt"] == b"It began"
    assert json.loads(contents(folder)["raw_metadata.json"])["finish_reason"] == "length"
    assert "parsed_metadata.json" not in contents(folder)
    generator = Recorder()
    assert refused(root, "essay", "e_1", generator).ctx["reason"] == "answer_truncated"
    assert generator.asked == []
    assert json.loads(contents(folder)["parsed_metadata.json"])["success"] is False
    assert "parsed.txt" not in contents(folder)
    # Only force asks again.
    assert actions(Steps(root, generator).run_all("essay", "e_1", force=True)) == ["written", "called", "parsed"]


def test_an_answer_that_does_not_parse_is_kept(root):
    folder = put(root, "draft", "d_1")
    error = refused(root, "draft", "d_1", Recorder(Answer("no tags", "stop", 1.0)))
    assert (error.code, error.ctx["reason"]) == (Err.PARSER_FAILURE, "block_missing")
    assert (error.ctx["stage"], error.ctx["gen_id"]) == ("draft", "d_1")
    assert contents(folder)["raw.txt"] == b"no tags"
    report = json.loads(contents(folder)["parsed_metadata.json"])
    assert (report["parser_name"], report["success"]) == ("essay_block", False)
    assert "parsed.txt" not in contents(folder)


def test_a_parsed_text_outlives_an_attempt_to_parse_again(root):
    folder = put(root, "draft", "d_1", {"parsed.txt": "good", "raw.txt": "no tags", "parsed_metadata.json": "{}"})
    before = fingerprint(folder)
    assert refused(root, "draft", "d_1", step=Step.PARSED, force=True).ctx["reason"] == "block_missing"
    assert fingerprint(folder) == before


def test_an_unknown_parser_of_the_catalog(root):
    write(root / "1_raw/draft_templates.csv", "template_id,parser,generator\nlinks-v1,xml,llm\n")
    folder, generator = put(root, "draft", "d_1"), Recorder()
    assert refused(root, "draft", "d_1", generator).ctx["reason"] == "unknown_parser"
    # It is known before the call is paid for.
    assert generator.asked == []
    write(folder / "raw.txt", "answered before")
    error = refused(root, "draft", "d_1", generator)
    assert (error.code, error.ctx["parser"]) == (Err.PARSER_FAILURE, "xml")
    assert json.loads(contents(folder)["parsed_metadata.json"])["parser_name"] == "xml"
    assert contents(folder)["raw.txt"] == b"answered before"


@pytest.mark.parametrize(
    ("record", "code", "reason", "field"),
    [
        (None, Err.DATA_MISSING, "metadata_missing", "path"),
        ("{", Err.DATA_MISSING, "metadata_unreadable", "state"),
        ('{"combo_id": "x"}', Err.DATA_MISSING, "metadata_incomplete", "fields"),
    ],
)
def test_a_record_that_is_not_there_or_not_whole(root, record, code, reason, field):
    folder = put(root, "draft", "d_1")
    (folder / "metadata.json").unlink()
    if record:
        write(folder / "metadata.json", record)
    before = fingerprint(folder)
    error = refused(root, "draft", "d_1")
    assert (error.code, error.ctx["reason"]) == (code, reason)
    assert field in error.ctx
    assert fingerprint(folder) == before


def test_a_generation_or_a_parent_that_is_not_there(root):
    assert refused(root, "draft", "d_1").ctx["reason"] == "generation_missing"
    assert not (root / "gens/draft/d_1").exists()
    folder = put(root, "essay", "e_1")
    error = refused(root, "essay", "e_1")
    assert (error.ctx["reason"], error.ctx["parent_gen_id"]) == ("parent_missing", "d_1")
    put(root, "draft", "d_1")
    assert refused(root, "essay", "e_1").ctx["reason"] == "parent_not_parsed"
    assert sorted(contents(folder)) == ["metadata.json"]


@pytest.mark.parametrize(
    ("step", "reason"), [(Step.RAW, "prompt_missing"), (Step.PARSED, "raw_missing")], ids=["raw", "parsed"]
)
def test_a_step_before_its_time(root, step, reason):
    put(root, "draft", "d_1")
    error = refused(root, "draft", "d_1", step=step)
    assert (error.code, error.ctx["reason"]) == (Err.DATA_MISSING, reason)


def test_a_draft_cannot_copy(root):
    put(root, "draft", "d_1", mode="copy")
    assert refused(root, "draft", "d_1").ctx["reason"] == "copy_without_parent"


def test_a_generator_that_raises_leaves_the_prompt_and_nothing_else(root):
    folder = put(root, "draft", "d_1")
    error = refused(root, "draft", "d_1", Recorder(ValueError("key sk-123")))
    assert (error.code, error.ctx["reason"]) == (Err.IO_ERROR, "generator_failed")
    assert (error.ctx["error"], error.ctx["gen_id"]) == ("ValueError", "d_1")
    assert "sk-123" not in str(error)
    assert sorted(contents(folder)) == ["metadata.json", "prompt.txt"]
    assert actions(Steps(root, Recorder()).run_all("draft", "d_1")) == ["written", "called", "parsed"]


def test_a_blank_answer_is_no_answer(root):
    folder = put(root, "draft", "d_1")
    assert refused(root, "draft", "d_1", Recorder(Answer(" \n", "stop", 1.0))).ctx["reason"] == "answer_blank"
    assert "raw.txt" not in contents(folder)


def test_links_are_neither_read_nor_written_through(root, tmp_path):
    outside = write(tmp_path / "outside.txt", "precious")
    folder = put(root, "draft", "d_1")
    (folder / "raw.txt").symlink_to(outside)
    assert refused(root, "draft", "d_1").ctx["reason"] == "unsafe_path"
    assert outside.read_text() == "precious"


def test_what_a_killed_writer_left_is_cleared_away(root):
    folder = put(root, "draft", "d_1")
    write(folder / ".raw.txt.abc.tmp", "half")
    write(folder / ".mine.tmp", "someone else's")
    Steps(root, Recorder()).run_all("draft", "d_1")
    assert not (folder / ".raw.txt.abc.tmp").exists()
    assert (folder / ".mine.tmp").exists()


@pytest.mark.parametrize("step", list(Step))
def test_each_step_says_what_text_it_stands_for(root, step):
    put(root, "draft", "d_1")
    made = {result.step: result for result in Steps(root, Recorder()).run_all("draft", "d_1")}
    kept = Steps(root, Recorder()).run(step, "draft", "d_1")
    assert kept.action is Action.KEPT
    assert kept.digest == made[step].digest is not None
