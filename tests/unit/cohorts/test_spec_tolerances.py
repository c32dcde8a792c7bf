"""Liberties that the format gives to the author of a spec, each against rows that were worked out by hand."""

from __future__ import annotations

import json

import pytest

from genaudit.cohorts.definition import define
from genaudit.cohorts.spec import expand, load_spec, parse_spec
from helpers.specs import TEMPLATES, items, pair, rows_of

FULL = {
    "combo": ["x"],
    "draft_template": ["a"],
    "generation_llm": ["m"],
    "essay_template": ["s"],
    "evaluation_template": ["v"],
    "evaluation_llm": ["o"],
}


def spec_of(axes, rules=None, columns="draft_template", **more):
    return parse_spec({"axes": axes, "rules": rules, "output": {"field_order": columns.split()}, **more})


def loaded(folder, axis, name, text):
    """Read an axis from a file beside the spec."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    spec = {"axes": {axis: f"@file:{name}"}, "output": {"field_order": [axis]}}
    (folder / "config.json").write_text(json.dumps(spec))
    return [row[axis] for row in expand(load_spec(folder / "config.json"))]


def test_repeated_values_count_once_at_their_first_place():
    axes = {"draft_template": ["b", "a", "b", "c"], "draft_llm": ["m", "m"]}
    pairs = {"p": pair("draft_template", "draft_llm", "c m", "b m", "c m")}
    rules = {"subsets": {"draft_template": ["c", "b", "c"]}, "pairs": pairs, "tuples": {}}
    assert rows_of(axes, rules, "draft_template draft_llm") == ["c m", "b m"]
    tuples = {"t": items("essay_template essay_llm", "s m", "t n", "s m")}
    assert rows_of({}, {"tuples": tuples}, "essay_template essay_llm") == ["s m", "t n"]


def test_a_repeated_axis_of_a_tie_counts_once():
    ties = {"t": ["draft_template", "essay_template", "draft_template"]}
    assert rows_of(TEMPLATES, {"ties": ties}, "draft_template essay_template") == ["b b", "c c"]


def test_anchors_and_aliases_as_the_pipeline_writes_them(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "axes:\n  draft_llm: &id001\n  - m\n  - n\n  evaluation_llm: *id001\n"
        "output:\n  field_order: [draft_llm, evaluation_llm]\n"
    )
    assert [list(row.values()) for row in expand(load_spec(tmp_path / "config.yaml"))] == [
        ["m", "m"],
        ["m", "n"],
        ["n", "m"],
        ["n", "n"],
    ]


@pytest.mark.parametrize("rules", ["rules:", "rules: ~", "rules: {}", "rules: {ties: {}, subsets: {}}", ""])
def test_rules_may_be_empty(tmp_path, rules):
    text = f"axes: {{draft_llm: [m]}}\n{rules}\noutput: {{field_order: [draft_llm]}}\n"
    (tmp_path / "config.yaml").write_text(text)
    assert list(expand(load_spec(tmp_path / "config.yaml"))) == [{"draft_llm": "m"}]


@pytest.mark.parametrize("axes", [{"axes": {}}, {}])
def test_axes_may_be_empty_or_absent_if_tuples_bring_them_all(axes):
    rules = {"tuples": {"t": items("draft_llm essay_llm", "m n", "o p")}}
    spec = parse_spec({**axes, "rules": rules, "output": {"field_order": ["essay_llm"]}})
    assert list(expand(spec)) == [{"essay_llm": "n", "draft_llm": "m"}, {"essay_llm": "p", "draft_llm": "o"}]


@pytest.mark.parametrize("header", ["draft_template", "value", "template_id", "a", " Draft_Template "])
def test_the_first_row_of_a_csv_is_a_header_whatever_its_contents(tmp_path, header):
    assert loaded(tmp_path, "draft_template", "items/x.csv", f"{header}\nb\na\n") == ["b", "a"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "v\nb\n\n a \n\n"),
        ("x.csv", "v,\nb,\na,\n"),
        ("x.csv", "\ufeffv\r\nb\r\na"),
        ("x.yaml", "[b, a]"),
        ("x.yml", "- b\n- a\n"),
        ("x.json", '["b", "a"]'),
        ("x.txt", "b\n\n  a\n"),
        ("./x.txt", "b\na"),
        ("items/./x.txt", "b\na"),
        ("X.TXT", "b\na"),
    ],
)
def test_a_list_may_be_kept_in_a_file(tmp_path, name, text):
    assert loaded(tmp_path, "draft_template", name, text) == ["b", "a"]


def test_every_kind_of_list_may_be_kept_in_a_file(tmp_path):
    for name, text in {
        "keep.txt": "a\nb\n",
        "allowed.csv": "one,two\nb,m\na,m\n",
        "items.json": '[["s", "None"], ["t", "n"]]',
    }.items():
        (tmp_path / name).write_text(text)
    rules = {
        "subsets": {"draft_template": "@file:keep.txt"},
        "pairs": {"p": {"left": "draft_template", "right": "draft_llm", "allowed": "@file:allowed.csv"}},
        "tuples": {"t": {"axes": ["essay_template", "essay_llm"], "items": "@file:items.json"}},
    }
    axes = {"draft_template": ["a", "b", "c"], "draft_llm": ["m"]}
    order = {"field_order": ["draft_template", "draft_llm"]}
    spec = parse_spec({"axes": axes, "rules": rules, "output": order}, base=tmp_path)
    assert [" ".join(map(str, row.values())) for row in expand(spec)] == [
        "b m s None",
        "b m t n",
        "a m s None",
        "a m t n",
    ]


def test_other_names_of_axes():
    [draft] = define(spec_of({**FULL, "draft_rep": ["2"]}, columns="combo")).drafts
    assert (draft.combo_id, draft.llm_model_id, draft.replicate) == ("x", "m", 2)
    [evaluation] = define(spec_of({**FULL, "evaluation_llm_replicate": [3]}, columns="combo")).evaluations
    assert evaluation.replicate == 3


def test_a_partial_field_order_only_orders_the_columns():
    spec = spec_of({"combo_id": ["x"], "draft_template": ["a", "b"]}, columns="draft_template")
    assert [list(row.items()) for row in expand(spec)] == [
        [("draft_template", "a"), ("combo_id", "x")],
        [("draft_template", "b"), ("combo_id", "x")],
    ]


def test_unknown_keys_are_ignored_with_a_warning():
    spec = parse_spec({"axes": TEMPLATES, "outptu": {}, "output": {"field_order": ["draft_template"], "seed": 7}})
    found = [(warning["warning"], warning["section"], warning["value"]) for warning in spec.warnings]
    assert found == [("key_ignored", "", "outptu"), ("key_ignored", "output", "seed")]
    assert spec.warnings[0]["nearest"] == "output"


def test_an_unknown_axis_takes_part_in_rules_and_is_left_out_of_the_plan():
    rules = {"pairs": {"p": pair("season", "draft_template", "dry a", "wet b")}}
    spec = spec_of({**FULL, "draft_template": ["a", "b", "c"], "season": ["wet", "dry"]}, rules)
    assert [row["season"] for row in expand(spec)] == ["dry", "wet"]
    assert [draft.template_id for draft in define(spec).drafts] == ["a", "b"]
    assert [(warning["warning"], warning["axis"]) for warning in spec.warnings] == [("axis_ignored", "season")]


@pytest.mark.parametrize("balance", ["left", "right", "both"])
def test_balance_counts_only_the_values_that_occur(balance):
    pairs = {"p": pair("draft_template", "essay_template", "a b", "b c", balance=balance)}
    assert rows_of(TEMPLATES, {"pairs": pairs}, "draft_template essay_template") == ["a b", "b c"]


def test_a_subset_ignores_unknown_values_with_a_warning():
    spec = spec_of({"draft_template": ["plain", "bold"]}, {"subsets": {"draft_template": ["plain", "bald"]}})
    assert [row["draft_template"] for row in expand(spec)] == ["plain"]
    [warning] = spec.warnings
    assert (warning["warning"], warning["axis"], warning["value"]) == ("value_ignored", "draft_template", "bald")
    assert warning["nearest"] == "bold"


def test_a_subset_may_name_a_tie():
    rules = {"ties": {"t": ["draft_template", "essay_template"]}, "subsets": {"t": ["c"]}}
    assert rows_of(TEMPLATES, rules, "draft_template essay_template") == ["c c"]


def test_a_tie_of_one_axis():
    rules = {"ties": {"t": ["draft_template"]}, "subsets": {"t": ["b"]}}
    assert rows_of({"draft_template": ["a", "b"]}, rules, "draft_template") == ["b"]


def test_a_tie_has_the_order_of_its_first_named_axis_and_the_place_of_the_earliest():
    axes = {"draft_template": ["c", "b"], "draft_llm": ["m", "n"], "essay_template": ["b", "c"]}
    rules = {"ties": {"t": ["essay_template", "draft_template"]}}
    assert rows_of(axes, rules, "essay_template draft_template draft_llm") == ["b b m", "b b n", "c c m", "c c n"]


def test_a_tie_named_like_one_of_its_axes_keeps_the_place_of_that_axis():
    axes = {"draft_template": ["c", "b"], "draft_llm": ["m", "n"], "essay_template": ["b", "c"]}
    rules = {"ties": {"essay_template": ["draft_template", "essay_template"]}}
    assert rows_of(axes, rules, "essay_template draft_template draft_llm") == ["c c m", "b b m", "c c n", "b b n"]
    rules["subsets"] = {"essay_template": ["b"]}
    assert rows_of(axes, rules, "essay_template draft_template draft_llm") == ["b b m", "b b n"]


@pytest.mark.parametrize("left", ["t", "draft_template", "essay_template"])
def test_a_pair_may_name_a_tie_or_one_of_its_axes_and_all_columns_come_out(left):
    rules = {
        "ties": {"t": ["draft_template", "essay_template"]},
        "pairs": {"p": pair(left, "evaluation_template", "c w", "b v", "c v")},
    }
    columns = "draft_template essay_template evaluation_template"
    assert rows_of({**TEMPLATES, "evaluation_template": ["v", "w"]}, rules, columns) == ["c c w", "b b v", "c c v"]


def test_a_tuple_may_name_a_tie():
    rules = {
        "ties": {"t": ["draft_llm", "essay_llm"]},
        "tuples": {"judges": items("t evaluation_llm", "n o", "m p")},
    }
    axes = {"draft_llm": ["m", "n"], "essay_llm": ["n", "m"]}
    assert rows_of(axes, rules, "draft_llm essay_llm evaluation_llm") == ["n n o", "m m p"]


def test_a_pair_over_a_tuple():
    rules = {
        "tuples": {"judges": items("evaluation_template evaluation_llm", "v o", "w p")},
        "pairs": {
            "p": {"left": "judges", "right": "draft_llm", "allowed": [[["w", "p"], "m"], [["v", "o"], "n"]]},
        },
    }
    columns = "draft_llm evaluation_template evaluation_llm"
    assert rows_of({"draft_llm": ["m", "n"]}, rules, columns) == ["m w p", "n v o"]


def test_a_pair_over_a_pair_gives_all_columns():
    rules = {
        "pairs": {
            "p": pair("draft_template", "essay_template", "a b", "c d"),
            "q": {"left": "draft_llm", "right": "p", "allowed": [["n", ["c", "d"]], ["m", ["a", "b"]]]},
        }
    }
    columns = "draft_template essay_template draft_llm"
    assert rows_of({**TEMPLATES, "draft_llm": ["m", "n"]}, rules, columns) == ["c d n", "a b m"]


def test_the_axes_of_tuples_follow_the_declared_ones():
    rules = {
        "tuples": {"t": items("essay_template essay_llm", "s m", "t n")},
        "ties": {"u": ["draft_llm"]},
    }
    axes = {"draft_llm": ["m", "n"], "draft_replicate": ["1", 2]}
    assert rows_of(axes, rules, "draft_llm draft_replicate essay_template") == [
        f"{llm} {replicate} {essay}" for llm in "mn" for replicate in "12" for essay in ("s m", "t n")
    ]


def test_sections_run_in_the_order_of_the_file():
    axes = {"draft_template": ["a", "b"], "essay_template": ["a", "b"]}
    subsets = {"draft_template": ["a"]}
    pairs = {"p": pair("draft_template", "essay_template", "a b")}
    assert rows_of(axes, {"subsets": subsets, "pairs": pairs}, "draft_template essay_template") == ["a b"]
    ties = {"t": ["draft_template", "essay_template"]}
    assert rows_of(axes, {"subsets": subsets, "ties": ties}, "draft_template essay_template") == ["a a"]
