"""Specs that are refused, each with its reason, the axis and the value."""

from __future__ import annotations

import json

import pytest

from genaudit.cohorts.definition import define
from genaudit.cohorts.spec import load_spec, parse_spec
from genaudit.errors import DDError, Err
from helpers.specs import TEMPLATES, items, pair, problems_of

AXES = {"draft_template": ["a", "b"], "essay_template": ["a", "b"], "draft_llm": ["m"]}
PAIR = {"p": pair("draft_template", "essay_template", "a b")}
TIE = {"t": ["draft_template", "essay_template"]}


def error_of(mapping, base=None):
    with pytest.raises(DDError) as caught:
        parse_spec(mapping, base=base)
    assert caught.value.code is Err.INVALID_CONFIG
    return caught.value.ctx


def kinds_of(axes, columns="draft_template", base=None, **more):
    found = error_of({"axes": axes, "output": {"field_order": columns.split()}, **more}, base)["problems"]
    return [(each["section"], each["axis"], each["value"], each["problem"]) for each in found]


@pytest.mark.parametrize("twin", ["A", "a "])
def test_levels_that_differ_only_in_case_or_blanks(twin):
    assert kinds_of({"draft_template": ["a", twin]}) == [
        ("axes.draft_template", "draft_template", twin, "case_or_blanks")
    ]


@pytest.mark.parametrize("name", ["Draft_LLM", " combo", "DRAFT_REP"])
def test_axes_that_differ_only_in_case_or_blanks(name):
    assert kinds_of({"draft_template": ["a"], name: ["x"]}) == [("axes", name, name, "case_or_blanks")]


@pytest.mark.parametrize("kept", ["A", " a"])
def test_a_subset_that_differs_only_in_case_or_blanks(kept):
    assert problems_of(AXES, {"subsets": {"draft_template": ["b", kept]}}) == [
        ("subsets.draft_template", "draft_template", kept, "case_or_blanks")
    ]


def test_tied_levels_that_differ_only_in_case():
    axes = {"draft_llm": ["m", "n"], "essay_llm": ["M", "n"]}
    assert problems_of(axes, {"ties": {"t": ["draft_llm", "essay_llm"]}}, "draft_llm") == [
        ("ties.t", "draft_llm", "M", "case_or_blanks")
    ]


def test_a_csv_whose_header_names_the_axes_in_another_order(tmp_path):
    (tmp_path / "x.csv").write_text("essay_llm,essay_template\nm,s\n")
    tuples = {"t": {"axes": ["essay_template", "essay_llm"], "items": "@file:x.csv"}}
    assert kinds_of({"draft_template": ["a"]}, base=tmp_path, rules={"tuples": tuples}) == [
        ("rules.tuples.t.items", None, ["essay_llm", "essay_template"], "header_order")
    ]


@pytest.mark.parametrize("models", [["m", "n"], ["None", "m"]])
def test_two_essay_models_under_one_signature(models):
    axes = {
        "combo_id": ["x"],
        "draft_template": ["a"],
        "draft_llm": ["m"],
        "essay_template": ["s"],
        "essay_llm": models,
        "evaluation_template": ["v"],
        "evaluation_llm": ["o"],
    }
    spec = parse_spec({"axes": axes, "output": {"field_order": ["essay_llm"]}}, source="config.yaml")
    with pytest.raises(DDError) as caught:
        define(spec)
    [found] = caught.value.ctx["problems"]
    assert (found["file"], found["axis"], found["value"]) == ("config.yaml", "essay_llm", models[1])
    assert found["problem"] == "essay_models_at_odds"


def test_a_misspelt_axis_is_named_beside_the_missing_one():
    spec = parse_spec({"axes": {"draft_tempalte": ["a"]}, "output": {"field_order": ["draft_tempalte"]}})
    with pytest.raises(DDError) as caught:
        define(spec)
    found = next(each for each in caught.value.ctx["problems"] if each["axis"] == "draft_template")
    assert (found["problem"], found["value"], found["nearest"]) == ("missing", "draft_tempalte", "draft_template")


@pytest.mark.parametrize("name", ["draft_llm", "evaluation_llm", "combo"])
def test_a_tie_named_after_an_axis_that_is_not_one_of_its_own(name):
    [(section, _, value, problem)] = problems_of(AXES, {"ties": {name: TIE["t"]}})
    assert (section, value, problem) == (f"ties.{name}", name, "name_taken")


def test_a_pair_named_like_an_axis_or_an_earlier_rule():
    for name, ties in (("draft_llm", {}), ("t", TIE)):
        rules = {"ties": ties, "pairs": {name: pair("draft_template", "draft_llm", "a m")}}
        [(section, _, value, problem)] = problems_of(AXES, rules)
        assert (section, value, problem) == (f"pairs.{name}", name, "name_taken")


def test_a_subset_on_a_tied_axis():
    rules = {"ties": TIE, "subsets": {"draft_template": ["a"]}}
    assert problems_of(AXES, rules) == [("subsets.draft_template", "draft_template", "t", "tied")]


@pytest.mark.parametrize(
    "later",
    [
        {"subsets": {"essay_template": ["b"]}},
        {"ties": {"t": ["essay_template", "draft_llm"]}},
        {"tuples": {"t": items("evaluation_llm evaluation_template", "o v")}, "subsets": {"evaluation_llm": ["o"]}},
    ],
)
def test_an_axis_is_gone_after_a_pair_or_tuple(later):
    [(_, _, value, problem)] = problems_of(AXES, {"pairs": PAIR, **later})
    assert (value, problem) in {("p", "bound"), ("t", "bound")}


def test_two_pairs_on_one_axis():
    pairs = {**PAIR, "q": pair("essay_template", "draft_llm", "b m")}
    assert problems_of(AXES, {"pairs": pairs}) == [("pairs.q", "essay_template", "p", "bound")]


def test_a_subset_or_tie_on_a_pair():
    assert problems_of(AXES, {"pairs": PAIR, "subsets": {"p": ["a"]}}) == [("subsets.p", "p", "p", "bound")]
    assert problems_of(AXES, {"pairs": PAIR, "ties": {"t": ["p"]}}) == [("ties.t", "p", "p", "bound")]


def test_a_tuple_over_a_declared_axis():
    rules = {"tuples": {"t": items("draft_llm essay_llm", "m n")}}
    assert problems_of(AXES, rules) == [("tuples.t.axes", "draft_llm", "draft_llm", "declared")]


def test_nothing_left_of_an_axis_or_a_tie():
    assert problems_of(AXES, {"subsets": {"draft_template": ["z"]}}) == [
        ("subsets.draft_template", "draft_template", ["z"], "nothing_left")
    ]
    assert problems_of(AXES, {"ties": {"t": ["draft_template", "draft_llm"]}}) == [
        ("ties.t", "draft_template", ["draft_template", "draft_llm"], "no_common_value")
    ]


def test_a_pair_gives_tied_axes_two_values():
    rules = {"ties": TIE, "pairs": {"p": pair("draft_template", "essay_template", "a b")}}
    assert problems_of(AXES, rules) == [("pairs.p.allowed", "draft_template", ["a", "b"], "tied")]


def test_a_tuple_with_a_value_that_an_earlier_subset_took():
    tuples = {"t": items("essay_llm evaluation_llm", "m o", "n o")}
    rules = {"subsets": {"essay_llm": ["m"]}, "tuples": tuples}
    assert problems_of({"combo_id": ["x"]}, rules, "combo_id") == [
        ("tuples.t.items", "essay_llm", "n", "not_a_level")
    ]


@pytest.mark.parametrize("section", ["ties", "subsets", "pairs", "tuples"])
def test_a_null_section(section):
    assert problems_of(AXES, {section: None}) == [(section, None, None, "wrong_type")]


def test_an_unknown_section():
    assert kinds_of(AXES, rules={"tie": {}}) == [("rules", None, "tie", "unknown")]


@pytest.mark.parametrize("name", ["t", "p", "evaluation_llm"])
def test_field_order_names_only_axes(name):
    rules = {"ties": {"t": ["draft_llm"]}, "pairs": PAIR}
    assert kinds_of(AXES, f"draft_llm {name}", rules=rules) == [("output.field_order", name, name, "undeclared")]


@pytest.mark.parametrize("order", [None, [], "draft_template", [1]])
def test_field_order_is_a_list_of_names(order):
    output = {} if order is None else {"field_order": order}
    [found] = error_of({"axes": AXES, "output": output})["problems"]
    assert found["section"] == "output.field_order"


@pytest.mark.parametrize(
    "path", ["../x.txt", "a/../../x.txt", "/etc/x.txt", "a//x.txt", "", ".", "a\\x.txt", "~/x.txt"]
)
def test_a_file_above_the_folder_of_the_spec(tmp_path, path):
    (tmp_path / "x.txt").write_text("secret\n")
    (tmp_path / "spec").mkdir()
    assert kinds_of({"draft_template": f"@file:{path}"}, base=tmp_path / "spec") == [
        ("axes.draft_template", None, f"@file:{path}", "unsafe_path")
    ]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_file_behind_a_symlink(tmp_path, kind):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.txt").write_text("secret\n")
    spec = tmp_path / "spec"
    spec.mkdir()
    if kind == "folder":
        (spec / "items").symlink_to(tmp_path / "outside")
    else:
        (spec / "items").mkdir()
        (spec / "items" / "x.txt").symlink_to(tmp_path / "outside" / "x.txt")
    [(_, _, _, problem)] = kinds_of({"draft_template": "@file:items/x.txt"}, base=spec)
    assert problem == "unreadable"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("x.csv", "", "header"),
        ("x.csv", "draft_template\n", "empty"),
        ("x.csv", "v\na,b\n", "wrong_length"),
        ("x.csv", "v,w\na,b\n", "header"),
        ("x.csv", 'v\n"a\n', "not_csv"),
        ("x.csv", b"v\n\xff\n", "not_utf8"),
        ("x.csv", "v\n" + "a" * (1 << 20), "too_large"),
        ("x.yaml", "a: b", "wrong_type"),
        ("x.yaml", "", "empty"),
        ("x.yaml", "[a", "not_yaml"),
        ("x.json", "[a]", "not_json"),
        ("x.json", '{"a": 1}', "wrong_type"),
        ("x.txt", "\n\n", "empty"),
        ("x.toml", "a", "unknown_format"),
    ],
)
def test_a_file_with_an_error(tmp_path, name, text, problem):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    axes = {"draft_template": f"@file:{name}"}
    [found] = error_of({"axes": axes, "output": {"field_order": ["draft_template"]}}, tmp_path)["problems"]
    assert found["problem"] == problem
    assert found["file"] == (name if problem != "unknown_format" else "spec")


def test_a_missing_file_and_a_spec_without_a_folder(tmp_path):
    axes = {"draft_template": "@file:x.csv"}
    assert kinds_of(axes, base=tmp_path) == [("axes.draft_template", None, None, "file_missing")]
    assert kinds_of(axes) == [("axes.draft_template", None, "@file:x.csv", "no_folder")]


def test_a_csv_row_with_a_missing_value(tmp_path):
    (tmp_path / "x.csv").write_text("one,two\ns,\n")
    tuples = {"t": {"axes": ["essay_template", "essay_llm"], "items": "@file:x.csv"}}
    assert kinds_of({"draft_template": ["a"]}, base=tmp_path, rules={"tuples": tuples}) == [
        ("rules.tuples.t.items", "essay_llm", "", "empty")
    ]


def test_a_design_that_is_too_large_is_refused_before_it_is_expanded(tmp_path):
    axes = {axis: [f"{axis}-{n}" for n in range(101)] for axis in ("combo_id", "draft_template", "essay_template")}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"axes": axes, "output": {"field_order": ["combo_id"]}}))
    with pytest.raises(DDError) as caught:
        load_spec(path)
    assert caught.value.ctx == {
        "reason": "design_too_large",
        "file": str(path),
        "size": 101**3,
        "limit": 1_000_000,
        "axes": {"combo_id": 101, "draft_template": 101, "essay_template": 101},
        "product": "101 combo_id x 101 draft_template x 101 essay_template",
        "next": "give an axis fewer levels, or raise the limit: --max-members, and max_members in genaudit.toml",
    }


def test_a_design_as_large_as_the_limit_is_accepted():
    mapping = {"axes": TEMPLATES, "output": {"field_order": ["draft_template"]}}
    assert parse_spec(mapping, max_members=9).row_count == 9
    with pytest.raises(DDError) as caught:
        parse_spec(mapping, max_members=8)
    assert caught.value.ctx["reason"] == "design_too_large"
