"""The two formats, read strictly."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec_checks import Misread, ReportedError, SpecReport
from genaudit.cohorts.spec_file import decode_spec, read_below
from genaudit.store.records import UnreadableError


def decoded(text, suffix=".yaml"):
    report = SpecReport("config", "config")
    data = text if isinstance(text, bytes) else text.encode()
    try:
        document = decode_spec(data, suffix, report)
    except ReportedError:
        document = None
    return document, [(found["section"], found["value"], found["problem"]) for found in report.gathered.problems]


def test_keys_keep_the_order_of_the_file():
    document, problems = decoded("ties: {b: [x, y], a: [x, z]}\nsubsets: {c: [1]}\n")

    assert problems == []
    assert [list(document), list(document["ties"])] == [["ties", "subsets"], ["b", "a"]]


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "On", "1.10", "2024-01-01", ".inf", "true", "1:30", "010", "0x1F", "1_000"],
)
def test_an_ambiguous_scalar_is_kept_as_written(text):
    # 1:30 is ninety to YAML 1.1, 010 eight: a number only for those who know.
    document, problems = decoded(f"a: [{text}]")

    assert problems == []
    assert document == {"a": [Misread(text)]}


@pytest.mark.parametrize("text", ["'no'", '"no"', "no-thing", "'1.10'", "1.10.2", "None", "v1", "'@file:x.csv'"])
def test_a_scalar_that_is_text(text):
    assert decoded(f"a: {text}")[0] == {"a": text.strip("'\"")}


def test_plain_whole_numbers_are_numbers():
    assert decoded("a: [1, 0, 37]")[0] == {"a": [1, 0, 37]}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_null_is_no_text(text):
    assert decoded(f"a: {text}\n")[0] == {"a": None}


def test_anchors_and_aliases_are_read():
    text = "a: &id001 [x, y]\nb: *id001\nc: {d: *id001}\n"
    assert decoded(text) == ({"a": ["x", "y"], "b": ["x", "y"], "c": {"d": ["x", "y"]}}, [])


def test_aliases_that_multiply_are_refused():
    # Ten values in ten lists in ten lists ...: a billion values from 300 bytes.
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))]
    assert decoded("\n".join(lines)) == (None, [("", "more than 1000000 values", "alias")])


def test_an_alias_within_itself_is_refused():
    assert decoded("a: &x [*x]")[1][0][2] == "too_deep"


def test_every_repeated_key_is_reported_with_its_line():
    document, problems = decoded("axes: {a: [x], a: [y]}\noutput: {}\noutput: {b: 1}\n'output': 2\n")

    assert problems == [
        ("axes", "a", "duplicate_key"),
        ("", "output", "duplicate_key"),
        ("", "output", "duplicate_key"),
    ]
    assert document == {"axes": {"a": ["x"]}, "output": {}}


@pytest.mark.parametrize(
    ("text", "section", "value"),
    [
        ("no: 1", "", "no"),
        ("a: {1: x}", "a", "1"),
        ("? [x, y]\n: 1", "", "line 1, column 3"),
        ("<<: {a: 1}", "", "<<"),
    ],
)
def test_a_key_is_text(text, section, value):
    assert decoded(text)[1] == [(section, value, "not_text")]


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("a: [*x]", "line 1, column 5", "not_yaml"),
        ("a: !!python/object/apply:os.getcwd []", "line 1, column 4", "tag"),
        ("a: !!str no", "line 1, column 4", "tag"),
        ("a: " + "[" * 100_000, "line 1, column 15", "too_deep"),
        ("a: [x", "line 1, column 6", "not_yaml"),
        ("a: b: c", "line 1, column 5", "not_yaml"),
        ("a: \x07", "line 1", "not_yaml"),
        ("a: 1\n---\nb: 2", "line 2, column 1", "not_yaml"),
        ("- a", ["a"], "not_object"),
        ("plain", "plain", "not_object"),
        ("", None, "empty"),
        ("# nothing", None, "empty"),
        (b"a: \xff", "offset 3", "not_utf8"),
    ],
)
def test_yaml_that_is_no_spec(text, value, problem):
    assert decoded(text) == (None, [("", value, problem)])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": NaN}', "nan"),
        ('{"a": 1,}', "not_json"),
        ("[]", "not_object"),
        (b'{"a": "\xff"}', "not_utf8"),
    ],
)
def test_json_that_is_no_spec(text, problem):
    document, problems = decoded(text, ".json")

    assert document is None
    assert [found[2] for found in problems] == [problem]


def test_a_file_below_a_folder(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.csv").write_bytes(b"x")

    assert read_below(tmp_path, ["a", "b", "c.csv"]) == b"x"


def test_no_link_is_followed_on_the_way(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "c.csv").write_bytes(b"x")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "real" / "link.csv").symlink_to("c.csv")

    with pytest.raises(OSError, match="folder"):
        read_below(tmp_path, ["folder", "c.csv"])
    with pytest.raises(UnreadableError):
        read_below(tmp_path, ["real", "link.csv"])
