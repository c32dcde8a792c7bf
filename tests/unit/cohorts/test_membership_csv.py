from __future__ import annotations

from hashlib import sha256

import pytest

from genaudit.cohorts.membership_csv import MembershipForm, parse_membership, render_membership
from genaudit.cohorts.membership_rows import normal_membership
from genaudit.errors import DDError, Err
from helpers.membership import COLUMNS, DETAILS, MEMBERS, member, membership_csv, membership_frame, plain

WIDE = b"""\
stage,gen_id,cohort_id,parent_gen_id,combo_id,template_id,llm_model_id,replicate
draft,d_5ezrffv9uf3lr37d,c1,,combo_v1_85128e4e5ef3,creative-synthesis-v10,gemini_25_pro,1
essay,e_sq5klak2lljyyom,c1,d_5ezrffv9uf3lr37d,,creative-synthesis-v10,,1
evaluation,v_1k3,c1,e_sq5klak2lljyyom,,novelty,sonnet-4,2
"""
SLIM = b"""\
stage,gen_id,cohort_id
draft,d_5ezrffv9uf3lr37d,c1
essay,e_sq5klak2lljyyom,c1
evaluation,v_1k3,c1
"""
WITHOUT_MODE = [{name: value for name, value in each.items() if name != "mode"} for each in MEMBERS]


def parse(data, cohort="c1"):
    return parse_membership(data, cohort, "c1/membership.csv")


def problems_of(data):
    with pytest.raises(DDError) as caught:
        parse(data)
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "invalid_rows"
    assert caught.value.ctx["path"] == "c1/membership.csv"
    problems = caught.value.ctx["problems"]
    assert all({"path", "line", "field", "value", "problem"} <= each.keys() for each in problems)
    return [(each["line"], each["field"], each["problem"]) for each in problems]


def test_the_bytes_of_both_forms():
    frame = normal_membership(membership_frame(MEMBERS), "c1", "p")
    assert render_membership(frame, COLUMNS) == WIDE
    assert render_membership(frame, COLUMNS[:3]) == SLIM


@pytest.mark.parametrize(
    ("form", "named", "left_out"),
    [
        ("wide", MembershipForm.WIDE, ()),
        ("wide_without_replicate", MembershipForm.WIDE, ("replicate",)),
        ("slim", MembershipForm.SLIM, DETAILS),
        ("two_column", MembershipForm.TWO_COLUMN, DETAILS),
    ],
)
def test_every_form_is_read(form, named, left_out):
    membership = parse(membership_csv("c1", MEMBERS, form))
    assert plain(membership.frame) == [
        {name: value for name, value in each.items() if name not in left_out} for each in WITHOUT_MODE
    ]
    assert MembershipForm.of(membership.columns) is named
    assert membership.canonical() == membership_csv("c1", MEMBERS, form)


def test_values_in_unknown_columns_are_counted():
    data = b"stage,note,gen_id,,note,cost\ndraft,x,d_1,, ,\ndraft,,d_2,,y,\ndraft,,d_3,,, \n"
    assert parse(data).others == {"note": 2, "": 0, "cost": 0}
    assert parse(WIDE).others == {}


def test_the_digest_is_that_of_the_files_own_bytes():
    data = b"\xef\xbb\xbf" + WIDE
    assert parse(data).sha256 == sha256(data).hexdigest() != parse(WIDE).sha256
    assert parse(data).canonical() == parse(WIDE).canonical() == WIDE


def test_a_form_without_cohorts_takes_the_folders():
    assert parse(b"stage,gen_id\ndraft,d_1\n", "mine").frame["origin_cohort_id"].tolist() == ["mine"]
    slim = parse(b"stage,gen_id,cohort_id\ndraft,d_1,\ndraft,d_2,theirs\n", "mine")
    assert slim.frame["origin_cohort_id"].tolist() == ["mine", "theirs"]


def reordered(data):
    rows = [line.split(b",") for line in data.splitlines()]
    return b"\n".join(b",".join(reversed(row)) for row in rows)


@pytest.mark.parametrize("data", [WIDE, SLIM])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"draft,d_5ezrffv9uf3lr37d", b'"draft","d_5ezrffv9uf3lr37d"'),
        lambda data: data.replace(b"stage,gen_id", b'"stage"," gen_id "'),
        lambda data: data.replace(b"evaluation,", b" evaluation ,"),
        lambda data: data.removesuffix(b"\n"),
        lambda data: data.replace(b"\n", b"\n\n"),
        lambda data: data.replace(b"\n", b",x\n").replace(b",x\n", b",note\n", 1),
        lambda data: data.replace(b"\n", b",,\n"),
        reordered,
    ],
)
def test_files_saved_by_other_programs_are_read(data, change):
    assert change(data) != data
    changed = parse(change(data))
    assert plain(changed.frame) == plain(parse(data).frame)
    assert changed.canonical() == data


def test_values_that_need_quotes():
    rows = [member("draft", "d_1", template_id='a "b", c', combo_id="x,y", llm_model_id="é\u2028ü")]
    data = render_membership(normal_membership(membership_frame(rows), "c1", "p"), COLUMNS)
    assert plain(parse(data).frame)[0] == {name: value for name, value in rows[0].items() if name != "mode"}


def test_an_empty_membership():
    assert len(parse(b"stage,gen_id,cohort_id\n").frame) == 0
    assert tuple(parse(b"gen_id,stage").frame.columns) == COLUMNS


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"", [(1, None, "no_header")]),
        (b"\xef\xbb\xbf\n\n", [(1, None, "no_header")]),
        (b"draft,d_1\n", [(1, "stage", "column_missing"), (1, "gen_id", "column_missing")]),
        (b"Stage,gen_id\n", [(1, "stage", "column_missing")]),
        (b"stage,gen_id,gen_id\ndraft,a,b\n", [(1, "gen_id", "column_duplicate")]),
        (
            b"stage,gen_id,cohort_id,cohort_id,replicate,replicate\n",
            [(1, "cohort_id", "column_duplicate"), (1, "replicate", "column_duplicate")],
        ),
        (b"stage,gen_id\ndraft,d_1\xff\n", [(2, None, "not_utf8")]),
        ("stage,gen_id\n".encode("utf-16"), [(1, None, "not_utf8")]),
        (b'stage,gen_id\n"draft"x,d_1\n', [(2, None, "not_csv")]),
        (b'stage,gen_id\ndraft,"d_1\n', [(2, None, "not_csv")]),
        (b"stage,gen_id\ndraft\ndraft,d_1,x\n", [(2, None, "wrong_length"), (3, None, "wrong_length")]),
        (b"stage,gen_id\ndrafts,d_1\n", [(2, "stage", "unknown_stage")]),
        (b"stage,gen_id\n,d_1\n", [(2, "stage", "unknown_stage")]),
        (b"stage,gen_id\ndraft,\n", [(2, "gen_id", "empty_id")]),
        (b'stage,gen_id\ndraft," "\n', [(2, "gen_id", "empty_id")]),
        (b"stage,gen_id\ndraft,../../etc\n", [(2, "gen_id", "unsafe_id")]),
        (b'stage,gen_id\n\ndraft,"d\n1"\ndraft,\n', [(4, "gen_id", "unsafe_id"), (5, "gen_id", "empty_id")]),
        (b"stage,gen_id,replicate\ndraft,d_1,0\n", [(2, "replicate", "out_of_domain")]),
        (
            b"stage,gen_id,template_id\ndraft,d_1,a\nessay,e_1,a\ndraft,d_1,b\n",
            [(4, "gen_id", "duplicate_disagrees")],
        ),
        (b"stage,gen_id,cohort_id\ndraft,d_1,c1\ndraft,d_1,c2\n", [(3, "gen_id", "duplicate_disagrees")]),
        (
            b"stage,gen_id,template_id\nessays,,\ndraft,d_1\ndraft,-,x\n",
            [
                (2, "gen_id", "empty_id"),
                (2, "stage", "unknown_stage"),
                (3, None, "wrong_length"),
                (4, "gen_id", "unsafe_id"),
            ],
        ),
    ],
)
def test_unreadable_files(data, problems):
    assert sorted(problems_of(data), key=str) == sorted(problems, key=str)


def test_duplicates_that_agree_are_one_row():
    assert parse(b"stage,gen_id,note\ndraft,d_1,x\ndraft, d_1,y\n").frame["gen_id"].tolist() == ["d_1"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheets_delimiter_is_named(delimiter):
    data = WIDE.replace(b",", delimiter.encode())
    assert problems_of(data) == [(1, None, "delimiter")]


def test_blank_rows_and_decimals_of_a_spreadsheet_are_accepted():
    data = WIDE.replace(b",1\n", b",1.00\n").replace(b"essay,", b",,,,,,,\nessay,") + b" , ,,,,,,\n"
    assert plain(parse(data).frame) == plain(parse(WIDE).frame)


@pytest.mark.parametrize("replicate", ["1.5", "1.", "0.00", "1,00"])
def test_other_decimals_are_out_of_domain(replicate):
    data = WIDE.replace(b",2\n", f',"{replicate}"\n'.encode())
    assert problems_of(data) == [(4, "replicate", "out_of_domain")]
