"""Names of axes, collected problems, and the error that names them."""

from __future__ import annotations

import json

import pytest

from genaudit.cohorts.spec_checks import AXES, Misread, SpecProblem, SpecReport, first_name
from genaudit.errors import DDError, Err


def test_the_axes_are_those_of_the_format():
    assert set(AXES) == {
        "combo_id",
        "draft_template",
        "draft_llm",
        "essay_template",
        "essay_llm",
        "evaluation_template",
        "evaluation_llm",
        "draft_replicate",
        "essay_replicate",
        "evaluation_replicate",
    }


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("combo", "combo_id"),
        ("draft_model", "draft_llm"),
        ("generation_llm", "draft_llm"),
        ("draft_template_replicate", "draft_replicate"),
        ("draft_rep", "draft_replicate"),
        ("essay_template_replicate", "essay_replicate"),
        ("essay_rep", "essay_replicate"),
        ("evaluation_template_replicate", "evaluation_replicate"),
        ("evaluation_rep", "evaluation_replicate"),
        ("evaluation_llm_replicate", "evaluation_replicate"),
        ("draft_llm", "draft_llm"),
        ("season", "season"),
    ],
)
def test_the_other_names_of_an_axis(name, axis):
    assert first_name(name) == axis


def test_without_problems_nothing_is_raised():
    SpecReport("spec", "spec").raise_any()


def test_reports_made_from_one_another_gather_together():
    report = SpecReport("a/config.yaml", "a/config.yaml")

    report.at("axes", "combo_id").within("items/x.csv").add(SpecProblem.EMPTY, axis="combo_id")
    report.at("output").add(SpecProblem.MISSING)

    with pytest.raises(DDError) as caught:
        report.raise_any()
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {
        "reason": "invalid_spec",
        "file": "a/config.yaml",
        "problems": [
            {
                "file": "a/items/x.csv",
                "section": "axes.combo_id",
                "axis": "combo_id",
                "value": None,
                "problem": "empty",
                "nearest": None,
            },
            {
                "file": "a/config.yaml",
                "section": "output",
                "axis": None,
                "value": None,
                "problem": "missing",
                "nearest": None,
            },
        ],
    }


@pytest.mark.parametrize(
    ("sections", "reason"),
    [
        (["rules.ties.t"], "invalid_constraint"),
        (["rules.ties.t", "axes"], "invalid_spec"),
        (["rules"], "invalid_spec"),
    ],
)
def test_the_reason_distinguishes_errors_of_rules(sections, reason):
    report = SpecReport("spec", "spec")
    for section in sections:
        report.at(section).add(SpecProblem.EMPTY)

    assert report.error().ctx["reason"] == reason


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Misread("1.10"), "1.10"),
        (("a", Misread("no")), ["a", "no"]),
        ({"a": 2, 3: [None, True]}, {"a": 2, "3": [None, True]}),
        (b"x", "b'x'"),
    ],
)
def test_the_context_holds_plain_values(value, plain):
    report = SpecReport("spec", "spec")

    report.add(SpecProblem.WRONG_TYPE, value=value)

    (found,) = report.error().ctx["problems"]
    assert found["value"] == plain
    assert json.loads(json.dumps(found)) == found


def test_a_value_that_is_nested_without_end_is_cut():
    nested = ["x"]
    for _ in range(5000):
        nested = [nested]
    report = SpecReport("spec", "spec")

    report.add(SpecProblem.WRONG_TYPE, value=nested)

    assert json.dumps(report.error().ctx["problems"][0]["value"]) == "[" * 8 + '"..."' + "]" * 8


def test_looking_for_near_names_ends_somewhere():
    names = [f"template-{number}" for number in range(30_000)]
    report = SpecReport("spec", "spec")

    for _ in range(3):
        report.add(SpecProblem.UNKNOWN, value="template-77x", among=names)

    found = [problem["nearest"] for problem in report.error().ctx["problems"]]
    assert found[0] is not None
    assert found[1:] == [None, None]
