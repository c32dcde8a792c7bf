"""The table of reuse: every set of files, for answers of models, copies and evaluations."""

from itertools import combinations

import pytest

from genaudit.decisions import Decision, Obstacle, Step, decide

FILES = ("prompt.txt", "raw.txt", "raw_metadata.json", "parsed.txt", "parsed_metadata.json")
SETS = [frozenset(chosen) for size in range(6) for chosen in combinations(FILES, size)]


def expected(files, kind):
    """Return the work of the public pipeline on a set of files, written from its description without a table."""
    call = "copy" if kind == "copy" else "call"
    if "prompt.txt" not in files:
        # The prompt is rendered, then everything that was made from the old one is deleted.
        return call, files - {"prompt.txt"}
    if "raw.txt" not in files:
        # The model is called; both parsed files go, and a report without its answer is overwritten.
        return call, files & {"raw_metadata.json", "parsed.txt", "parsed_metadata.json"}
    if "raw_metadata.json" not in files:
        return "blocked", frozenset()
    if {"parsed.txt", "parsed_metadata.json"} <= files:
        return "reuse", frozenset()
    # Whichever of the two is there is overwritten.
    return "parse", files & {"parsed.txt", "parsed_metadata.json"}


def test_there_are_32_sets():
    assert len(set(SETS)) == 32


@pytest.mark.parametrize("kind", ["llm", "copy", "evaluation"])
@pytest.mark.parametrize("files", SETS, ids=lambda files: "+".join(sorted(files)) or "nothing")
def test_the_whole_table(files, kind):
    mode = "copy" if kind == "copy" else "llm"
    outcome = decide(mode, files)
    decision, destroyed = expected(files, kind)
    assert outcome.decision == decision
    assert frozenset(outcome.destroys) == destroyed
    assert outcome.deletes_paid_answer == (kind != "copy" and "prompt.txt" not in files and "raw.txt" in files)


def test_only_one_of_the_32_is_reused_untouched():
    assert [files for files in SETS if decide("llm", files).decision == "reuse"] == [frozenset(FILES)]


def test_a_missing_mode_is_a_model():
    assert decide(None, []).decision is Decision.CALL
    assert decide(None, ["raw.txt"]).deletes_paid_answer


@pytest.mark.parametrize("files", SETS, ids=lambda files: "+".join(sorted(files)) or "nothing")
def test_force_acts_whatever_is_stored(files):
    outcome = decide("llm", files, force=True)
    assert (outcome.decision, outcome.acts) == (Decision.CALL, tuple(Step))
    assert frozenset(outcome.destroys) == files
    assert decide("copy", files, force=True).decision is Decision.COPY


@pytest.mark.parametrize(
    ("lacking", "step", "cause"),
    [
        ("prompt.txt", Step.PROMPT, "prompt_missing"),
        ("raw.txt", Step.RAW, "raw_missing"),
        ("raw_metadata.json", Step.RAW, "raw_metadata_missing_for_existing_raw"),
        ("parsed.txt", Step.PARSED, "parsed_missing"),
        ("parsed_metadata.json", Step.PARSED, "parsed_metadata_missing"),
    ],
)
def test_the_step_and_the_file_that_decide_are_named(lacking, step, cause):
    outcome = decide("llm", set(FILES) - {lacking})
    assert (outcome.step, outcome.cause, outcome.file) == (step, cause, lacking)


@pytest.mark.parametrize("failing", list(Step))
def test_a_blocked_generation_destroys_nothing(failing):
    obstacle = Obstacle("template_missing", "1_raw/templates/draft/a.txt")
    outcome = decide("llm", ["raw.txt"], check=lambda step, _acts: obstacle if step is failing else None)
    assert (outcome.decision, outcome.step, outcome.cause) == (Decision.BLOCKED, failing, "template_missing")
    assert (outcome.destroys, outcome.acts, outcome.deletes_paid_answer) == ((), (), False)


def test_steps_are_checked_in_order_with_their_action():
    seen = []
    decide("llm", ["prompt.txt"], check=lambda step, acts: seen.append((step, acts)))
    assert seen == [(Step.PROMPT, False), (Step.RAW, True), (Step.PARSED, True)]
