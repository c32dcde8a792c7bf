from __future__ import annotations

import pytest

from genaudit.cohorts.listing import choose_cohorts, list_cohorts
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from helpers.membership import write_membership_csv


@pytest.fixture
def cohorts(root, tmp_path):
    """A data root with three cohorts, a folder that is none, and two that cannot be one."""
    for name in ("pilot-2025", "wide", "wider"):
        write_membership_csv(root, name)
    (root / "cohorts" / "only-a-spec" / "spec").mkdir(parents=True)
    (root / "cohorts" / ".cache").mkdir()
    (root / "cohorts" / "notes.txt").write_text("")
    (root / "cohorts" / "linked").symlink_to(tmp_path)
    write_membership_csv(root, "-odd")
    return Layout(root)


def refused(layout, *named):
    with pytest.raises(DDError) as caught:
        choose_cohorts(layout, named)
    return caught.value.code, caught.value.ctx


def test_folders_with_a_membership_are_listed_and_others_have_a_reason(cohorts):
    found = list_cohorts(cohorts)
    assert list(found) == ["-odd", "linked", "pilot-2025", "wide", "wider"]
    assert {name: error.ctx["reason"] for name, error in found.items() if error} == {
        "-odd": "unsafe_id",
        "linked": "unsafe_path",
    }


def test_without_a_name_all_are_chosen(cohorts):
    assert choose_cohorts(cohorts, ()).keys() == list_cohorts(cohorts).keys()


def test_named_ones_are_chosen_once_and_sorted(cohorts):
    assert choose_cohorts(cohorts, ["wider", "pilot-2025", "wider"]) == {"pilot-2025": None, "wider": None}


def test_unknown_names_are_reported_with_the_nearest(cohorts):
    code, ctx = refused(cohorts, "pilot", "wide", "widr", "only-a-spec")
    assert (code, ctx["reason"]) == (Err.DATA_MISSING, "cohort_not_found")
    assert ctx["problems"] == [
        {"cohort_id": "pilot", "nearest": ["pilot-2025"]},
        {"cohort_id": "widr", "nearest": ["wider", "wide"]},
        {"cohort_id": "only-a-spec", "nearest": []},
    ]


@pytest.mark.parametrize("name", ["..", "a/b", ""])
def test_an_unsafe_name(cohorts, name):
    code, ctx = refused(cohorts, name)
    assert (code, ctx["reason"], ctx["cohort_id"]) == (Err.INVALID_CONFIG, "unsafe_id", name)


def test_a_root_without_cohorts_and_no_root(root, tmp_path):
    assert list_cohorts(Layout(root)) == {}
    with pytest.raises(DDError) as caught:
        list_cohorts(Layout(tmp_path / "none"))
    assert caught.value.ctx["reason"] == "no_such_root"
