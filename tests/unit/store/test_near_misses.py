from __future__ import annotations

from random import Random

import pytest

from genaudit.store.near_misses import NearMisses, near_ids
from helpers.stores import DRAFT


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("d_5ezrffv9uf3lr37x", DRAFT),  # last digit wrong
        ("5ezrffv9uf3lr37d", DRAFT),  # prefix lost
        ("d_xezrffv9uf3lr37d", DRAFT),  # first digit wrong
        ("d_5ezrffvx", None),  # only seven digits in common
        ("d_", None),
    ],
)
def test_near_misses_share_eight_digits(asked, found):
    assert NearMisses([DRAFT, "d_1z2eobtuv71xs5az"]).find(asked) == found


def test_near_misses_of_an_empty_stage():
    assert NearMisses([]).find(DRAFT) is None


def test_a_wrong_character_anywhere_leads_to_the_id_among_many():
    draw = Random(7)  # noqa: S311
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    names = ["d_" + "".join(draw.choices(digits, k=16)) for _ in range(5000)]
    for place in range(2, 18):
        name = names[draw.randrange(len(names))]
        typed = name[:place] + "_" + name[place + 1 :]
        assert near_ids(typed, names)[0] == name


def test_a_beginning_lists_the_ids_that_begin_so():
    names = ["d_abc1", "d_abc2", "d_abc3", "d_abc4", "d_xyz1"]
    assert set(near_ids("d_abc", names)) < {"d_abc1", "d_abc2", "d_abc3", "d_abc4"}
    assert len(near_ids("d_abc", names)) == 3


def test_nothing_near():
    assert near_ids("zzzz", [DRAFT]) == ()
    assert near_ids("", []) == ()
