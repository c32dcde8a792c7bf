"""Rules that meet on one axis, against rows that were worked out by hand."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec import parse_spec
from genaudit.errors import DDError
from helpers.specs import TEMPLATES, items, pair, problems_of, rows_of


def test_a_tie_before_a_pair_takes_the_tied_axis_along():
    # The tie leaves b and c; the pair on draft_template then binds essay_template, too.
    axes = {**TEMPLATES, "evaluation_template": ["v", "w"]}
    rules = {
        "ties": {"t": ["draft_template", "essay_template"]},
        "pairs": {"p": pair("essay_template", "evaluation_template", "c w", "b v", "c v")},
    }

    assert rows_of(axes, rules, "draft_template essay_template evaluation_template") == ["c c w", "b b v", "c c v"]


def test_a_pair_of_tied_axes_must_give_them_one_value():
    axes = {"draft_llm": ["m", "n"], "essay_llm": ["m", "n"]}
    ties = {"t": ["draft_llm", "essay_llm"]}

    good = {"ties": ties, "pairs": {"p": pair("draft_llm", "essay_llm", "n n")}}
    bad = {"ties": ties, "pairs": {"p": pair("draft_llm", "essay_llm", "n n", "m n")}}

    assert rows_of(axes, good, "draft_llm essay_llm") == ["n n"]
    assert problems_of(axes, bad, "draft_llm essay_llm") == [("pairs.p.allowed", "draft_llm", ["m", "n"], "tied")]


def test_all_four_kinds_together():
    # The subset leaves x; the tie m and n, in the order of draft_llm; the pair a-e and b-f; the tuple brings the
    # essay's three axes, which had no position and so come last.
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


def test_one_mistake_is_one_problem_however_many_rules_build_on_it():
    # The subset is wrong; the tie and the pair that depend on its axis have nothing to be held against.
    axes = {**TEMPLATES, "draft_llm": ["m"]}
    rules = {
        "subsets": {"draft_template": ["z"]},
        "ties": {"t": ["draft_template", "essay_template"]},
        "pairs": {"p": pair("essay_template", "draft_llm", "z m", balance="both")},
    }

    assert problems_of(axes, rules, "draft_template draft_llm essay_template") == [
        ("subsets.draft_template", "draft_template", ["z"], "nothing_left")
    ]


def test_every_wrong_rule_is_reported():
    rules = {
        "subsets": {"essay_llm": ["m"]},
        "pairs": {"p": pair("draft_template", "essay_template", "a z", "y b")},
    }

    assert problems_of(TEMPLATES, rules, "draft_template essay_template") == [
        ("subsets.essay_llm", "essay_llm", "essay_llm", "undeclared"),
        ("pairs.p.allowed", "essay_template", "z", "not_a_level"),
        ("pairs.p.allowed", "draft_template", "y", "not_a_level"),
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
