"""Each kind of rule by itself, against rows that were worked out by hand."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec import expand, parse_spec
from helpers.specs import TEMPLATES, items, pair, problems_of, rows_of

# Subsets


def test_a_subset_keeps_levels_in_the_order_of_the_axis():
    # b is dropped; that c is named before a changes nothing, the axis has its order.
    assert rows_of(
        {"draft_template": ["a", "b", "c"]}, {"subsets": {"draft_template": ["c", "a"]}}, "draft_template"
    ) == [
        "a",
        "c",
    ]


def test_a_subset_of_replicates():
    assert rows_of({"draft_replicate": [1, 2, 3]}, {"subsets": {"draft_replicate": [3, "1"]}}, "draft_replicate") == [
        "1",
        "3",
    ]


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        ({"draft_template": []}, ("subsets.draft_template", "draft_template", None, "empty")),
        ({"draft_template": "a"}, ("subsets.draft_template", None, "a", "wrong_type")),
        ({"draft_template": [1]}, ("subsets.draft_template", "draft_template", 1, "not_text")),
        ({"template": ["a"]}, ("subsets.template", "template", "template", "undeclared")),
        ({"essay_llm": ["a"]}, ("subsets.essay_llm", "essay_llm", "essay_llm", "undeclared")),
    ],
)
def test_a_malformed_subset(subset, expected):
    assert problems_of({"draft_template": ["a", "b"]}, {"subsets": subset}) == [expected]


# Ties


@pytest.mark.parametrize("shape", [lambda axes: axes, lambda axes: {"axes": axes}], ids=["list", "mapping"])
def test_a_tie_leaves_the_common_levels(shape):
    # {a, b, c} and {b, c, d} share b and c, and both axes have the same one in each row.
    ties = {"template": shape(["draft_template", "essay_template"])}

    assert rows_of(TEMPLATES, {"ties": ties}, "draft_template essay_template") == ["b b", "c c"]


def test_a_tie_of_three_axes():
    axes = {"draft_llm": ["m", "n", "o"], "essay_llm": ["o", "n"], "evaluation_llm": ["p", "n", "o"]}

    assert rows_of(axes, {"ties": {"llm": list(axes)}}, "draft_llm essay_llm evaluation_llm") == ["n n n", "o o o"]


def test_ties_that_share_an_axis_are_one_tie():
    # The first leaves {n, o} to draft and essay, the second only o to all three.
    axes = {"draft_llm": ["m", "n", "o"], "essay_llm": ["o", "n"], "evaluation_llm": ["m", "o"]}
    ties = {"first": ["draft_llm", "essay_llm"], "second": ["essay_llm", "evaluation_llm"]}

    assert rows_of(axes, {"ties": ties}, "draft_llm essay_llm evaluation_llm") == ["o o o"]


@pytest.mark.parametrize(
    ("tie", "expected"),
    [
        (
            ["draft_template", "essay_llm"],
            ("ties.t", "draft_template", ["draft_template", "essay_llm"], "no_common_value"),
        ),
        ([], ("ties.t.axes", None, [], "empty")),
        (["draft_template", "essay_temp"], ("ties.t", "essay_temp", "essay_temp", "undeclared")),
        (["draft_template", "combo_id"], ("ties.t", "combo_id", "combo_id", "undeclared")),
        ({"axes": "draft_template"}, ("ties.t.axes", None, "draft_template", "wrong_type")),
        ({"axes": ["draft_template", "essay_llm"], "to": "x"}, ("ties.t", None, "to", "unknown")),
        ("draft_template", ("ties.t", None, "draft_template", "wrong_type")),
        (["draft_template", 7], ("ties.t.axes", None, 7, "not_text")),
    ],
)
def test_a_malformed_tie(tie, expected):
    axes = {"draft_template": ["a", "b"], "essay_llm": ["m"]}

    assert problems_of(axes, {"ties": {"t": tie}}, "draft_template essay_llm") == [expected]


# Pairs


def test_a_pair_leaves_the_allowed_pairs_in_their_order():
    pairs = {"p": pair("draft_template", "essay_template", "c b", "a d", "a b")}

    assert rows_of(TEMPLATES, {"pairs": pairs}, "draft_template essay_template") == ["c b", "a d", "a b"]


def test_a_pair_takes_the_position_of_its_first_axis():
    # combo_id is slowest, then the pair (in the place of draft_template), then draft_llm.
    axes = {
        "combo_id": ["x", "y"],
        "draft_template": ["a", "b"],
        "draft_llm": ["m", "n"],
        "essay_template": ["e", "f"],
    }
    pairs = {"p": pair("essay_template", "draft_template", "f a", "e b")}

    assert rows_of(axes, {"pairs": pairs}, "combo_id draft_template draft_llm essay_template") == [
        "x a m f",
        "x a n f",
        "x b m e",
        "x b n e",
        "y a m f",
        "y a n f",
        "y b m e",
        "y b n e",
    ]


BALANCED = {
    # d and e twice each, with anything on the right.
    "left": ("d x", "d y", "e x", "e z"),
    # x, y and z once each, though d occurs twice.
    "right": ("d x", "d y", "e z"),
    # Every level of either side as often as its neighbours: d, e three times, x, y, z twice.
    "both": ("d x", "d y", "d z", "e x", "e y", "e z"),
}


@pytest.mark.parametrize("balance", BALANCED)
def test_a_balanced_pair(balance):
    axes = {"draft_llm": ["d", "e"], "essay_llm": ["x", "y", "z"]}
    allowed = BALANCED[balance]

    pairs = {"p": pair("draft_llm", "essay_llm", *allowed, balance=balance)}

    assert rows_of(axes, {"pairs": pairs}, "draft_llm essay_llm") == list(allowed)


@pytest.mark.parametrize(
    ("balance", "allowed", "expected"),
    [
        ("left", BALANCED["right"], [("draft_llm", {"d": 2, "e": 1})]),
        ("right", BALANCED["left"], [("essay_llm", {"x": 2, "y": 1, "z": 1})]),
        ("both", BALANCED["left"], [("essay_llm", {"x": 2, "y": 1, "z": 1})]),
        ("both", BALANCED["right"], [("draft_llm", {"d": 2, "e": 1})]),
    ],
)
def test_an_unbalanced_pair_names_the_counts(balance, allowed, expected):
    axes = {"draft_llm": ["d", "e"], "essay_llm": ["x", "y", "z"]}

    found = problems_of(
        axes, {"pairs": {"p": pair("draft_llm", "essay_llm", *allowed, balance=balance)}}, "draft_llm essay_llm"
    )

    assert found == [("pairs.p", axis, counts, "unbalanced") for axis, counts in expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"left": "essay_template"}, ("pairs.p", "essay_template", "essay_template", "duplicate")),
        ({"left": "draft"}, ("pairs.p", "draft", "draft", "undeclared")),
        ({"left": "combo_id"}, ("pairs.p", "combo_id", "combo_id", "undeclared")),
        ({"left": 1}, ("pairs.p", None, 1, "not_text")),
        ({"allowed": []}, ("pairs.p.allowed", None, None, "empty")),
        ({"allowed": "a b"}, ("pairs.p.allowed", None, "a b", "wrong_type")),
        ({"allowed": [["a"]]}, ("pairs.p.allowed", None, ["a"], "wrong_length")),
        ({"allowed": [["a", "b", "c"]]}, ("pairs.p.allowed", None, ["a", "b", "c"], "wrong_length")),
        ({"allowed": ["ab"]}, ("pairs.p.allowed", None, "ab", "wrong_type")),
        ({"allowed": [["a", "z"]]}, ("pairs.p.allowed", "essay_template", "z", "not_a_level")),
        ({"allowed": [["a", 1.5]]}, ("pairs.p.allowed", "essay_template", 1.5, "not_text")),
        ({"balance": "middle"}, ("pairs.p.balance", None, "middle", "unknown")),
        ({"weight": 2}, ("pairs.p", None, "weight", "unknown")),
    ],
)
def test_a_malformed_pair(change, expected):
    rules = {"pairs": {"p": {**pair("draft_template", "essay_template", "a b", "b c"), **change}}}

    assert problems_of(TEMPLATES, rules, "draft_template essay_template") == [expected]


@pytest.mark.parametrize("key", ["left", "right", "allowed"])
def test_a_pair_without_a_key(key):
    entry = pair("draft_template", "essay_template", "a b")
    del entry[key]

    assert problems_of(TEMPLATES, {"pairs": {"p": entry}}) == [(f"pairs.p.{key}", None, None, "missing")]


# Tuples


def test_a_tuple_brings_the_levels_of_axes_that_are_not_declared():
    # None of the axes had a position, so the tuple comes last and varies fastest.
    tuples = {"t": items("essay_template essay_llm essay_replicate", "copy None 1", "essay m 2")}

    assert rows_of(
        {"combo_id": ["x", "y"]}, {"tuples": tuples}, "combo_id essay_template essay_llm essay_replicate"
    ) == [
        "x copy None 1",
        "x essay m 2",
        "y copy None 1",
        "y essay m 2",
    ]


def test_tuples_alone_are_a_design():
    spec = {
        "rules": {"tuples": {"t": items("draft_llm essay_llm", "m n", "o p")}},
        "output": {"field_order": ["essay_llm", "draft_llm"]},
    }

    assert list(expand(parse_spec(spec))) == [
        {"essay_llm": "n", "draft_llm": "m"},
        {"essay_llm": "p", "draft_llm": "o"},
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"axes": []}, ("tuples.t.axes", None, [], "empty")),
        ({"axes": ["essay_llm", "essay_llm"]}, ("tuples.t.axes", "essay_llm", "essay_llm", "duplicate")),
        ({"items": []}, ("tuples.t.items", None, None, "empty")),
        ({"items": [["m"]]}, ("tuples.t.items", None, ["m"], "wrong_length")),
        ({"items": [["m", " "]]}, ("tuples.t.items", "evaluation_llm", " ", "empty")),
        # One signature in two spellings.
        ({"items": [["m", "x"], ["m", "X"]]}, ("tuples.t.items", "evaluation_llm", "X", "case_or_blanks")),
        ({"items": [["m", "None"]]}, ("tuples.t.items", "evaluation_llm", "None", "out_of_domain")),
        ({"expand": True}, ("tuples.t", None, "expand", "unknown")),
    ],
)
def test_a_malformed_tuple(change, expected):
    rules = {"tuples": {"t": {**items("essay_llm evaluation_llm", "m x"), **change}}}

    assert problems_of({"combo_id": ["x"]}, rules, "essay_llm evaluation_llm") == [expected]


@pytest.mark.parametrize("key", ["axes", "items"])
def test_a_tuple_without_a_key(key):
    entry = items("essay_llm evaluation_llm", "m x")
    del entry[key]

    assert problems_of({"essay_llm": ["m"]}, {"tuples": {"t": entry}}) == [(f"tuples.t.{key}", None, None, "missing")]
