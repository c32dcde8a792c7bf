from __future__ import annotations

import pandas as pd

from genaudit.charts import before_and_after, exclusions, planned_renames
from helpers.charts import axis_titles, compiles, layers


def test_renames_by_stage_and_cause():
    rows = [("draft", "own"), ("essay", "cascade"), ("essay", "cascade"), ("evaluation", "own")]
    chart = planned_renames(pd.DataFrame(rows, columns=["stage", "cause"]))
    compiles(chart)
    drawn = {(bar["stage"], bar["cause"]): bar["value"] for bar in layers(chart)[0] if bar["value"]}
    assert drawn == {("draft", "own"): 1, ("essay", "cascade"): 2, ("evaluation", "own"): 1}
    assert chart.to_dict()["title"] == "The plan renames 4 generations"
    assert axis_titles(chart) == {"x": "generations that are renamed (number)", "y": "stage"}


def test_ids_that_hold_before_and_after():
    chart = before_and_after({"draft": (3, 2, 1), "essay": (4, 0, 0)})
    compiles(chart)
    drawn = {(bar["stage"], bar["when"]): (bar["value"], bar["label"]) for bar in layers(chart)[0]}
    assert drawn == {
        ("draft", "before"): (3, "before 3 of 6"),
        ("draft", "after"): (5, "after 5 of 6"),
        ("essay", "before"): (4, "before 4 of 4"),
        ("essay", "after"): (4, "after 4 of 4"),
    }
    assert chart.to_dict()["title"] == "2 more ids match their records after the migration"


def test_a_plan_that_renames_nothing():
    chart = planned_renames(pd.DataFrame([], columns=["stage", "cause"]))
    compiles(chart)
    assert chart.to_dict()["title"] == "The plan renames 0 generations"


def test_exclusions_the_most_frequent_reason_first_and_by_stage():
    rows = [
        ("evaluation", "collision"),
        ("essay", "parent_missing"),
        ("draft", "unverifiable"),
        ("essay", "parent_missing"),
        ("evaluation", "unverifiable"),
        ("evaluation", "unverifiable"),
    ]
    chart = exclusions(pd.DataFrame(rows, columns=["stage", "reason"]).astype({"reason": "category"}))
    compiles(chart)
    assert [(bar["reason"], bar["stage"], bar["what"], bar["label"]) for bar in layers(chart)[0]] == [
        ("unverifiable", "draft", "unverifiable: draft", "1"),
        ("unverifiable", "evaluation", "unverifiable: evaluation", "2"),
        ("parent_missing", "essay", "parent missing: essay", "2"),
        ("collision", "evaluation", "collision: evaluation", "1"),
    ]
    assert chart.to_dict()["title"] == "6 ids stay as they are, for 3 reasons"
    assert axis_titles(chart) == {"x": "generations (number)", "y": "reason"}


def test_nothing_is_left_alone():
    chart = exclusions(pd.DataFrame([], columns=["stage", "reason"]))
    compiles(chart)
    assert layers(chart)[0] == []
