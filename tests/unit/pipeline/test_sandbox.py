"""Runs in a sandbox, and their reports."""

import pytest

from genaudit.pipeline.resources import GeneratorResource
from genaudit.pipeline.sandbox import Sandbox, failures_of, metadata_of
from helpers.workshop import COHORT, put


class Unready(GeneratorResource):
    """A resource that cannot be set up."""

    def setup_for_execution(self, _context):
        raise RuntimeError("no way in")


def test_a_run_that_fails_before_its_first_step_reports_it(instance, root):
    put(root, "draft", "d_1")
    instance.add_dynamic_partitions("draft_gens", ["d_1"])
    result = Sandbox(instance, root, generator=Unready()).generate("draft", "d_1")
    (failure,) = failures_of(result)
    assert failure["step"] is None
    assert "no way in" in failure["error"]
    assert metadata_of(result) == {}


def test_an_unknown_error_is_reported_unchanged(instance, root, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("genaudit.pipeline.defs.cohort_assets.add_partitions", broken)
    (failure,) = failures_of(Sandbox(instance, root, deterministic_gen_ids="all").plan(COHORT))
    assert failure["step"] == "register_cohort_partitions"
    assert "ZeroDivisionError: by chance" in failure["error"]


@pytest.mark.parametrize(("flag", "prefix"), [("draft", "d_"), ("", "d_"), ("off", "")])
def test_the_environment_gives_the_defaults_of_the_sandbox(instance, root, monkeypatch, flag, prefix):
    monkeypatch.setenv("DD_DETERMINISTIC_GEN_IDS", flag)
    sandbox = Sandbox(instance, root)
    assert sandbox.plan(COHORT).success
    (draft,) = instance.get_dynamic_partitions("draft_gens")
    assert draft.startswith(prefix or draft[:2])
    assert ("_" in draft) is bool(prefix)
