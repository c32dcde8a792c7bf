from __future__ import annotations

import pytest

from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.repository import FilePlanRepository, FileSpecRepository
from genaudit.cohorts.selection import Cartesian, Selection
from genaudit.errors import DDError, Err

SPEC = """
axes:
  combo_id: [c1, c2]
  draft_template: [d]
  draft_llm: [m]
  essay_template: [e]
  evaluation_template: [v]
  evaluation_llm: [j]
output:
  field_order: [combo_id, draft_template, draft_llm, essay_template, evaluation_template, evaluation_llm]
"""
JSON = {
    "axes": {
        "combo_id": ["c1"],
        "draft_template": ["d"],
        "draft_llm": ["m"],
        "essay_template": ["e"],
        "evaluation_template": ["v"],
        "evaluation_llm": ["j"],
    },
    "output": {
        "field_order": [
            "combo_id",
            "draft_template",
            "draft_llm",
            "essay_template",
            "evaluation_template",
            "evaluation_llm",
        ]
    },
}


@pytest.mark.parametrize("suffix", ["yaml", "yml"])
def test_a_spec_is_read_and_expanded(root, put, suffix):
    put(f"cohorts/c-1/spec/config.{suffix}", SPEC)
    found = FileSpecRepository(root).get("c-1")
    assert found.cohort_id == "c-1"
    assert isinstance(found.definition, CohortDefinition)
    assert [draft.combo_id for draft in found.definition.drafts] == ["c1", "c2"]
    assert found.metadata == {"plan": "spec", "source": f"cohorts/c-1/spec/config.{suffix}", "design_rows": 2}


def test_a_spec_may_be_json(root, put):
    put("cohorts/c-1/spec/config.json", JSON)
    assert len(FileSpecRepository(root).get("c-1").definition.evaluations) == 1


def test_ignored_parts_of_a_spec_are_warnings_of_the_build(root, put):
    put("cohorts/c-1/spec/config.yaml", SPEC + "seed: 7\n")
    [warning] = FileSpecRepository(root).get("c-1").metadata["warnings"]
    assert (warning["warning"], warning["value"]) == ("key_ignored", "seed")


def test_no_spec(root):
    with pytest.raises(DDError) as caught:
        FileSpecRepository(root).get("c-1")
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "spec_not_found"
    assert caught.value.ctx["cohort_id"] == "c-1"
    assert caught.value.ctx["path"].endswith("cohorts/c-1/spec/config.yaml")


def test_two_specs(root, put):
    put("cohorts/c-1/spec/config.yaml", SPEC)
    put("cohorts/c-1/spec/config.json", JSON)
    for repository in (FileSpecRepository(root), FilePlanRepository(root)):
        with pytest.raises(DDError) as caught:
            repository.get("c-1")
        assert caught.value.code is Err.INVALID_CONFIG
        assert caught.value.ctx["reason"] == "multiple_specs"
        assert caught.value.ctx["paths"] == ["cohorts/c-1/spec/config.yaml", "cohorts/c-1/spec/config.json"]


@pytest.mark.parametrize("cohort", ["../c-1", "", "a/b"])
def test_ids_that_lead_elsewhere(root, cohort):
    for repository in (FileSpecRepository(root), FilePlanRepository(root)):
        with pytest.raises(DDError) as caught:
            repository.get(cohort)
        assert caught.value.code is Err.INVALID_CONFIG
        assert caught.value.ctx["reason"] == "unsafe_id"


def test_a_link_in_place_of_a_spec_is_not_taken_for_none(root, put, tmp_path):
    (tmp_path / "outside.yaml").write_text(SPEC)
    put("cohorts/c-1/spec", None)
    for target in (tmp_path / "outside.yaml", tmp_path / "nowhere.yaml"):
        link = root / "cohorts/c-1/spec/config.yaml"
        link.symlink_to(target)
        with pytest.raises(DDError) as caught:
            FilePlanRepository(root).get("c-1")
        assert caught.value.code is Err.INVALID_CONFIG
        assert caught.value.ctx["problems"][0]["problem"] == "unreadable"
        link.unlink()


def test_a_spec_comes_before_a_selection_and_that_before_all_combinations(root, put):
    repository = FilePlanRepository(root)
    found = repository.get("c-1")
    assert found.definition == Cartesian()
    assert found.metadata == {"plan": "cartesian"}
    put("2_tasks/selected_essays.txt", "# mode: reuse-essays\n# fill-up\ne_1\ne_2\n")
    found = repository.get("c-1")
    assert isinstance(found.definition, Selection)
    assert found.metadata == {
        "plan": "curated",
        "source": "2_tasks/selected_essays.txt",
        "mode": "reuse-essays",
        "skip_existing": True,
        "reuse": [],
        "selected": 2,
    }
    put("cohorts/c-1/spec/config.yaml", SPEC)
    assert repository.get("c-1").metadata["plan"] == "spec"
    assert repository.get("c-2").metadata["plan"] == "curated"
