"""The assets that plan a cohort, and keep partitions in step with memberships."""

import pytest

from genaudit.pipeline.partitions import add_partitions
from genaudit.pipeline.sandbox import PLANNING, Sandbox, failures_of, metadata_of
from helpers.workshop import COHORT, make_workshop


@pytest.fixture
def sandbox(instance, root):
    return Sandbox(instance, root, deterministic_gen_ids="all")


def test_the_environment_names_the_cohort(sandbox, monkeypatch):
    monkeypatch.setenv("DD_COHORT", COHORT)
    result = sandbox.materialize(*PLANNING)
    assert metadata_of(result)["cohort_id"]["cohort_id"] == COHORT
    assert metadata_of(result)["register_cohort_partitions"] == {
        "added_draft": 1,
        "added_essay": 2,
        "added_evaluation": 4,
    }


def test_the_membership_shows_its_combos_and_warnings(sandbox, root):
    lines = (root / "combo_mappings.csv").read_text().splitlines()[1:]
    shown = metadata_of(sandbox.plan(COHORT))["cohort_membership"]
    assert shown["combo_catalog"]["combo_count"] == len({line.split(",")[0] for line in lines})
    assert shown["combo_catalog"]["rows"] == len(lines)
    assert (shown["warning_count"], shown["warnings"]) == (0, {"warnings": []})


@pytest.mark.parametrize(("given", "reason"), [(None, "cohort_not_given"), ("../x", "unsafe_id")])
def test_a_cohort_has_to_be_named(sandbox, given, reason):
    result = sandbox.materialize(*PLANNING, config={"cohort_id": {"cohort_id": given}})
    (failure,) = failures_of(result)
    assert (failure["step"], failure["code"], failure["reason"]) == ("cohort_id", "invalid_config", reason)
    assert failure["context"]["variable"] == "DD_COHORT"


def test_a_flag_that_means_nothing_is_a_failure(instance, root):
    (failure,) = failures_of(Sandbox(instance, root, deterministic_gen_ids="essay").plan(COHORT))
    assert (failure["step"], failure["reason"]) == ("cohort_membership", "stages_out_of_order")


def test_a_plan_that_does_not_hold_writes_and_registers_nothing(instance, sandbox, root):
    (root / "combo_mappings.csv").unlink()
    (failure,) = failures_of(sandbox.plan(COHORT))
    assert (failure["code"], failure["reason"]) == ("data_missing", "catalog_missing")
    assert failure["context"]["problems"][0]["path"] == "combo_mappings.csv"
    assert not (root / "cohorts" / COHORT / "membership.csv").exists()
    assert instance.get_dynamic_partitions("draft_gens") == []


def test_partitions_of_other_cohorts_stay_and_those_of_none_are_pruned(instance, sandbox, root):
    sandbox.plan(COHORT)
    make_workshop(root, "trial-2")
    sandbox.plan("trial-2")
    add_partitions(instance, "essay", ["e_of_no_cohort"])
    drafts = instance.get_dynamic_partitions("draft_gens")
    pruned = metadata_of(sandbox.materialize("prune_dynamic_partitions"))["prune_dynamic_partitions"]
    assert pruned == {
        "deleted_draft": 0,
        "deleted_essay": 1,
        "deleted_evaluation": 0,
        "deleted": {"draft": [], "essay": ["e_of_no_cohort"], "evaluation": []},
    }
    assert instance.get_dynamic_partitions("draft_gens") == drafts
    assert len(instance.get_dynamic_partitions("essay_gens")) == 2
