"""A plan that was written is read again as it was; one that makes no sense is refused with all its problems."""

from __future__ import annotations

import json

import pytest

from genaudit.errors import DDError
from genaudit.migration.plan import digest_of
from genaudit.migration.plan_file import parse_plan, read_plan
from helpers.migrations import migratable, plan_of


def test_a_written_plan_reads_back_equal(tmp_path):
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


def refused(document):
    with pytest.raises(DDError) as caught:
        parse_plan(json.dumps({**document, "digest": digest_of(document)}).encode(), "plan.json")
    assert caught.value.ctx["reason"] == "plan_malformed"
    return caught.value.ctx["problems"]


@pytest.mark.parametrize(
    ("place", "value", "shown", "problem"),
    [
        (("version",), True, True, "is no whole number from 1 to 1"),
        (("version",), 1.0, 1.0, "is no whole number from 1 to 1"),
        (("schema",), "genaudit/other", "genaudit/other", "is none of genaudit/migration-plan"),
        (("choice", "only"), "abc", "abc", "is no list"),
        (("choice", "excepted"), None, "null", "is no list"),
        (("choice", "excepted", 0), "..", "..", "is no plain path component"),
        (("choice", "stages", 0), "drafts", "drafts", "is none of draft, essay, evaluation"),
        (("choice", "cohort"), "a/b", "a/b", "is no plain path component"),
        (("fingerprint",), "A" * 64, "A" * 64, "is no SHA-256"),
        (("fingerprint",), f"{'0' * 64}\n", f"{'0' * 64}\n", "is no SHA-256"),
        (("renames", 0), [], "list", "is no object"),
        (("renames", 0, "stage"), ["draft"], "list", "is none of draft, essay, evaluation"),
        (("renames", 0, "new"), 7, 7, "is no plain path component"),
        (("renames", 0, "cause"), "none", "none", "is none of own, cascade"),
        (("edits", 0, "path"), "gens/../x", "gens/../x", "does not lead to a file of the store"),
        (("edits", 0, "path"), "/etc/passwd", "/etc/passwd", "does not lead to a file of the store"),
        (("edits", 0, "path"), ".genaudit/x", ".genaudit/x", "does not lead to a file of the store"),
        (("edits", 0, "kind"), "append", "append", "is none of spans, manifest"),
        (("edits", 0, "spans", 0), [1, "a"], "list", "is no offset with an old and a new id"),
        (("edits", 0, "spans", 0), [True, "a", "b"], "list", "is no offset with an old and a new id"),
        (("edits", 0, "spans", 0), [-1, "a", "b"], "list", "is no offset with an old and a new id"),
        (("edits", 0, "spans", 0), [1, "a", 5], "list", "is no offset with an old and a new id"),
        (("edits", 0, "spans", 0), [1, "a", "../b"], "list", "is no offset with an old and a new id"),
        (("partitions", "drafts"), -1, -1, f"is no whole number from 0 to {2**53}"),
        (("partitions", "drafts"), 2**53 + 1, 2**53 + 1, f"is no whole number from 0 to {2**53}"),
        (("excluded", 0, "reason"), "whim", "whim", "is none of"),
        (("excluded", 0, "other"), 1, 1, "is no text"),
        (("unchanged", "draft"), False, False, f"is no whole number from 0 to {2**53}"),
        (("unchanged", "other"), 1, "other", "is none of draft, essay, evaluation"),
        (("renames", 0, "more"), 1, 1, "is no key of this object"),
    ],
)
def test_a_problem_names_field_value_and_fault(tmp_path, place, value, shown, problem):
    plan = plan_of(migratable(tmp_path / "store"), excepted=["99evaluation9old"], stages=["draft", "evaluation"])
    document = inside = json.loads(plan.to_bytes())
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    [found] = refused(document)
    assert found["field"] == ".".join(map(str, place))
    assert found["value"] == shown
    assert found["problem"].startswith(problem)


def test_a_missing_key_has_no_value(tmp_path):
    document = json.loads(plan_of(migratable(tmp_path)).to_bytes())
    del document["renames"][1]["old"]
    assert refused(document) == [{"field": "renames.1.old", "problem": "is missing"}]


def test_twenty_problems_are_enough(tmp_path):
    document = json.loads(plan_of(migratable(tmp_path)).to_bytes())
    document["left"] = [None] * 100
    assert [each["field"] for each in refused(document)] == [f"left.{place}" for place in range(20)]


def test_a_file_that_is_reached_through_a_folder_is_no_plan(tmp_path):
    with pytest.raises(DDError) as caught:
        read_plan(tmp_path)
    assert caught.value.ctx["reason"] == "plan_malformed"
