import json

import pytest

from genaudit.audits.file_types import FileType, placed
from genaudit.audits.structured_files import ESCAPED, MalformedError, cells_of, names_ids

TABLE = placed("1_raw/x.csv", in_store=True)


def cells(data, place=TABLE):
    data = data.encode() if isinstance(data, str) else data
    found = [*cells_of(data, place)]
    for cell in found:
        if cell.problem != ESCAPED:
            assert len(data[cell.start : cell.start + len(cell.text)]) == len(cell.text)
    return found


def listed(data, place=TABLE):
    return [(cell.start, cell.text.decode(), cell.field, cell.problem) for cell in cells(data, place)]


def test_a_table_is_taken_apart_with_the_place_of_each_cell():
    assert listed('a,b\r\n1,"x ""y"", z"\r\n\r\n,2\n') == [
        (0, "a", "a", "column_name"),
        (2, "b", "b", "column_name"),
        (5, "1", "a", None),
        (8, 'x ""y"", z', "b", None),
        (24, "2", "b", None),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert listed(b"\xef\xbb\xbfgen_id\nd_1\n")[1] == (10, "d_1", "gen_id", None)


def test_a_line_may_break_inside_quotes_and_a_row_may_be_ragged():
    assert listed('a,b\n"1\n2",3,4\n5\n')[2:] == [
        (5, "1\n2", "a", None),
        (10, "3", "b", None),
        (12, "4", "", "no_column"),
        (14, "5", "a", None),
    ]


def test_tabs_are_for_tsv():
    assert [text for _, text, *_ in listed("a\tb,c\n1\t2\n", placed("x.tsv", in_store=True))] == [
        "a",
        "b,c",
        "1",
        "2",
    ]


@pytest.mark.parametrize("data", ['a\n"x', 'a\n"x"y\n', 'a\n"x" ,2\n'])
def test_a_file_that_is_no_table_is_refused(data):
    with pytest.raises(MalformedError) as caught:
        cells(data)
    assert caught.value.reason == "not_csv"


def test_a_first_row_with_an_id_is_no_header():
    with pytest.raises(MalformedError) as caught:
        cells("d_5ezrffv9uf3lr37d,1\n")
    assert caught.value.reason == "no_header"


def test_an_empty_file_has_no_cells():
    assert cells("") == cells("\n\n") == cells("\n", placed("selected_essays.txt", in_store=True)) == []


@pytest.mark.parametrize(
    ("field", "own", "due"),
    [
        ("gen_id", "essay", (True, "essay")),
        ("gen_ids", None, (True, None)),
        ("parent_gen_id", "essay", (True, "draft")),
        ("parent_gen_id", "draft", (True, None)),
        ("parent_gen_id", None, (True, None)),
        ("draft_gen_id", "evaluation", (True, "draft")),
        ("copied_from", "essay", (True, None)),
        ("my_gen_id", "essay", (False, None)),
        ("combo_id", "essay", (False, None)),
    ],
)
def test_a_column_name_gives_whether_it_holds_ids_and_of_which_stage(field, own, due):
    assert names_ids(field, own) == due


def test_the_row_of_a_membership_gives_the_stage():
    found = cells("stage,gen_id,parent_gen_id\nessay,e_1,d_1\nevaluation ,v_1,e_1\nother,x,y\n")
    stages = [(cell.text.decode(), cell.stage) for cell in found if cell.names_ids]
    assert stages == [
        ("e_1", "essay"),
        ("d_1", "draft"),
        ("v_1", "evaluation"),
        ("e_1", "essay"),
        ("x", None),
        ("y", None),
    ]


def test_a_table_of_scores_is_about_evaluations():
    found = cells("gen_id,parent_gen_id\nv_1,e_1\n", placed("aggregated_scores.csv", in_store=False))
    assert [cell.stage for cell in found[2:]] == ["evaluation", "essay"]


def test_a_document_is_taken_apart_with_pointers():
    text = '{"a/b~": ["x", {"c": "y"}], "n": 1, "d": {}, "e": [], "f": "z"}'
    assert listed(text, placed("x.json", in_store=True)) == [
        (2, "a/b~", "", None),
        (11, "x", "/a~1b~0/0", None),
        (17, "c", "/a~1b~0/1", None),
        (22, "y", "/a~1b~0/1/c", None),
        (29, "n", "", None),
        (37, "d", "", None),
        (46, "e", "", None),
        (55, "f", "", None),
        (60, "z", "/f", None),
    ]


def test_every_pointer_leads_to_its_text():
    document = {"k": [[], [{"a": "1", "b": [["2"], "3"]}], "4"], "l": {"m": {"n": "5"}}, "": {"~/": "6"}}
    values = {}
    for cell in cells(json.dumps(document), placed("x.json", in_store=True)):
        value = document
        for part in cell.field.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        if isinstance(value, str):
            values[value] = cell.text.decode()
        else:
            assert cell.text.decode() in value
    assert values == {number: number for number in "123456"}


def test_escapes_keep_their_room_and_an_escaped_id_is_decoded():
    place = placed("x.json", in_store=True)
    assert listed(r'["\nd_1\u00e9\"d_2"]', place) == [(2, r"\\d_1\\\\\\\\d_2", "/0", None)]
    assert listed(r'["\u202e\ud83d\ude00d_2"]', place) == [(2, "\\" * 18 + "d_2", "/0", None)]
    assert listed(r'["\u0064_1"]', place) == [(2, "d_1", "/0", ESCAPED)]


def test_a_manifest_names_its_members_by_stage():
    text = '{"entries": {"essay": {"e_1": {"parent_gen_id": "d_1", "template_id": "x"}}}, "cohort_id": "c"}'
    found = cells(text, placed("c/stage_manifest.json", in_store=True))
    assert [(cell.text.decode(), cell.field, cell.stage) for cell in found if cell.names_ids] == [
        ("e_1", "/entries/essay", "essay"),
        ("d_1", "/entries/essay/e_1/parent_gen_id", "draft"),
    ]


def test_a_record_is_of_its_folders_stage():
    found = cells('{"gen_id": "v_1", "parent_gen_id": "e_1"}', FileType(TABLE.kind.RECORD, "json", "evaluation"))
    assert [cell.stage for cell in found if cell.names_ids] == ["evaluation", "essay"]


def test_one_document_a_line_is_accepted():
    found = listed('{"a": "x"}\n\n["y"]\n', placed("x.jsonl", in_store=True))
    assert [(text, field) for _, text, field, _ in found] == [("a", ""), ("x", "/a"), ("y", "/0")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [('{"a": ', "not_json"), ('{"a": NaN}', "not_json"), (b'["\xff"]', "not_utf8"), ("", "not_json")],
)
def test_a_file_that_is_no_document_is_refused(data, reason):
    with pytest.raises(MalformedError) as caught:
        cells(data, placed("x.json", in_store=True))
    assert caught.value.reason == reason


def test_a_notebook_has_sources_and_outputs():
    book = {"cells": [{"source": ["d_1"], "outputs": [{"data": {"text/plain": ["d_2"]}}]}]}
    found = listed(json.dumps(book), placed("x.ipynb", in_store=True))
    problems = {text: problem for _, text, _, problem in found}
    assert (problems["d_1"], problems["d_2"]) == ("notebook_source", "notebook_output")


def test_a_selection_has_lines_and_comments():
    place = placed("2_tasks/selected_essays.txt", in_store=True)
    found = cells("# e_1 first\n e_2\r\n\n", place)
    assert [(cell.start, cell.text, cell.names_ids, cell.stage, cell.problem) for cell in found] == [
        (0, b"# e_1 first", False, "essay", "comment"),
        (12, b" e_2\r", True, "essay", None),
    ]
