from __future__ import annotations

import pandas as pd
import pytest

from genaudit.audits.result import Findings
from genaudit.charts import causes, classes, findings_by_code, link_states
from genaudit.schemas import MAPPING, PARENTS, from_rows
from helpers.charts import axis_titles, compiles, layers


def findings(**counts):
    found = Findings()
    for code, count in counts.items():
        for _ in range(count):
            found.add(code)
    return found.frame()


def mapping(*rows):
    made = [{"stage": stage, "class": kind, "cause": cause, "collision_index": 0} for stage, kind, cause in rows]
    return from_rows(MAPPING, made)


def links(*rows):
    return from_rows(PARENTS, [{"stage": s, "status": t, "children": 0, "descendants": 0} for s, t in rows])


MIXED = findings(FIELD_LOOSE_TYPE=9, SYMLINK=1, FIELD_MISSING=3, FIELD_BLANK=3, TEXT_EMPTY=5)


def test_findings_gravest_first_then_most_frequent_then_by_name():
    chart = findings_by_code(MIXED)
    compiles(chart)
    order = ["FIELD_BLANK", "FIELD_MISSING", "SYMLINK", "TEXT_EMPTY", "FIELD_LOOSE_TYPE"]
    assert chart.to_dict()["layer"][0]["encoding"]["y"]["sort"] == order
    assert [(bar["code"], bar["label"]) for bar in layers(chart)[0]][2:] == [
        ("SYMLINK", "1 · error"),
        ("TEXT_EMPTY", "5 · warning"),
        ("FIELD_LOOSE_TYPE", "9 · info"),
    ]
    assert chart.to_dict()["title"] == "21 findings of 5 kinds, the gravest first"
    assert axis_titles(chart) == {"x": "findings (number)", "y": "code"}


def test_kinds_that_are_not_drawn_are_mentioned():
    chart = findings_by_code(MIXED, most=2)
    assert [bar["code"] for bar in layers(chart)[0]] == ["FIELD_BLANK", "FIELD_MISSING"]
    assert chart.to_dict()["title"] == "21 findings of 5 kinds, the gravest 2 drawn"
    assert "Not drawn: 3 further kinds." in chart.to_dict()["description"]
    assert "Not drawn" not in findings_by_code(MIXED).to_dict()["description"]


def test_only_links_that_do_not_hold_are_drawn():
    table = links(
        *[("draft", "root")] * 5,
        ("draft", "unknown"),
        *[("essay", "ok")] * 4,
        *[("essay", "missing")] * 2,
        ("evaluation", "wrong_stage"),
        ("evaluation", "unknown"),
    )
    chart = link_states(table)
    compiles(chart)
    assert [(bar["link"], bar["generations"]) for bar in layers(chart)[0]] == [
        ("essay: missing", 2),
        ("evaluation: wrong stage", 1),
        ("evaluation: unknown", 1),
    ]
    assert chart.to_dict()["title"] == "3 links to a parent do not hold"
    assert axis_titles(chart) == {"x": "generations (number)", "y": "link"}


@pytest.mark.parametrize("states", [[], ["ok", "ok"], ["unknown"]])
def test_no_broken_link(states):
    chart = link_states(links(*[("essay", state) for state in states]))
    compiles(chart)
    assert chart.to_dict()["title"] == "Every link that can be followed holds"


def test_classes_as_shares_of_their_stage():
    rows = [("draft", "deterministic", "none")] * 3 + [("draft", "legacy", "own")]
    chart = classes(mapping(*rows, ("essay", "mismatched", "own")))
    compiles(chart)
    drawn = {(bar["stage"], bar["class"]): (bar["value"], bar["label"]) for bar in layers(chart)[0]}
    assert len(drawn) == 12
    assert drawn["draft", "deterministic"] == (75, "deterministic 3 (75.0 %)")
    assert drawn["draft", "unverifiable"] == (0, "unverifiable 0 (0 %)")
    assert drawn["essay", "mismatched"] == (100, "mismatched 1 (100 %)")
    assert drawn["evaluation", "legacy"] == (0, "legacy 0 (0 %)")
    assert chart.to_dict()["title"] == "3 of 5 ids match their records"
    encoding = chart.to_dict()["layer"][0]["encoding"]
    assert encoding["y"]["sort"] == ["draft", "essay", "evaluation"]
    assert encoding["yOffset"]["sort"] == ["deterministic", "legacy", "mismatched", "unverifiable"]
    assert axis_titles(chart) == {"x": "share of the stage's generations (%)", "y": "stage"}


def test_rounding_hides_no_single_id():
    rows = [("draft", "deterministic", "none")] * 2999 + [("draft", "mismatched", "own")]
    labels = {bar["class"]: bar["label"] for bar in layers(classes(mapping(*rows)))[0] if bar["stage"] == "draft"}
    assert labels["mismatched"] == "mismatched 1 (0.1 %)"
    assert labels["deterministic"] == "deterministic 2,999 (99.9 %)"


def test_causes_of_change():
    rows = [("draft", "legacy", "own"), ("essay", "deterministic", "cascade"), ("essay", "deterministic", "none")]
    chart = causes(mapping(*rows, ("essay", "legacy", "own")))
    compiles(chart)
    drawn = {(bar["stage"], bar["cause"]): bar["value"] for bar in layers(chart)[0] if bar["value"]}
    assert drawn == {("draft", "own"): 1, ("essay", "own"): 1, ("essay", "cascade"): 1}
    assert chart.to_dict()["title"] == "A migration would change 3 of 4 ids"
    assert axis_titles(chart) == {"x": "generations that get another id (number)", "y": "stage"}


def test_the_same_colour_for_the_same_class_in_every_chart():
    def colours(chart):
        scale = chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]
        return dict(zip(scale["domain"], scale["range"], strict=True))

    few, many = mapping(("draft", "legacy", "own")), mapping(("essay", "legacy", "cascade"))
    assert colours(classes(few)) == colours(classes(many))
    assert colours(causes(few)) == colours(causes(many))


def test_one_kind_is_not_put_in_order():
    findings = pd.DataFrame({"severity": ["error"] * 3, "code": ["FIELD_BLANK"] * 3})
    assert findings_by_code(findings).to_dict()["title"] == "3 findings"
    assert findings_by_code(findings.head(1)).to_dict()["title"] == "1 finding"
