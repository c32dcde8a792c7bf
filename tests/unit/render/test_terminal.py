from __future__ import annotations

import pytest

from genaudit.audits.finding_kinds import Kind
from genaudit.codes import CODES
from genaudit.page_model import Action, Column, Section, Table, number_table
from genaudit.render.terminal import print_kinds, print_lines, print_rows, print_sections, print_table

HOSTILE = ["[bold]a[/bold]", ":smile:", "a\x1b[31mb", "c\rd", "e\u202ef"]
SHOWN = ["[bold]a[/bold]", ":smile:", r"a\x1b[31mb", r"c\rd", r"e\u202ef"]


def printed(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_a_table_is_as_wide_as_its_longest_value(capsys):
    long = "x" * 3000
    print_table(number_table("t", "Title", ("stage", "of"), [[long, 1234], ["draft", None]]))
    assert printed(capsys) == [["Title"], ["stage", "of"], [long, "1,234"], ["draft"]]


def test_text_from_a_store_stays_text(capsys):
    print_table(Table("t", HOSTILE[0], tuple(Column(name, name) for name in HOSTILE), [HOSTILE], 1))
    print_lines(HOSTILE)
    assert printed(capsys) == [[SHOWN[0]], SHOWN, SHOWN, *([name] for name in SHOWN)]


def test_a_section_has_its_sentences_numbers_and_steps(capsys):
    overview = number_table("n", "Numbers", ("stage", "count"), [["draft", 2]])
    action = Action("repair\x1b[2J", ("genaudit x\x1b",), "It is broken.")
    section = Section("k", "Title", "Why?", ("One.", "Two\nthree."), "Good.", overview, actions=(action,))
    print_sections([section, Section("l", "Empty", "Why?", good="Nothing is there.")])
    out = capsys.readouterr().out
    assert [line.rstrip().replace("  count", " count") for line in out.splitlines()] == [
        "Title",
        "  One.",
        r"  Two\nthree.",
        "  Good.",
        "Numbers",
        "stage count",
        "draft      2",
        r"  To repair\x1b[2J: It is broken.",
        r"    genaudit x\x1b",
        "",
        "Empty",
        "  Nothing is there.",
        "",
    ]


def test_kinds_of_findings_are_listed_with_their_total(capsys):
    kinds = [Kind(CODES["PARENT_MISSING"], 2, "2 of 3 essays"), Kind(CODES["FIELD_LOOSE_TYPE"], 1)]
    print_kinds(kinds, ["title"])
    lines = printed(capsys)
    assert lines[0] == ["Findings:", "3"]
    assert [line[:3] for line in lines[2:4]] == [["error", "PARENT_MISSING", "2"], ["info", "FIELD_LOOSE_TYPE", "1"]]
    assert lines[2][-4:] == ["2", "of", "3", "essays"]
    print_kinds(kinds, ["fix"], most=1)
    lines = printed(capsys)
    assert lines[0] == ["Findings:", "3", "of", "2", "kinds,", "the", "worst", "1"]
    assert [line[1] for line in lines[2:]] == ["PARENT_MISSING"]
    print_kinds([], ["title"])
    assert printed(capsys) == [["No", "findings."]]


def test_rows_have_their_headings_and_empty_cells(capsys):
    print_rows(["stage", "of"], [["x" * 300, 1234], ["draft", None]])
    print_rows(["stage"], [])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["stage", "of"],
        ["x" * 300, "1,234"],
        ["draft"],
        ["stage"],
    ]


@pytest.mark.parametrize(("columns", "is_folded"), [(4, True), (9, False)])
def test_a_narrow_terminal_folds_few_columns_only(capsys, monkeypatch, columns, is_folded):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    print_rows([f"column {place}" for place in range(columns)], [["x" * 25] * columns])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.count("x" * 25) == columns for line in lines) != is_folded
