"""A plan that was written is read again as it was; one that makes no sense is refused with all its problems."""

from __future__ import annotations

import json

import pytest

from genaudit.errors import DDError
from genaudit.migration.plan import digest_of
from genaudit.migration.plan_file import parse_plan, read_plan
from helpers.migrations import migratable, plan_of


def test_what_was_written_is_read_again(tmp_path):
    made = plan_of(migratable(tmp_path / "store"), excepted=["99evaluation9old"], stages=["draft", "evaluation"])
    path = tmp_path / "plan.json"
    path.write_bytes(made.to_bytes())
    read = read_plan(path)
    assert read == made
    assert read.digest == made.digest
    assert read.to_bytes() == path.read_bytes()


def test_all_problems_are_named_at_once(tmp_path):
    document = json.loads(plan_of(migratable(tmp_path)).to_bytes())
    document["renames"][0]["old"] = "../x"
    document["edits"][0]["before"] = "short"
    document["more"] = 1
    with pytest.raises(DDError) as caught:
        parse_plan(json.dumps({**document, "digest": digest_of(document)}).encode(), "plan.json")
    assert caught.value.ctx["reason"] == "plan_malformed"
    fields = {problem["field"] for problem in caught.value.ctx["problems"]}
    assert fields == {"renames.0.old", "edits.0.before", "more"}


def test_a_file_that_is_reached_through_a_folder_is_no_plan(tmp_path):
    with pytest.raises(DDError) as caught:
        read_plan(tmp_path)
    assert caught.value.ctx["reason"] == "plan_malformed"
