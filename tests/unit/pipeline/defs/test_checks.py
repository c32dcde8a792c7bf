"""The checks of a cohort: the findings about its members, and about no others."""

import pytest

from genaudit.pipeline.defs import checks
from genaudit.pipeline.sandbox import Sandbox
from helpers.workshop import COHORT, make_workshop, put, write


@pytest.fixture
def root(tmp_path):
    root = make_workshop(tmp_path / "data")
    (root / "cohorts" / COHORT / "spec/config.json").unlink()
    put(root, "draft", "d_1", {"parsed.txt": "x\n"})
    put(root, "essay", "e_1", {"parsed.txt": "x\n"})
    write(root / "2_tasks/selected_essays.txt", "# mode: reuse-essays\ne_1\n")
    return root


def checked(instance, root):
    result = Sandbox(instance, root, deterministic_gen_ids="all").plan(COHORT)
    evaluations = {each.check_name: each for each in result.get_asset_check_evaluations()}
    assert set(evaluations) == {"metadata_complete", "parents_hold"}
    return result, evaluations


def test_a_sound_cohort_passes_whatever_others_are_like(instance, root):
    put(root, "draft", "d_broken", combo_id=None)
    put(root, "essay", "e_orphan", parent_gen_id="d_0")
    result, evaluations = checked(instance, root)
    assert result.success
    for each in evaluations.values():
        assert each.passed
        assert each.metadata["findings"].value == {}


def test_the_store_is_scanned_once_for_all_checks(instance, root, monkeypatch):
    scans, scan = [], checks.scan
    monkeypatch.setattr(checks, "scan", lambda path: scans.append(path) or scan(path))
    checked(instance, root)
    assert scans == [root]


def test_a_record_that_is_not_whole_stops_the_cohort_before_it_is_registered(instance, root):
    put(root, "essay", "e_1", llm_model_id="")
    result, evaluations = checked(instance, root)
    assert not result.success
    assert evaluations["parents_hold"].passed
    failed = evaluations["metadata_complete"]
    assert not failed.passed
    assert failed.metadata["findings"].value == {"FIELD_BLANK": 1}
    (error,) = failed.metadata["errors"].value["first"]
    assert (error["stage"], error["gen_id"], error["field"]) == ("essay", "e_1", "llm_model_id")
    assert instance.get_dynamic_partitions("draft_gens") == []
