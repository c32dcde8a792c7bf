"""Lists of a spec, written out or in a file beside it."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec_items import axis_named, read_level, read_levels, read_listing
from genaudit.cohorts.spec_problems import Misread, Report

PAIR = ("essay_template", "essay_llm")


@pytest.fixture
def report():
    return Report("spec", "spec")


def found_in(report):
    return [(found["axis"], found["value"], found["problem"]) for found in report.gathered.problems]


def csv_of(folder, data):
    (folder / "items").mkdir()
    (folder / "items" / "x.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return "@file:items/x.csv"


@pytest.mark.parametrize("header", ["draft_template", "value", " draft_template "])
def test_a_column_is_a_list(tmp_path, report, header):
    reference = csv_of(tmp_path, f"{header}\nb\n a \n")

    assert read_levels("draft_template", reference, tmp_path, report) == ("b", "a")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfdraft_template\nb\na\n",
        b"draft_template\r\nb\r\na\r\n",
        b"\xef\xbb\xbfdraft_template\r\nb\r\na",
        b'"draft_template"\n"b"\n"a"\n',
    ],
    ids=["bom", "crlf", "both, no last line end", "quoted"],
)
def test_a_list_as_other_programs_write_it(tmp_path, report, data):
    assert read_levels("draft_template", csv_of(tmp_path, data), tmp_path, report) == ("b", "a")


def test_several_columns_are_combinations_in_the_order_of_the_axes(tmp_path, report):
    reference = csv_of(tmp_path, 'essay_llm,essay_template\nm,"a, b"\nNone,copy\n')

    assert read_listing(reference, PAIR, tmp_path, report).rows == [["a, b", "m"], ["copy", "None"]]


def test_a_column_of_replicates_may_have_either_name(tmp_path, report):
    reference = csv_of(tmp_path, "essay_template_replicate\n1\n2\n")

    assert read_levels("essay_replicate", reference, tmp_path, report) == (1, 2)


@pytest.mark.parametrize(
    ("data", "axes", "expected"),
    [
        # Without a header the first level would be lost.
        ("a\nb\n", ["draft_template"], ("draft_template", ["a"], "header")),
        ("essay_template,essay\na,b\n", PAIR, (None, ["essay_template", "essay"], "header")),
        ("essay_template,essay_template\na,b\n", PAIR, (None, ["essay_template", "essay_template"], "header")),
        ("essay_template\na\n", PAIR, (None, ["essay_template"], "header")),
        ("essay_template,essay_llm,x\na,b,c\n", PAIR, (None, ["essay_template", "essay_llm", "x"], "header")),
        ("", ["draft_template"], ("draft_template", [], "empty")),
        ("draft_template\n", ["draft_template"], (None, None, "empty")),
        ("draft_template\na\n\nb\n", ["draft_template"], (None, "line 3", "empty")),
        ("draft_template\na,b\n", ["draft_template"], (None, ["a", "b"], "wrong_length")),
        ("essay_template,essay_llm\na\n", PAIR, (None, ["a"], "wrong_length")),
        ('draft_template\n"a\n', ["draft_template"], (None, "unexpected end of data", "not_csv")),
        (b"draft_template\n\xff\n", ["draft_template"], (None, "offset 15", "not_utf8")),
    ],
)
def test_a_malformed_file(tmp_path, report, data, axes, expected):
    read_listing(csv_of(tmp_path, data), axes, tmp_path, report)

    assert found_in(report) == [expected]
    assert report.gathered.problems[0]["file"] == "items/x.csv"


@pytest.mark.parametrize(
    "path",
    [
        "../x.csv",
        "items/../../x.csv",
        "/etc/x.csv",
        "items//x.csv",
        "./x.csv",
        "",
        "items/",
        "a\\x.csv",
        "x\0.csv",
        ".x.csv",
        "~/x.csv",
    ],
)
def test_a_path_never_leaves_the_folder_of_the_spec(tmp_path, report, path):
    spec = tmp_path / "spec"
    (spec / "items").mkdir(parents=True)
    (tmp_path / "x.csv").write_text("value\nsecret\n")

    assert read_levels("draft_template", f"@file:{path}", spec, report) is None
    assert found_in(report) == [(None, f"@file:{path}", "unsafe_path")]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_that_leads_out_is_not_followed(tmp_path, report, kind):
    spec = tmp_path / "spec"
    spec.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.csv").write_text("value\nsecret\n")
    if kind == "folder":
        (spec / "items").symlink_to(tmp_path / "outside")
    else:
        (spec / "items").mkdir()
        (spec / "items" / "x.csv").symlink_to(tmp_path / "outside" / "x.csv")

    assert read_levels("draft_template", "@file:items/x.csv", spec, report) is None
    assert [problem for *_, problem in found_in(report)] == ["unreadable"]


def test_a_file_that_is_not_there(tmp_path, report):
    assert read_levels("draft_template", "@file:items/x.csv", tmp_path, report) is None
    assert found_in(report) == [(None, None, "file_missing")]


def test_a_file_in_another_format(tmp_path, report):
    assert read_levels("draft_template", "@file:x.yaml", tmp_path, report) is None
    assert found_in(report) == [(None, "@file:x.yaml", "unknown_format")]


def test_a_file_beyond_a_mebibyte(tmp_path, report):
    reference = csv_of(tmp_path, "value\n" + "a" * (1 << 20))

    assert read_levels("draft_template", reference, tmp_path, report) is None
    assert [problem for *_, problem in found_in(report)] == ["too_large"]


def test_without_a_folder_there_are_no_files(report):
    assert read_levels("draft_template", "@file:x.csv", None, report) is None
    assert found_in(report) == [(None, "@file:x.csv", "no_folder")]


def test_an_id_is_stripped_and_keeps_its_case(report):
    assert read_level("draft_template", " Draft-A ", report) == "Draft-A"
    assert found_in(report) == []


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (None, "empty"),
        (7, "not_text"),
        (1.1, "not_text"),
        (False, "not_text"),
        (["a"], "not_text"),
        (Misread("1.10"), "not_text"),
        # Joined into the text that is hashed, a|b is two parts.
        ("a|b", "out_of_domain"),
        ("a\nb", "out_of_domain"),
        ("@file:x.csv", "out_of_domain"),
        ("None", "out_of_domain"),
    ],
)
def test_a_value_that_is_no_id(report, raw, problem):
    value = "1.10" if isinstance(raw, Misread) else raw

    assert read_level("draft_llm", raw, report) is None
    assert found_in(report) == [("draft_llm", value, problem)]


def test_only_an_essay_may_have_no_model(report):
    assert read_level("essay_llm", "None", report) == "None"
    for axis in ("draft_llm", "evaluation_llm", "essay_template", "combo_id"):
        assert read_level(axis, "None", report) is None


@pytest.mark.parametrize(("raw", "replicate"), [(1, 1), ("2", 2), (" 3 ", 3), (4.0, 4), (2**31 - 1, 2**31 - 1)])
def test_a_replicate(report, raw, replicate):
    level = read_level("essay_replicate", raw, report)

    assert (level, type(level)) == (replicate, int)


@pytest.mark.parametrize("raw", [0, -1, 1.5, True, None, "", "one", [1], 2**31, Misread("010")])
def test_a_value_that_is_no_replicate(report, raw):
    assert read_level("essay_replicate", raw, report) is None
    assert [problem for *_, problem in found_in(report)] == ["out_of_domain"]


@pytest.mark.parametrize(
    ("axis", "raw", "twin"),
    [
        ("draft_template", ["a", "b", "a"], "a"),
        # Ids are lower-cased before they are hashed: one signature.
        ("draft_template", ["a", "A"], "A"),
        ("draft_template", ["a", " a"], "a"),
        ("draft_replicate", [1, 2, "1"], 1),
    ],
)
def test_a_level_that_stands_twice(report, axis, raw, twin):
    assert read_levels(axis, raw, None, report) is None
    assert found_in(report) == [(axis, twin, "duplicate")]


def test_all_bad_levels_are_reported(report):
    assert read_levels("draft_template", ["a", 1, "b|c", ""], None, report) is None
    assert [problem for *_, problem in found_in(report)] == ["not_text", "out_of_domain", "empty"]


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("combo_id", "combo_id"),
        ("essay_template_replicate", "essay_replicate"),
        ("essay_replicate", "essay_replicate"),
    ],
)
def test_an_axis_by_either_name(report, name, axis):
    assert axis_named(name, report) == axis


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("evaluation_tempalte", "evaluation_template"),
        ("Combo_ID", "combo_id"),
        ("draft_template_replicates", "draft_template_replicate"),
        ("xyz", None),
    ],
)
def test_an_unknown_axis_and_the_nearest_one(report, name, nearest):
    assert axis_named(name, report) is None
    assert report.gathered.problems == [
        {"file": "spec", "section": "", "axis": name, "value": name, "problem": "unknown", "nearest": nearest}
    ]
