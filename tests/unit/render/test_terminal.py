from __future__ import annotations

import re
from io import BytesIO, TextIOWrapper

import pytest

from genaudit.audits.finding_kinds import Kind
from genaudit.codes import CODES
from genaudit.page_model import Action, Column, Section, Table, number_table
from genaudit.render.terminal import print_kinds, print_lines, print_rows, print_sections, print_table, wrapped

HOSTILE = ["[bold]a[/bold]", ":smile:", "a\x1b[31mb", "c\rd", "e\u202ef"]
SHOWN = ["[bold]a[/bold]", ":smile:", r"a\x1b[31mb", r"c\rd", r"e\u202ef"]


def printed(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def uncoloured(capsys):
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()


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


def test_lines_of_a_section_replace_its_tables(capsys):
    table = number_table("t", "A table", ["Stage", "number"], [["draft", 1]])
    print_sections([Section("s", "Title", "Why?", overview=table, tables=(table,), lines=("top", "└─ below"))], 9)
    assert capsys.readouterr().out == "Title\n  top\n  └─ below\n\n"


def test_a_tree_is_drawn_in_ascii_where_strokes_cannot_be_shown(monkeypatch):
    old = TextIOWrapper(BytesIO(), encoding="latin-1", errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", old)
    print_lines(["é", "├─ one", "│  └─ two"])
    old.flush()
    assert old.buffer.getvalue().decode("latin-1") == "é\n|- one\n|  `- two\n"


def test_kinds_of_findings_are_listed_with_their_total(capsys):
    kinds = [Kind(CODES["PARENT_MISSING"], 2, "2 of 3 essays"), Kind(CODES["FIELD_LOOSE_TYPE"], 1)]
    print_kinds(kinds, ["title"])
    lines = printed(capsys)
    assert lines[0] == ["Findings:", "3"]
    assert [line[:3] for line in lines[2:4]] == [["error", "PARENT_MISSING", "2"], ["info", "FIELD_LOOSE_TYPE", "1"]]
    assert lines[2][-4:] == ["2", "of", "3", "essays"]
    print_kinds(kinds, ["fix"], most=1)
    lines = printed(capsys)
    assert lines[0] == ["Findings:", "3", "in", "2", "kinds,", "of", "which", "the", "worst", "1", "are"]
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


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")


@pytest.mark.usefixtures("narrow")
def test_a_narrow_terminal_folds_sentences_and_keeps_words(capsys):
    sentence = "The record names another stage or id than its folder does"
    print_rows(["code", "meaning", "fix"], [["FIELD_CONTRADICTS_FOLDER", sentence, sentence]])
    lines = uncoloured(capsys)
    assert max(map(len, lines)) <= 60
    assert sum("FIELD_CONTRADICTS_FOLDER" in line for line in lines) == 1
    assert {word for line in lines for word in line.split()} >= {*sentence.split()}


@pytest.mark.usefixtures("narrow")
def test_columns_without_room_are_named_below(capsys):
    print_rows([f"column{place}" for place in range(9)], [["x" * 25] * 9])
    lines = uncoloured(capsys)
    assert lines[1].split() == ["x" * 25] * 2
    assert " ".join(lines[2:]).startswith("No room for column2, column3, column4, ")
    assert max(map(len, lines)) <= 60


@pytest.mark.usefixtures("narrow")
def test_the_first_column_is_whole_on_any_terminal(capsys):
    print_rows(["id", "n"], [["x" * 80, 1]])
    assert "x" * 80 in capsys.readouterr().out


def test_a_long_title_is_one_line_in_a_pipe(capsys):
    title = "A title that is wider than the table below it"
    print_table(number_table("t", title, ("a", "b"), [["x", 1]]))
    assert capsys.readouterr().out.splitlines()[0] == title


@pytest.mark.usefixtures("narrow")
def test_a_sentence_goes_on_below_its_label_or_below_the_letters_of_a_wide_one():
    words = " ".join(["word"] * 20)
    assert {len(line) - len(line.lstrip()) for line in wrapped(words, "Label  ")[1:]} == {7}
    wide = wrapped(words, f"{'L' * 40}  ", margin=4)
    assert {len(line) - len(line.lstrip()) for line in wide[1:]} == {4}
    assert max(map(len, wide)) <= 56
