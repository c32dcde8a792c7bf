"""A rollout rehearsed on a copy: its report without and with problems."""

import json

import pytest

from genaudit.errors import DDError
from genaudit.pipeline.rehearsal import FLAGS, rehearse
from helpers.trees import fingerprint
from helpers.workshop import COHORT, COUNTS, SPEC, make_workshop, put, write

# One draft, one essay that copies it, one evaluation.
SHORT = {**SPEC, "axes": {**SPEC["axes"], "essay_template": ["as-is-v1"], "evaluation_replicate": [1]}}


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data", spec=SHORT)


def test_each_step_of_the_rollout_and_its_changes(root):
    before, seen = fingerprint(root), []
    found = rehearse(root, COHORT, progress=lambda done, total: seen.append((done, total)))
    assert fingerprint(root) == before
    assert (
        [run["flag"] for run in found["runs"]]
        == list(FLAGS)
        == ["none", "draft", "draft,essay", "draft,essay,evaluation"]
    )
    assert found["problems"] == []
    for run in found["runs"]:
        assert (run["seeded"], run["new"]) == (3, {"draft": 1, "essay": 1, "evaluation": 1})
        decisions = {"draft": {"call": 1}, "essay": {"copy": 1}, "evaluation": {"call": 1}}
        assert run["first_run"]["decisions"] == run["predicted"] == decisions
        assert run["first_run"]["calls"] == 2
        assert run["first_run"]["tokens"] > 0
        assert run["second_run"] == {
            "decisions": {stage: {"reuse": 1} for stage in COUNTS},
            "reused": 3,
            "calls": 0,
            "tokens": 0,
            "failures": [],
        }
    renamed = [
        [stage for stage, counts in difference["stages"].items() if counts["other_id"]]
        for difference in found["differences"]
    ]
    # A legacy essay's id is made from its task, an evaluation's from its essay's id.
    assert renamed == [["draft"], ["draft", "essay", "evaluation"], ["draft", "essay", "evaluation"]]
    assert all(difference["same_pivot"] for difference in found["differences"])
    assert seen[-1] == (4 * 6, 4 * 6)
    assert json.loads(json.dumps(found)) == found


def test_a_generation_that_cannot_be_made_is_a_problem_with_a_reason(root):
    write(root / "1_raw/templates/evaluation/novelty.txt", "{{ nothing_of_that_name }}")
    found = rehearse(root, COHORT, ["all"])
    assert {each["problem"] for each in found["problems"]} == {
        "first_run_failed",
        "second_run_failed",
        "second_run_not_reused",
    }
    run = found["runs"][0]
    # It is known beforehand.
    assert run["predicted"]["evaluation"] == run["first_run"]["decisions"]["evaluation"] == {"blocked": 1}
    (failure,) = run["first_run"]["failures"]
    assert (failure["stage"], failure["step"]) == ("evaluation", "evaluation_prompt")
    assert (failure["code"], failure["reason"]) == ("invalid_config", "template_undefined")


def test_a_cohort_that_cannot_be_planned(root):
    write(root / "cohorts" / COHORT / "spec/config.json", json.dumps({**SPEC, "axes": {}}))
    with pytest.raises(DDError) as caught:
        rehearse(root, COHORT, ["none"])
    assert caught.value.ctx["reason"] == "invalid_spec"
    assert caught.value.ctx["problems"]


def test_a_store_that_cannot_be_copied(tmp_path):
    with pytest.raises(DDError) as caught:
        rehearse(tmp_path / "nowhere", COHORT, ["none"])
    assert caught.value.ctx["reason"] == "no_such_root"


def test_members_whose_chain_is_broken_are_found_before_anything_is_made(root):
    (root / "cohorts" / COHORT / "spec/config.json").unlink()
    put(root, "draft", "d_1", {"parsed.txt": "x"})
    put(root, "essay", "e_1", {"parsed.txt": "x"}, llm_model_id="", mode="llm")
    write(root / "2_tasks/selected_essays.txt", "# mode: reuse-essays\ne_1\n")
    with pytest.raises(DDError) as caught:
        rehearse(root, COHORT, ["none"])
    assert caught.value.ctx["reason"] == "checks_failed"
    assert caught.value.ctx["problems"][0]["check"] == "metadata_complete"
    assert caught.value.ctx["problems"][0]["gen_id"] == "e_1"
