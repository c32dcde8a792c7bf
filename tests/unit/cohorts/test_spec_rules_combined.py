"""Rules that meet on one axis, against rows that were worked out by hand."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec import parse_spec
from genaudit.errors import DDError
from helpers.specs import TEMPLATES, items, pair, problems_of, rows_of


def test_sections_run_in_the_order_of_the_file():
    axes = {"draft_llm": ["d", "e"], "essay_llm": ["x", "y"]}
    subsets = {"subsets": {"draft_llm": ["d"]}}
    both = {"pairs": {"p": pair("draft_llm", "essay_llm", "d x", "d y", "e x", "e y", balance="left")}}
    alone = {"pairs": {"p": pair("draft_llm", "essay_llm", "d x", "d y", balance="left")}}

    # The pair comes first and is balanced, then the subset leaves the half of it.
    assert rows_of(axes, {**both, **subsets}, "draft_llm essay_llm") == ["d x", "d y"]
    # The subset comes first, and e is no level any more when the pair names it.
    assert problems_of(axes, {**subsets, **both}, "draft_llm essay_llm") == [
        ("pairs.p.allowed", "draft_llm", "e", "not_a_level")
    ]
    # The subset comes first: d alone is balanced.
    assert rows_of(axes, {**subsets, **alone}, "draft_llm essay_llm") == ["d x", "d y"]
    # The pair comes first: d occurs twice, e never.
    assert problems_of(axes, {**alone, **subsets}, "draft_llm essay_llm") == [
        ("pairs.p", "draft_llm", {"d": 2, "e": 0}, "unbalanced")
    ]


def test_a_subset_before_and_after_the_tuple_that_brings_the_axis():
    tuples = {"tuples": {"t": items("essay_template essay_llm", "copy None", "essay m", "essay n")}}
    subsets = {"subsets": {"essay_template": ["essay"]}}

    assert rows_of({"combo_id": ["x"]}, {**tuples, **subsets}, "combo_id essay_template essay_llm") == [
        "x essay m",
        "x essay n",
    ]
    assert problems_of({"combo_id": ["x"]}, {**subsets, **tuples}, "combo_id essay_template essay_llm") == [
        ("subsets.essay_template", "essay_template", "essay_template", "undeclared")
    ]


def test_a_tie_before_a_pair_takes_the_tied_axis_along():
    # The tie leaves b and c; the pair on draft_template then binds essay_template, too.
    axes = {**TEMPLATES, "evaluation_template": ["v", "w"]}
    rules = {
        "ties": {"t": ["draft_template", "essay_template"]},
        "pairs": {"p": pair("essay_template", "evaluation_template", "c w", "b v", "c v")},
    }

    assert rows_of(axes, rules, "draft_template essay_template evaluation_template") == ["c c w", "b b v", "c c v"]


def test_a_tie_after_a_pair_filters_the_pairs():
    # a is no essay_template, so its pairs go; the tie adds the same value to what is left.
    axes = {**TEMPLATES, "evaluation_template": ["v", "w"]}
    rules = {
        "pairs": {"p": pair("draft_template", "evaluation_template", "a v", "c w", "b v", "a w")},
        "ties": {"t": ["draft_template", "essay_template"]},
    }

    assert rows_of(axes, rules, "draft_template essay_template evaluation_template") == ["c c w", "b b v"]


def test_before_a_tie_a_pair_may_name_what_the_tie_takes_away():
    axes = {**TEMPLATES, "evaluation_template": ["v"]}
    ties = {"ties": {"t": ["draft_template", "essay_template"]}}
    pairs = {"pairs": {"p": pair("draft_template", "evaluation_template", "a v", "b v")}}
    columns = "draft_template essay_template evaluation_template"

    assert rows_of(axes, {**pairs, **ties}, columns) == ["b b v"]
    assert problems_of(axes, {**ties, **pairs}, columns) == [
        ("pairs.p.allowed", "draft_template", "a", "not_a_level")
    ]


def test_a_tie_within_one_pair_keeps_the_equal_ones():
    axes = {"draft_llm": ["m", "n"], "essay_llm": ["m", "n"]}
    rules = {
        "pairs": {"p": pair("draft_llm", "essay_llm", "n m", "n n", "m m")},
        "ties": {"t": ["draft_llm", "essay_llm"]},
    }

    assert rows_of(axes, rules, "draft_llm essay_llm") == ["n n", "m m"]


def test_a_tie_across_two_pairs_joins_them():
    # Left pairs by model: m has a and b; right pairs by model: m has v and w, n has v.
    axes = {
        "draft_template": ["a", "b"],
        "draft_llm": ["m", "n"],
        "evaluation_template": ["v", "w"],
        "evaluation_llm": ["m", "n"],
    }
    rules = {
        "pairs": {
            "drafts": pair("draft_template", "draft_llm", "a m", "b n", "b m"),
            "evaluations": pair("evaluation_template", "evaluation_llm", "v m", "v n", "w m"),
        },
        "ties": {"llm": ["draft_llm", "evaluation_llm"]},
    }

    assert rows_of(axes, rules, "draft_template draft_llm evaluation_template evaluation_llm") == [
        "a m v m",
        "a m w m",
        "b n v n",
        "b m v m",
        "b m w m",
    ]


def test_a_pair_of_tied_axes_must_give_them_one_value():
    axes = {"draft_llm": ["m", "n"], "essay_llm": ["m", "n"]}
    ties = {"t": ["draft_llm", "essay_llm"]}

    good = {"ties": ties, "pairs": {"p": pair("draft_llm", "essay_llm", "n n")}}
    bad = {"ties": ties, "pairs": {"p": pair("draft_llm", "essay_llm", "n n", "m n")}}

    assert rows_of(axes, good, "draft_llm essay_llm") == ["n n"]
    assert problems_of(axes, bad, "draft_llm essay_llm") == [("pairs.p.allowed", "draft_llm", ["m", "n"], "tied")]


def test_all_four_kinds_together():
    # The subset leaves x; the tie m and n, in the order of draft_llm; the pair a-e and b-f; the tuple brings the
    # essay's three axes, which stood nowhere and so come last.
    axes = {
        "combo_id": ["x", "y"],
        "draft_template": ["a", "b"],
        "draft_llm": ["m", "n", "o"],
        "evaluation_template": ["e", "f"],
        "evaluation_llm": ["n", "m"],
    }
    rules = {
        "subsets": {"combo_id": ["x"]},
        "ties": {"llm": ["draft_llm", "evaluation_llm"]},
        "pairs": {"p": pair("draft_template", "evaluation_template", "a e", "b f", balance="both")},
        "tuples": {"t": items("essay_template essay_llm essay_replicate", "s None 1", "t o 2")},
    }
    columns = (
        "combo_id draft_template draft_llm essay_template essay_llm essay_replicate "
        "evaluation_template evaluation_llm"
    )

    # Slowest to fastest: combo, pair, tie, tuple.
    assert rows_of(axes, rules, columns) == [
        "x a m s None 1 e m",
        "x a m t o 2 e m",
        "x a n s None 1 e n",
        "x a n t o 2 e n",
        "x b m s None 1 f m",
        "x b m t o 2 f m",
        "x b n s None 1 f n",
        "x b n t o 2 f n",
    ]


@pytest.mark.parametrize("first", ["pairs", "tuples"])
def test_a_pair_and_a_tuple_cannot_share_an_axis(first):
    rules = {
        "pairs": {"p": pair("draft_template", "essay_template", "a b")},
        "tuples": {"t": items("essay_template essay_llm", "b m")},
    }
    second = "tuples" if first == "pairs" else "pairs"
    where, taken = ("tuples.t.items", ["p"]) if first == "pairs" else ("pairs.p.allowed", ["t"])

    found = problems_of(
        TEMPLATES, {first: rules[first], second: rules[second]}, "draft_template essay_template essay_llm"
    )

    assert found == [(where, "essay_template", taken, "overlap")]


def test_two_pairs_cannot_share_an_axis():
    axes = {**TEMPLATES, "essay_llm": ["m"]}
    pairs = {
        "p": pair("draft_template", "essay_template", "a b"),
        "q": pair("essay_template", "essay_llm", "b m"),
    }

    assert problems_of(axes, {"pairs": pairs}, "draft_template essay_template essay_llm") == [
        ("pairs.q.allowed", "essay_template", ["p"], "overlap")
    ]


def test_one_mistake_is_one_problem_however_many_rules_build_on_it():
    # The subset is wrong; the tie and the pair that depend on its axis have nothing to be held against.
    axes = {**TEMPLATES, "draft_llm": ["m"]}
    rules = {
        "subsets": {"draft_template": ["z"]},
        "ties": {"t": ["draft_template", "essay_template"]},
        "pairs": {"p": pair("essay_template", "draft_llm", "z m", balance="both")},
    }

    assert problems_of(axes, rules, "draft_template draft_llm essay_template") == [
        ("subsets.draft_template", "draft_template", "z", "not_a_level")
    ]


def test_every_wrong_rule_is_reported():
    rules = {
        "subsets": {"essay_llm": ["m"]},
        "pairs": {"p": pair("draft_template", "essay_template", "a z", "y b")},
    }

    assert problems_of(TEMPLATES, rules, "draft_template essay_template") == [
        ("subsets.essay_llm", "essay_llm", "essay_llm", "undeclared"),
        ("pairs.p.allowed", "draft_template", "y", "not_a_level"),
        ("pairs.p.allowed", "essay_template", "z", "not_a_level"),
    ]


def test_the_nearest_level_is_suggested_whatever_its_case():
    with pytest.raises(DDError) as caught:
        parse_spec(
            {
                "axes": {"draft_template": ["creative-synthesis-v10", "plain"]},
                "rules": {"subsets": {"draft_template": ["Creative-Synthesis-V10"]}},
                "output": {"field_order": ["draft_template"]},
            }
        )

    (found,) = caught.value.ctx["problems"]
    assert found["nearest"] == "creative-synthesis-v10"
