from __future__ import annotations

import pandas as pd
import pytest

from genaudit.cohorts.membership_rows import normal_membership
from genaudit.errors import DDError, Err
from helpers.membership import COLUMNS, MEMBERS, member, membership_frame, plain


def normal(members, **named):
    return normal_membership(membership_frame(members, **named), "c1", "membership.csv")


def problems_of(frame):
    with pytest.raises(DDError) as caught:
        normal_membership(frame, "c1", "some/membership.csv")
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "invalid_rows"
    assert caught.value.ctx["path"] == "some/membership.csv"
    return caught.value.ctx["problems"]


def test_rows_in_normal_form_stay_as_they_are():
    frame = normal(MEMBERS)
    assert tuple(frame.columns) == (*COLUMNS, "mode")
    assert plain(frame) == list(MEMBERS)
    assert [str(dtype) for dtype in frame.dtypes] == ["str"] * 7 + ["Int32", "str"]


def test_without_a_mode_none_is_made_up():
    assert tuple(normal(MEMBERS, mode=False).columns) == COLUMNS


def test_no_rows():
    assert tuple(normal([]).columns) == (*COLUMNS, "mode")
    assert len(normal([])) == 0


def test_text_is_stripped_and_blank_is_missing():
    rows = normal(
        [member(" draft ", "\td_1 ", combo_id="  ", template_id=" T ", llm_model_id="", origin_cohort_id=" ")]
    )
    assert plain(rows) == [
        {"stage": "draft", "gen_id": "d_1", "origin_cohort_id": "c1", "template_id": "T", "mode": "llm"}
    ]


def test_stages_come_in_order_and_members_in_theirs():
    mixed = [("evaluation", "v_2"), ("draft", "d_2"), ("essay", "e_1"), ("evaluation", "v_1"), ("draft", "d_1")]
    frame = normal([member(*key) for key in mixed])
    assert frame["gen_id"].tolist() == ["d_2", "d_1", "e_1", "v_2", "v_1"]


def test_a_repeated_row_counts_once():
    assert plain(normal([MEMBERS[0], *MEMBERS, MEMBERS[2]])) == list(MEMBERS)


def test_one_id_in_two_stages_is_two_members():
    assert normal([member("draft", "x"), member("essay", "x")])["stage"].tolist() == ["draft", "essay"]


def test_the_cohort_in_a_row_is_kept_as_origin():
    assert normal([member("draft", "d_1", origin_cohort_id="older")])["origin_cohort_id"].tolist() == ["older"]


@pytest.mark.parametrize(
    ("written", "meant"), [("2", 2), (2, 2), (2.0, 2), ("2.0", 2), ("007", 7), (2147483647,) * 2]
)
def test_replicates_are_understood(written, meant):
    frame = membership_frame([member("draft", "d_1")])
    frame["replicate"] = pd.Series([written], dtype=object)
    assert normal_membership(frame, "c1", "p")["replicate"].tolist() == [meant]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("stage", "drafts", "unknown_stage"),
        ("stage", "Draft", "unknown_stage"),
        ("stage", None, "unknown_stage"),
        ("stage", 1, "not_text"),
        ("gen_id", None, "empty_id"),
        ("gen_id", "  ", "empty_id"),
        ("gen_id", "../d_1", "unsafe_id"),
        ("gen_id", "a/b", "unsafe_id"),
        ("gen_id", "d\n1", "unsafe_id"),
        ("gen_id", "x" * 129, "unsafe_id"),
        ("gen_id", 17, "not_text"),
        ("combo_id", ["a"], "not_text"),
        ("template_id", "a\nb", "unprintable"),
        ("llm_model_id", "a\ud800", "unprintable"),
        ("parent_gen_id", 3.5, "not_text"),
        ("origin_cohort_id", "a\x00", "unprintable"),
        ("replicate", 0, "out_of_domain"),
        ("replicate", True, "out_of_domain"),
        ("replicate", 1.5, "out_of_domain"),
        ("replicate", "two", "out_of_domain"),
        ("replicate", 2**31, "out_of_domain"),
        ("mode", "LLM", "out_of_domain"),
        ("mode", "manual", "out_of_domain"),
    ],
)
def test_a_value_that_cannot_be(field, value, problem):
    frame = membership_frame([member("draft", "d_1", replicate=1), member("draft", "d_2", replicate=1)])
    frame[field] = pd.Series([frame[field].iloc[0], value], dtype=object)
    plain_value = value if isinstance(value, (str, int, float, type(None))) else repr(value)
    assert problems_of(frame) == [
        {"path": "some/membership.csv", "line": 3, "field": field, "value": plain_value, "problem": problem}
    ]


def test_all_problems_are_raised_together():
    rows = [
        member("drafts", "", replicate=1),
        member("draft", "d_1", template_id="a"),
        member("draft", "d_1", template_id="b", combo_id="c"),
        member("draft", "-x"),
    ]
    frame = membership_frame(rows)
    frame["replicate"] = pd.Series([-1, None, None, None], dtype=object)
    found = problems_of(frame)
    assert {(each["line"], each["field"], each["problem"]) for each in found} == {
        (2, "stage", "unknown_stage"),
        (2, "gen_id", "empty_id"),
        (2, "replicate", "out_of_domain"),
        (4, "gen_id", "duplicate_disagrees"),
        (5, "gen_id", "unsafe_id"),
    }
    assert len(found) == 5
    duplicate = next(each for each in found if each["problem"] == "duplicate_disagrees")
    assert duplicate["value"] == "d_1"
    assert duplicate["first_line"] == 3
    assert duplicate["fields"] == ["combo_id", "template_id"]


@pytest.mark.parametrize("missing", ["stage", "gen_id", "replicate", "origin_cohort_id"])
def test_missing_columns(missing):
    found = problems_of(membership_frame(MEMBERS).drop(columns=missing))
    assert [(each["field"], each["problem"]) for each in found] == [(missing, "column_missing")]


def test_unknown_columns_are_dropped():
    frame = membership_frame(MEMBERS).assign(origin="new", cohort_id="x")
    assert tuple(normal_membership(frame, "c1", "p").columns) == (*COLUMNS, "mode")


def test_the_frame_that_was_given_is_not_changed():
    frame = membership_frame([member("essay", " e_1"), member("draft", "d_1")])
    before = frame.copy()
    normal_membership(frame, "c2", "p")
    pd.testing.assert_frame_equal(frame, before)
