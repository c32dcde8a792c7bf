"""Runs in a sandbox, and what they are said to have done."""

import pytest

from genaudit.pipeline.resources import GeneratorResource
from genaudit.pipeline.sandbox import Sandbox, failures_of, metadata_of
from helpers.workshop import COHORT, put


class Unready(GeneratorResource):
    """A resource that cannot be set up."""

    def setup_for_execution(self, _context):
        raise RuntimeError("no way in")


def test_a_run_that_fails_before_its_first_step_says_so(instance, root):
    put(root, "draft", "d_1")
    instance.add_dynamic_partitions("draft_gens", ["d_1"])
    result = Sandbox(instance, root, generator=Unready()).generate("draft", "d_1")
    (failure,) = failures_of(result)
    assert failure["step"] is None
    assert "no way in" in failure["error"]
    assert metadata_of(result) == {}


def test_an_error_that_the_package_does_not_know_is_told_as_it_is(instance, root, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("genaudit.pipeline.defs.cohort_assets.add_partitions", broken)
    (failure,) = failures_of(Sandbox(instance, root, deterministic_gen_ids="all").plan(COHORT))
    assert failure["step"] == "register_cohort_partitions"
    assert "ZeroDivisionError: by chance" in failure["error"]


@pytest.mark.parametrize(("flag", "prefix"), [("draft", "d_"), ("", "d_"), ("off", "")])
def test_the_environment_decides_what_the_sandbox_is_not_told(instance, root, monkeypatch, flag, prefix):
    monkeypatch.setenv("DD_DETERMINISTIC_GEN_IDS", flag)
    sandbox = Sandbox(instance, root)
    assert sandbox.plan(COHORT).success
    (draft,) = instance.get_dynamic_partitions("draft_gens")
    assert draft.startswith(prefix or draft[:2])
    assert ("_" in draft) is bool(prefix)
