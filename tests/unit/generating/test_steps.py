"""The steps of a generation: their actions, the files that they keep, and their leftovers."""

import json
from hashlib import sha256

import pytest

from genaudit.decisions import Step
from genaudit.errors import DDError, Err
from genaudit.generating.generator import Answer
from genaudit.generating.steps import StepAction, Steps
from helpers.trees import contents, fingerprint
from helpers.workshop import Recorder, make_workshop, put, reports, write

PARSED = {"parsed.txt": "As it stands.\n"}


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data")


def whole(root, raw="<essay>one\ntwo\nthree</essay>"):
    texts = {"prompt.txt": "old prompt", "raw.txt": raw, "parsed.txt": "old parsed\n", **reports("draft", "d_1")}
    return put(root, "draft", "d_1", texts)


def actions(results):
    return [result.action.value for result in results]


def refused(root, stage, gen_id, generator=None, step=None, **options):
    steps = Steps(root, generator or Recorder())
    with pytest.raises(DDError) as caught:
        steps.run(step, stage, gen_id, **options) if step else steps.run_all(stage, gen_id, **options)
    return caught.value


def test_a_new_draft_is_called_from_its_concepts_and_parsed(root):
    folder, generator = put(root, "draft", "d_1"), Recorder()
    results = Steps(root, generator, "run-7").run_all("draft", "d_1")
    assert actions(results) == ["written", "called", "parsed"]
    assert [result.calls for result in results] == [0, 1, 0]
    (asked,) = generator.asked
    assert asked.prompt == "Connect: The Tide (It comes and goes.) The Clock (It ticks.)"
    assert (asked.model_id, asked.model, asked.parser) == ("writer", "house/writer-1", "essay_block")
    texts = contents(folder)
    assert texts["prompt.txt"].decode() == asked.prompt
    assert f"<essay>\n{texts['parsed.txt'].decode()}\n</essay>" in texts["raw.txt"].decode()
    raw, text = json.loads(texts["raw_metadata.json"]), texts["raw.txt"].decode()
    # The fields of the pipeline's own reports, in their order, and then those that only these steps record.
    assert list(raw) == [
        *("stage", "gen_id", "function", "mode", "llm_model_id", "duration_s", "finish_reason", "truncated", "usage"),
        *("input_mode", "raw_length", "raw_lines", "raw_path", "raw_metadata_path", "run_id"),
        *("model", "served_model", "digests"),
    ]
    assert (raw["stage"], raw["gen_id"], raw["mode"], raw["llm_model_id"]) == ("draft", "d_1", "llm", "writer")
    assert (raw["finish_reason"], raw["truncated"], raw["input_mode"]) == ("stop", False, "prompt")
    assert (raw["raw_length"], raw["raw_lines"]) == (len(text), len(text.splitlines()))
    assert (raw["raw_path"], raw["run_id"]) == ("gens/draft/d_1/raw.txt", "run-7")
    assert raw["usage"]["total_tokens"] > raw["usage"]["prompt_tokens"] > 0
    parsed = json.loads(texts["parsed_metadata.json"])
    assert list(parsed) == [
        *("stage", "gen_id", "function", "parser_name", "success", "error", "input_mode"),
        *("parsed_path", "parsed_metadata_path", "run_id"),
    ]
    assert (parsed["parser_name"], parsed["success"], parsed["error"]) == ("essay_block", True, None)
    assert results[1].paths == ("gens/draft/d_1/raw_metadata.json", "gens/draft/d_1/raw.txt")


def test_a_report_records_the_digests_of_the_sent_texts(root):
    put(root, "draft", "d_1")
    answer = Answer("<essay>a\nb\nc</essay>", "stop", 1.0, {}, "writer-1-2026-01")
    Steps(root, Recorder(answer)).run_all("draft", "d_1")
    template = (root / "1_raw/templates/draft/links-v1.txt").read_bytes()
    raw = json.loads((root / "gens/draft/d_1/raw_metadata.json").read_text())
    assert (raw["model"], raw["served_model"]) == ("house/writer-1", "writer-1-2026-01")
    assert raw["digests"] == {
        "prompt": sha256((root / "gens/draft/d_1/prompt.txt").read_bytes()).hexdigest(),
        "template": sha256(template).hexdigest(),
        "concepts": sha256(b'[["The Tide","It comes and goes."],["The Clock","It ticks."]]').hexdigest(),
    }


def test_a_prompt_that_the_template_no_longer_renders_has_its_own_digest_alone(root):
    put(root, "draft", "d_1", {"prompt.txt": "An earlier one."})
    put(root, "essay", "e_1", template_id="as-is-v1", mode="copy", llm_model_id=None)
    steps = Steps(root, Recorder())
    steps.run_all("draft", "d_1")
    steps.run_all("essay", "e_1")
    digests = [
        json.loads((root / f"gens/{place}/raw_metadata.json").read_text())["digests"]
        for place in ("draft/d_1", "essay/e_1")
    ]
    parsed = (root / "gens/draft/d_1/parsed.txt").read_bytes()
    assert digests == [{"prompt": sha256(text).hexdigest()} for text in (b"An earlier one.", parsed)]


def test_later_stages_read_the_parsed_text_of_their_parent(root):
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


def test_a_whole_generation_is_reused_and_no_byte_changes(root):
    folder = whole(root)
    before, generator = fingerprint(folder), Recorder()
    results = Steps(root, generator).run_all("draft", "d_1")
    assert [result.reused for result in results] == [True, True, True]
    assert {(result.decision.value, result.paths) for result in results} == {("reuse", ())}
    assert generator.asked == []
    assert fingerprint(folder) == before


@pytest.mark.parametrize(("record", "reason"), [(None, "metadata_missing"), ("{", "metadata_unreadable")])
@pytest.mark.parametrize("step", list(Step))
def test_every_step_fails_without_a_record(root, record, reason, step):
    folder = whole(root)
    (folder / "metadata.json").unlink()
    if record:
        write(folder / "metadata.json", record)
    before = fingerprint(folder)
    assert refused(root, "draft", "d_1", step=step).ctx["reason"] == reason
    assert fingerprint(folder) == before


def test_an_incomplete_record_is_reused_if_nothing_has_to_be_made(root):
    folder = whole(root)
    write(folder / "metadata.json", "{}")
    assert actions(Steps(root, Recorder()).run_all("draft", "d_1")) == ["kept", "kept", "kept"]
    error = refused(root, "draft", "d_1", force=True)
    assert (error.ctx["reason"], error.ctx["fields"]) == ("metadata_incomplete", ["template_id"])


def test_an_old_field_name_names_no_template(root):
    put(root, "draft", "d_1", template_id=None, draft_template="links-v1")
    assert refused(root, "draft", "d_1").ctx["fields"] == ["template_id"]


def test_a_stored_answer_is_only_parsed(root):
    folder = whole(root)
    (folder / "parsed.txt").unlink()
    generator = Recorder()
    results = Steps(root, generator).run_all("draft", "d_1")
    assert actions(results) == ["kept", "kept", "parsed"]
    assert [result.decision.value for result in results] == ["parse", "parse", "parse"]
    assert generator.asked == []
    assert contents(folder)["parsed.txt"] == b"one\ntwo\nthree"
    assert contents(folder)["prompt.txt"] == b"old prompt"


def test_a_copy_repeats_its_draft_and_calls_nothing(root):
    put(root, "draft", "d_1", PARSED)
    folder, generator = put(root, "essay", "e_1", template_id="as-is-v1", mode="copy"), Recorder()
    results = Steps(root, generator).run_all("essay", "e_1")
    assert actions(results) == ["written", "copied", "parsed"]
    assert generator.asked == []
    texts = contents(folder)
    assert texts["prompt.txt"] == texts["raw.txt"] == texts["parsed.txt"] == b"As it stands.\n"
    raw = json.loads(texts["raw_metadata.json"])
    assert (raw["mode"], raw["input_mode"], raw["finish_reason"]) == ("copy", "copy", "copy")
    assert (raw["llm_model_id"], raw["usage"]["total_tokens"]) == (None, 0)
    assert actions(Steps(root, generator).run_all("essay", "e_1", force=True)) == ["written", "copied", "parsed"]
    assert generator.asked == []


def test_force_replaces_everything_and_keeps_the_old_files(root):
    folder = whole(root)
    old = {name: data for name, data in contents(folder).items() if name != "metadata.json"}
    generator = Recorder()
    assert actions(Steps(root, generator).run_all("draft", "d_1", force=True)) == ["written", "called", "parsed"]
    assert len(generator.asked) == 1
    now = contents(folder)
    assert not {name: data for name, data in old.items() if name.endswith(".txt")}.items() & now.items()
    assert {path.name: path.read_bytes() for path in folder.glob("replaced/1/*")} == old


def test_a_forced_call_that_fails_changes_nothing(root):
    folder = whole(root)
    before = fingerprint(folder)
    error = refused(root, "draft", "d_1", Recorder(RuntimeError("down")), Step.RAW, force=True)
    assert error.ctx["reason"] == "generator_failed"
    assert fingerprint(folder) == before


def test_a_forced_run_whose_call_fails_keeps_the_old_answer_in_replaced(root):
    folder = whole(root)
    old = {name: data for name, data in contents(folder).items() if name != "metadata.json"}
    assert (
        refused(root, "draft", "d_1", Recorder(RuntimeError("down")), force=True).ctx["reason"] == "generator_failed"
    )
    # The files are as the pipeline leaves them then: a new prompt, and no answer.
    assert {path.name for path in folder.iterdir()} == {"metadata.json", "prompt.txt", "replaced"}
    assert {path.name: path.read_bytes() for path in folder.glob("replaced/1/*")} == old
    assert actions(Steps(root, Recorder()).run_all("draft", "d_1")) == ["kept", "called", "parsed"]


def test_a_truncated_answer_is_kept_and_fails_now_and_when_it_is_parsed(root):
    folder = put(root, "essay", "e_1")
    put(root, "draft", "d_1", PARSED)
    answer = Answer("It began", "length", 2.5, {"completion_tokens": 2})
    error = refused(root, "essay", "e_1", Recorder(answer))
    assert (error.code, error.ctx["reason"]) == (Err.PARSER_FAILURE, "answer_truncated")
    assert contents(folder)["raw.txt"] == b"It began"
    raw = json.loads(contents(folder)["raw_metadata.json"])
    assert (raw["finish_reason"], raw["truncated"]) == ("length", True)
    generator, before = Recorder(), fingerprint(folder)
    assert refused(root, "essay", "e_1", generator).ctx["reason"] == "answer_truncated"
    assert generator.asked == []
    assert fingerprint(folder) == before
    # Only force asks again.
    assert actions(Steps(root, generator).run_all("essay", "e_1", force=True)) == ["written", "called", "parsed"]


def test_an_answer_that_does_not_parse_is_kept(root):
    folder = put(root, "draft", "d_1")
    error = refused(root, "draft", "d_1", Recorder(Answer("no tags", "stop", 1.0)))
    assert (error.code, error.ctx["reason"]) == (Err.PARSER_FAILURE, "block_missing")
    assert (error.ctx["stage"], error.ctx["gen_id"]) == ("draft", "d_1")
    assert contents(folder)["raw.txt"] == b"no tags"
    assert not {"parsed.txt", "parsed_metadata.json"} & set(contents(folder))


def test_a_draft_of_too_few_lines_is_no_draft(root):
    put(root, "draft", "d_1")
    short = Answer("<essay>one\n\ntwo</essay>", "stop", 1.0)
    error = refused(root, "draft", "d_1", Recorder(short))
    assert (error.ctx["reason"], error.ctx["lines"], error.ctx["least"]) == ("too_few_lines", 2, 3)
    results = Steps(root, Recorder(), min_lines={"draft": 2}).run_all("draft", "d_1")
    assert actions(results) == ["kept", "kept", "parsed"]


def test_a_parsed_text_outlives_an_attempt_to_parse_again(root):
    folder = whole(root, raw="no tags")
    (folder / "parsed_metadata.json").unlink()
    before = fingerprint(folder)
    assert refused(root, "draft", "d_1", step=Step.PARSED).ctx["reason"] == "block_missing"
    assert fingerprint(folder) == before


def test_an_unknown_parser_is_known_before_the_call_is_paid_for(root):
    write(root / "1_raw/draft_templates.csv", "template_id,parser,generator\nlinks-v1,xml,llm\n")
    folder, generator = put(root, "draft", "d_1"), Recorder()
    error = refused(root, "draft", "d_1", generator)
    assert (error.code, error.ctx["reason"], error.ctx["parser"]) == (Err.PARSER_FAILURE, "unknown_parser", "xml")
    assert generator.asked == []
    assert set(contents(folder)) == {"metadata.json"}


@pytest.mark.parametrize("name", ["prompt.txt", "raw.txt", "parsed.txt"])
def test_a_text_that_is_not_utf8_fails_its_step(root, name):
    folder = whole(root)
    (folder / name).write_bytes(b"caf\xe9\n")
    before = fingerprint(folder)
    error = refused(root, "draft", "d_1")
    assert (error.code, error.ctx["reason"]) == (Err.IO_ERROR, "not_readable")
    assert error.ctx["path"].endswith(name)
    assert fingerprint(folder) == before


@pytest.mark.parametrize("report", ["raw_metadata", "parsed_metadata"])
@pytest.mark.parametrize("text", ["{", "[]", '{"stage": "draft"}'])
def test_a_report_without_stage_and_id_fails_its_step(root, report, text):
    folder = whole(root)
    write(folder / f"{report}.json", text)
    before = fingerprint(folder)
    assert refused(root, "draft", "d_1").ctx["reason"] == f"{report}_unreadable"
    assert fingerprint(folder) == before


def test_a_parent_without_parsed_text_fails_an_essay_whose_prompt_is_there(root):
    whole(root)
    folder = put(
        root, "essay", "e_1", {"prompt.txt": "p", "raw.txt": "r", "parsed.txt": "r", **reports("essay", "e_1")}
    )
    assert actions(Steps(root, Recorder()).run_all("essay", "e_1")) == ["kept", "kept", "kept"]
    (root / "gens/draft/d_1/parsed.txt").unlink()
    before = fingerprint(folder)
    assert refused(root, "essay", "e_1").ctx["reason"] == "parent_not_parsed"
    assert fingerprint(folder) == before


@pytest.mark.parametrize("missing", ["template", "model"])
def test_an_answer_makes_no_room_for_a_call_that_cannot_be_made(root, missing):
    folder = whole(root)
    (folder / "prompt.txt").unlink()
    if missing == "template":
        (root / "1_raw/templates/draft/links-v1.txt").unlink()
    else:
        write(root / "1_raw/llm_models.csv", "id\nother\n")
    before = fingerprint(folder)
    reasons = {"template": "template_missing", "model": "model_not_in_catalog"}
    assert refused(root, "draft", "d_1").ctx["reason"] == reasons[missing]
    assert fingerprint(folder) == before


@pytest.mark.parametrize(
    ("record", "code", "reason", "field"),
    [
        (None, Err.DATA_MISSING, "metadata_missing", "path"),
        ("{", Err.DATA_MISSING, "metadata_unreadable", "state"),
        ('{"combo_id": "x", "llm_model_id": "writer"}', Err.DATA_MISSING, "metadata_incomplete", "fields"),
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
    assert actions(Steps(root, Recorder()).run_all("draft", "d_1")) == ["kept", "called", "parsed"]


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


def test_leftovers_of_a_killed_writer_are_deleted(root):
    folder = put(root, "draft", "d_1")
    write(folder / ".raw.txt.abc.tmp", "half")
    write(folder / ".mine.tmp", "someone else's")
    Steps(root, Recorder()).run_all("draft", "d_1")
    assert not (folder / ".raw.txt.abc.tmp").exists()
    assert (folder / ".mine.tmp").exists()


@pytest.mark.parametrize("step", list(Step))
def test_each_step_names_its_text(root, step):
    put(root, "draft", "d_1")
    made = {result.step: result for result in Steps(root, Recorder()).run_all("draft", "d_1")}
    kept = Steps(root, Recorder()).run(step, "draft", "d_1")
    assert kept.action is StepAction.KEPT
    assert kept.digest == made[step].digest is not None
