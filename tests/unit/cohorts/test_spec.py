"""Whole specs: their files, the relations of their sections, and all problems raised together."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from types import MappingProxyType

import pytest

from genaudit.cohorts.spec import expand, load_spec, parse_spec
from genaudit.errors import DDError, Err

AXES = {"draft_template": ["d1", "d2"], "draft_llm": ["m1"]}
ORDER = {"field_order": ["draft_template", "draft_llm"]}
ROWS = [("d1", "m1"), ("d2", "m1")]

YAML = """\
axes:
  draft_template: [d1, d2]
  draft_llm: [m1]
output:
  field_order: [draft_template, draft_llm]
"""


def rows_of(spec):
    return [tuple(row.values()) for row in expand(spec)]


def problems_of(mapping, **options):
    with pytest.raises(DDError) as caught:
        parse_spec(mapping, **options)
    assert caught.value.code is Err.INVALID_CONFIG
    return caught.value.ctx["problems"]


def kinds_of(mapping):
    return [(found["section"], found["axis"], found["value"], found["problem"]) for found in problems_of(mapping)]


def written(folder, text, name="config.yaml"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", ["config.yaml", "config.yml"])
def test_a_yaml_file_is_a_spec(tmp_path, name):
    spec = load_spec(written(tmp_path, YAML, name))

    assert rows_of(spec) == ROWS
    assert spec.source == str(tmp_path / name)
    assert spec.field_order == ("draft_template", "draft_llm")
    assert spec.row_count == 2


def test_a_json_file_is_the_same_spec(tmp_path):
    path = written(tmp_path, json.dumps({"axes": AXES, "output": ORDER}), "config.json")

    assert rows_of(load_spec(path)) == ROWS


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + YAML.encode(), YAML.replace("\n", "\r\n").encode()])
def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path, data):
    assert rows_of(load_spec(written(tmp_path, data))) == ROWS


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType])
def test_any_mapping_is_a_spec_and_tuples_are_lists(kind):
    axes = kind({name: tuple(levels) for name, levels in AXES.items()})

    spec = parse_spec(kind({"axes": axes, "output": kind({"field_order": tuple(ORDER["field_order"])})}))

    assert rows_of(spec) == ROWS


def test_a_folder_that_is_a_link_can_be_named_by_the_caller(tmp_path):
    (tmp_path / "real").mkdir()
    written(tmp_path / "real", YAML)
    (tmp_path / "link").symlink_to("real")

    assert rows_of(load_spec(tmp_path / "link" / "config.yaml")) == ROWS


@pytest.mark.parametrize("name", ["config.yaml", "spec/config.yaml", "file/config.yaml"])
def test_a_spec_that_is_not_there(tmp_path, name):
    written(tmp_path, "", "file")

    with pytest.raises(DDError) as caught:
        load_spec(tmp_path / name)

    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx == {"reason": "spec_not_found", "path": str(tmp_path / name)}


def loading_problem(path):
    with pytest.raises(DDError) as caught:
        load_spec(path)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_spec"
    assert caught.value.ctx["file"] == str(path)
    (found,) = caught.value.ctx["problems"]
    assert found["file"] == str(path)
    return found["problem"]


def test_a_spec_that_is_a_link_a_folder_or_a_pipe_is_not_read(tmp_path):
    written(tmp_path, YAML, "real.yaml")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")

    for name in ("link.yaml", "folder.yaml", "pipe.yaml"):
        assert loading_problem(tmp_path / name) == "unreadable"


def test_a_spec_in_another_format_is_not_read(tmp_path):
    path = written(tmp_path, YAML, "config.toml")

    assert loading_problem(path) == "unknown_format"


def test_a_spec_beyond_a_mebibyte_is_not_read(tmp_path):
    assert loading_problem(written(tmp_path, YAML + "#" * (1 << 20))) == "too_large"


def test_a_file_that_a_spec_refers_to_lies_beside_it(tmp_path):
    (tmp_path / "items").mkdir()
    written(tmp_path / "items", "draft_template\nd1\nd2\n", "x.csv")
    spec = {"axes": {**AXES, "draft_template": "@file:items/x.csv"}, "output": ORDER}

    assert rows_of(load_spec(written(tmp_path, json.dumps(spec), "config.json"))) == ROWS
    assert rows_of(parse_spec(spec, base=tmp_path)) == ROWS


def test_an_error_names_the_file_with_the_mistake(tmp_path):
    (tmp_path / "items").mkdir()
    written(tmp_path / "items", "draft_template\nd1\nd|2\n", "x.csv")
    text = YAML.replace("[d1, d2]", "'@file:items/x.csv'")

    with pytest.raises(DDError) as caught:
        load_spec(written(tmp_path, text))

    assert caught.value.ctx["file"] == str(tmp_path / "config.yaml")
    assert caught.value.ctx["problems"] == [
        {
            "file": str(tmp_path / "items" / "x.csv"),
            "section": "axes.draft_template",
            "axis": "draft_template",
            "value": "d|2",
            "problem": "out_of_domain",
            "nearest": None,
        }
    ]


def test_everything_that_is_wrong_comes_in_one_error():
    mapping = {
        "axes": {"draft_tempalte": ["d1"], "draft_llm": ["m1", "M1"], "essay_template": [], "evaluation_llm": [True]},
        "rules": {"subset": {}, "pairs": {"p": {"left": "combo_id", "right": "essay_llm", "allowd": []}}},
        "output": {"field_order": ["draft_llm", "essay_tmplate"], "seed": 1},
        "axis": {},
    }

    with pytest.raises(DDError) as caught:
        parse_spec(mapping, source="cohorts/c1")

    assert caught.value.ctx["reason"] == "invalid_spec"
    assert {found["file"] for found in caught.value.ctx["problems"]} == {"cohorts/c1"}
    found = {(p["section"], p["axis"], p["value"], p["problem"], p["nearest"]) for p in caught.value.ctx["problems"]}
    assert found == {
        ("axes.draft_llm", "draft_llm", "M1", "case_or_blanks", None),
        ("axes.essay_template", "essay_template", None, "empty", None),
        ("axes.evaluation_llm", "evaluation_llm", True, "not_text", None),
        ("rules", None, "subset", "unknown", "subsets"),
        ("rules.pairs.p", None, "allowd", "unknown", "allowed"),
        ("rules.pairs.p.allowed", None, None, "missing", None),
        ("output.field_order", "essay_tmplate", "essay_tmplate", "undeclared", None),
    }


def test_the_columns_are_held_against_the_axes_even_when_a_rule_is_wrong():
    mapping = {
        "axes": AXES,
        "rules": {"subsets": {"draft_template": ["D1"]}},
        "output": {"field_order": ["draft_llm", "essay_tmplate"]},
    }

    found = [(p["section"], p["axis"], p["problem"], p["nearest"]) for p in problems_of(mapping)]

    assert found == [
        ("rules.subsets.draft_template", "draft_template", "case_or_blanks", "d1"),
        ("output.field_order", "essay_tmplate", "undeclared", "draft_template"),
    ]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({}, [("output", None, None, "missing")]),
        ({"axes": AXES}, [("output", None, None, "missing")]),
        ({"axes": AXES, "output": {}}, [("output.field_order", None, None, "missing")]),
        ({"axes": AXES, "output": {"field_order": []}}, [("output.field_order", None, [], "empty")]),
        ({"axes": AXES, "output": []}, [("output", None, [], "wrong_type")]),
        (
            {"axes": AXES, "output": {"field_order": "draft_llm"}},
            [("output.field_order", None, "draft_llm", "wrong_type")],
        ),
        ({"axes": {}, "output": ORDER}, [("axes", None, None, "missing")]),
        ({"axes": None, "output": ORDER}, [("axes", None, None, "wrong_type")]),
        ({"axes": AXES, "rules": [], "output": ORDER}, [("rules", None, [], "wrong_type")]),
        ({"axes": AXES, "rules": {"ties": None}, "output": ORDER}, [("rules.ties", None, None, "wrong_type")]),
        ({"axes": AXES, "rules": {"ties": []}, "output": ORDER}, [("rules.ties", None, [], "wrong_type")]),
        ([AXES], [("", None, [AXES], "not_object")]),
    ],
)
def test_a_section_that_is_missing_empty_or_something_else(mapping, expected):
    assert kinds_of(mapping) == expected


@pytest.mark.parametrize(
    ("columns", "axis", "value", "problem"),
    [
        (["draft_template", "draft_llm", "draft_llm"], "draft_llm", "draft_llm", "duplicate"),
        (["draft_template", "draft_llm", "essay_llm"], "essay_llm", "essay_llm", "undeclared"),
        (["draft_template", "draft_llm", "model"], "model", "model", "undeclared"),
    ],
)
def test_the_columns_are_axes_of_the_design(columns, axis, value, problem):
    found = kinds_of({"axes": AXES, "output": {"field_order": columns}})

    assert found == [("output.field_order", axis, value, problem)]


def test_both_names_of_a_replicate_axis_are_one_axis():
    axes = {"draft_replicate": [1], "draft_template_replicate": [1]}

    assert kinds_of({"axes": axes, "output": {"field_order": ["draft_replicate"]}}) == [
        ("axes", "draft_replicate", "draft_template_replicate", "duplicate")
    ]


@pytest.mark.parametrize("column", ["draft_replicate", "draft_template_replicate"])
@pytest.mark.parametrize("axis", ["draft_replicate", "draft_template_replicate"])
def test_a_column_is_spelt_as_the_spec_spells_it_there(axis, column):
    spec = parse_spec({"axes": {axis: [2, 1]}, "output": {"field_order": [column]}})

    assert list(expand(spec)) == [{column: 2}, {column: 1}]
    assert spec.axes == ("draft_replicate",)


def test_problems_with_rules_alone_are_an_invalid_constraint():
    mapping = {"axes": AXES, "rules": {"subsets": {"draft_template": ["d3"]}}, "output": ORDER}

    with pytest.raises(DDError) as caught:
        parse_spec(mapping)

    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_constraint"
