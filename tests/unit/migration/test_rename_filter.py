"""The filter of renames, from options."""

from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.migration.rename_filter import RenameFilter, check_known, choose, ids_given, members_of
from genaudit.store.snapshot import scan
from helpers.migrations import CASCADED, LEGACY_DRAFT, LEGACY_EVALUATION, migratable
from helpers.stores import ESSAY


def test_a_choice_has_one_form():
    chosen = choose(only=["b", "a", "b"], excepted=["z", "y", "z"], stages=["evaluation", "draft"], cohort="c")
    assert chosen == RenameFilter(("a", "b"), ("y", "z"), ("draft", "evaluation"), "c")
    assert choose() == RenameFilter(None, (), None, None)
    # No id at all is not the same as every id.
    assert choose(only=[]).only == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"stages": ["poem"]}, "unknown_stage"),
        ({"only": ["../x"]}, "unsafe_id"),
        ({"excepted": [""]}, "unsafe_id"),
        ({"cohort": "a/b"}, "unsafe_id"),
    ],
)
def test_a_choice_that_is_none(wrong, reason):
    with pytest.raises(DDError) as caught:
        choose(**wrong)
    assert caught.value.ctx["reason"] == reason


def test_ids_come_from_options_and_from_files(tmp_path):
    path = tmp_path / "ids"
    path.write_bytes(b"\xef\xbb\xbf# a comment\r\n one  # why\r\n\r\ntwo\n")
    assert ids_given(["zero", f"@{path}", "three"]) == ["zero", "one", "two", "three"]
    path.write_bytes(b"\xff\xfe")
    for unreadable in (path, tmp_path / "none", tmp_path):
        with pytest.raises(DDError) as caught:
            ids_given([f"@{unreadable}"])
        assert caught.value.ctx["reason"] == "list_unreadable"


def test_a_misspelt_id_is_refused_with_the_nearest(tmp_path):
    snapshot = scan(migratable(tmp_path))
    check_known(choose(only=[LEGACY_DRAFT], excepted=[CASCADED]), snapshot)
    with pytest.raises(DDError) as caught:
        check_known(choose(only=[LEGACY_DRAFT], excepted=[f"{CASCADED}x", "q"]), snapshot)
    assert caught.value.ctx["problems"] == [
        {"gen_id": f"{CASCADED}x", "nearest": CASCADED},
        {"gen_id": "q", "nearest": None},
    ]


def test_the_members_of_a_cohort(tmp_path):
    wanted = {
        ("draft", LEGACY_DRAFT),
        ("essay", CASCADED),
        ("essay", ESSAY),
        ("evaluation", LEGACY_EVALUATION),
    }
    assert members_of(Layout(migratable(tmp_path)), "c1") == wanted
