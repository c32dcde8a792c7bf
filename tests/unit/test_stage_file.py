from __future__ import annotations

import pytest

from genaudit.errors import DDError, Err
from genaudit.limits import StoreLimits
from genaudit.stage_file import parse_settings
from genaudit.stages import RECORD_FIELDS, STAGES

SUMMARY = {"name": "summary", "prefix": "s_", "required": ["text_id", "replicate"], "signature": ["text_id"]}
GRADE = {
    "name": "grade",
    "prefix": "g_",
    "parent": "summary",
    "required": ["parent_gen_id", "replicate"],
    "signature": ["parent_gen_id"],
}


def toml(*rows):
    return "".join(
        "[[stages]]\n" + "".join(f"{key} = {value!r}\n" for key, value in row.items()) for row in rows
    ).encode()


def refused(data):
    with pytest.raises(DDError) as caught:
        parse_settings(data, "store/genaudit.toml")
    error = caught.value
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["path"] == "store/genaudit.toml"
    return error.ctx


def problems(*rows):
    ctx = refused(toml(*rows))
    assert ctx["reason"] == "settings_invalid"
    return [(one["key"], one["value"], one["problem"]) for one in ctx["problems"]]


def test_an_empty_file_leaves_the_built_in_stages():
    assert parse_settings(b"").stages is STAGES


def test_a_table_is_read_with_parents_first():
    stages = parse_settings(toml(GRADE, SUMMARY)).stages
    assert stages.names == ("summary", "grade")
    assert (stages["grade"].parent, stages["grade"].prefix) == ("summary", "g_")
    assert (stages["summary"].extraneous, stages["summary"].template_catalog) == ((), "")
    assert stages.own_fields == ("text_id",)
    assert stages.record_fields == (*RECORD_FIELDS[:-1], "text_id", "replicate")
    assert "text_id" in stages.hashed_fields
    assert stages != STAGES


def test_the_built_in_table_can_be_written_down():
    rows = [
        {
            "name": stage.name,
            "prefix": stage.prefix,
            **({"parent": stage.parent} if stage.parent else {}),
            "required": list(stage.required),
            "extraneous": list(stage.extraneous),
            "signature": list(stage.signature),
            "template_catalog": stage.template_catalog,
        }
        for stage in STAGES.values()
    ]
    read = parse_settings(toml(*rows)).stages
    assert read.names == STAGES.names
    assert [(one.required, one.signature) for one in read.values()] == [
        (one.required, one.signature) for one in STAGES.values()
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"prefx": "s_"}, ("stages[0].prefx", "s_", "unknown_key")),
        ({"prefix": None}, ("stages[0].prefix", "None", "missing")),
        ({"name": 3}, ("stages[0].name", "3", "wrong_type")),
        ({"required": "text_id"}, ("stages[0].required", "text_id", "wrong_type")),
        ({"signature": ["text_id", 1]}, ("stages[0].signature", "['text_id', 1]", "wrong_type")),
        ({"name": "../up"}, ("stages[0].name", "../up", "unsafe_name")),
        ({"name": "Summary"}, ("stages[0].name", "Summary", "unsafe_name")),
        ({"name": "x" * 33}, ("stages[0].name", "x" * 33, "unsafe_name")),
        ({"name": "path"}, ("stages[0].name", "path", "reserved")),
        ({"prefix": "s"}, ("stages[0].prefix", "s", "unsafe_name")),
        ({"template_catalog": "../a.csv"}, ("stages[0].template_catalog", "../a.csv", "unsafe_name")),
        ({"extraneous": ["a b"]}, ("stages[0].extraneous[0]", "a b", "unsafe_name")),
        ({"extraneous": ["has_raw"]}, ("stages[0].extraneous[0]", "has_raw", "reserved")),
        ({"extraneous": ["x", "x"]}, ("stages[0].extraneous[1]", "x", "repeated")),
        ({"extraneous": ["text_id"]}, ("stages[0].extraneous[0]", "text_id", "also_required")),
        ({"signature": []}, ("stages[0].signature", "[]", "empty")),
        ({"signature": ["other"]}, ("stages[0].signature[0]", "other", "not_required")),
        ({"signature": ["text_id", "replicate"]}, ("stages[0].signature[1]", "replicate", "reserved")),
        ({"required": ["text_id", "parent_gen_id"]}, ("stages[0].required[1]", "parent_gen_id", "parent_missing")),
        ({"parent": "summary"}, ("stages[0].required", "['text_id', 'replicate']", "parent_field_missing")),
    ],
    ids=str,
)
def test_a_fault_names_its_key_and_value(changes, expected):
    row = {key: value for key, value in (SUMMARY | changes).items() if value is not None}
    assert problems(row) == [expected]


def test_an_unknown_key_has_the_nearest():
    (problem,) = refused(toml(SUMMARY | {"signatur": ["text_id"]}))["problems"]
    assert problem["nearest"] == "signature"
    (problem,) = refused(b"[stage]\nname = 'x'\n")["problems"]
    assert (problem["key"], problem["problem"], problem["nearest"]) == ("stage", "unknown_key", "stages")


@pytest.mark.parametrize("key", ["name", "prefix"])
def test_no_name_and_no_prefix_comes_twice(key):
    second = GRADE | {"parent": "summary", key: SUMMARY[key]}
    assert (f"stages[1].{key}", SUMMARY[key], "repeated") in problems(SUMMARY, second)


def test_parents_are_known_and_lead_to_a_first_stage():
    assert problems(SUMMARY, GRADE | {"parent": "sumary"}) == [("stages[1].parent", "sumary", "unknown_stage")]
    assert refused(toml(SUMMARY, GRADE | {"parent": "sumary"}))["problems"][0]["nearest"] == "summary"
    circle = [GRADE | {"name": name, "prefix": f"{name}_", "parent": above} for name, above in ("ab", "ba", "cc")]
    assert problems(*circle) == [(f"stages[{n}].parent", above, "cyclic_parent") for n, above in enumerate("bac")]


def test_all_faults_are_raised_together():
    assert len(problems(SUMMARY | {"name": "A"}, GRADE | {"prefix": "G"})) == 2


@pytest.mark.parametrize("value", ["3", "[]", "['a']", "{name = 'a'}"])
def test_stages_are_tables(value):
    ctx = refused(f"stages = {value}\n".encode())
    assert [(one["key"], one["problem"]) for one in ctx["problems"]] == [("stages", "wrong_type")]


def test_there_are_not_too_many():
    rows = [SUMMARY | {"name": f"s{n}", "prefix": f"s{n}_"} for n in range(51)]
    assert problems(*rows) == [("stages", "51", "too_many")]


@pytest.mark.parametrize("data", [b"[[stages]", b"\xff", b"a = 1\na = 2\n", b"a = " + b"[" * 5000])
def test_invalid_toml_is_an_error(data):
    ctx = refused(data)
    assert ctx["reason"] == "settings_not_toml"
    assert ctx["error"]


def test_a_limit_is_a_whole_number():
    assert parse_settings(b"[limits]\nmax_members = 5\n").limits == StoreLimits(5)
    assert parse_settings(b"[limits]\n").limits == StoreLimits()


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", '"5"', "[]"])
def test_another_limit_names_its_key_and_value(value):
    found = refused(f"[limits]\nmax_members = {value}\n".encode())["problems"]
    assert [(one["key"], one["problem"]) for one in found] == [("limits.max_members", "wrong_type")]


def test_limits_are_a_table_of_known_keys():
    assert [one["key"] for one in refused(b"limits = 3\n")["problems"]] == ["limits"]
    found = refused(b"[limits]\nmax_member = 3\n")["problems"]
    assert [(one["key"], one["nearest"]) for one in found] == [("limits.max_member", "max_members")]
