"""Levels of axes."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec_checks import Misread, ReportedError, SpecReport
from genaudit.cohorts.spec_file import read_level, read_levels


@pytest.fixture
def report():
    return SpecReport("spec", "spec")


def found_in(report):
    return [(found["axis"], found["value"], found["problem"]) for found in report.gathered.problems]


def test_an_id_is_stripped_and_keeps_its_case(report):
    assert read_level("draft_template", " Draft-A ", report) == "Draft-A"
    assert found_in(report) == []


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (None, "empty"),
        (7, "not_text"),
        (1.1, "not_text"),
        (False, "not_text"),
        (["a"], "not_text"),
        (Misread("1.10"), "not_text"),
        # A separator would make two parts of the text that is hashed.
        ("a|b", "out_of_domain"),
        ("a\nb", "out_of_domain"),
        ("@file:x.csv", "out_of_domain"),
        ("None", "out_of_domain"),
    ],
)
def test_a_value_that_is_no_id(report, raw, problem):
    value = "1.10" if isinstance(raw, Misread) else raw

    with pytest.raises(ReportedError):
        read_level("draft_llm", raw, report)
    assert found_in(report) == [("draft_llm", value, problem)]


def test_only_an_essay_may_have_no_model(report):
    assert read_level("essay_llm", "None", report) == "None"
    for axis in ("draft_llm", "evaluation_llm", "essay_template", "combo_id"):
        with pytest.raises(ReportedError):
            read_level(axis, "None", report)


@pytest.mark.parametrize(("raw", "replicate"), [(1, 1), ("2", 2), (" 3 ", 3), (4.0, 4), (2**31 - 1, 2**31 - 1)])
def test_a_replicate(report, raw, replicate):
    level = read_level("essay_replicate", raw, report)

    assert (level, type(level)) == (replicate, int)


@pytest.mark.parametrize("raw", [0, -1, 1.5, True, None, "", "one", [1], 2**31, Misread("010")])
def test_a_value_that_is_no_replicate(report, raw):
    with pytest.raises(ReportedError):
        read_level("essay_replicate", raw, report)
    assert [problem for *_, problem in found_in(report)] == ["out_of_domain"]


@pytest.mark.parametrize(("raw", "level"), [("warm", "warm"), (7, "7"), (0.5, "0.5"), (Misread("no"), "no")])
def test_an_unknown_axis_takes_any_scalar(report, raw, level):
    assert read_level("season", raw, report) == level


@pytest.mark.parametrize(
    ("axis", "raw", "levels"),
    [("draft_template", ["b", "a", "b"], ("b", "a")), ("draft_replicate", [2, 1, "2"], (2, 1))],
)
def test_repeated_levels_count_once_at_their_first_place(report, axis, raw, levels):
    assert read_levels(axis, raw, report) == levels


@pytest.mark.parametrize("twin", ["A", " a"])
def test_levels_that_differ_only_in_case_or_blanks_are_refused(report, twin):
    with pytest.raises(ReportedError):
        read_levels("draft_template", ["a", twin], report)
    assert found_in(report) == [("draft_template", twin, "case_or_blanks")]


def test_all_bad_levels_are_reported(report):
    with pytest.raises(ReportedError):
        read_levels("draft_template", ["a", 1, "b|c", ""], report)
    assert [problem for *_, problem in found_in(report)] == ["not_text", "out_of_domain", "empty"]
