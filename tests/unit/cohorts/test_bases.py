"""Joins by signature, against loops over the same rows."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from genaudit.cohorts.bases import Bases, counted
from genaudit.encoded import MISSING, encode

NAMES = [f"v_{number:03}" for number in range(200)]


def random_rows(random, count):
    """Signatures with few distinct parts, so that many are equal."""
    return [(random.choice("abcd"), random.choice("xyz"), random.choice("mn")) for _ in range(count)]


@pytest.fixture(params=range(5))
def stored(request):
    """Stored signatures with their replicates, and the bases made of them."""
    random = Random(request.param)  # noqa: S311 (a store for a test)
    rows = random_rows(random, len(NAMES) if request.param else 0)
    replicates = [random.randint(1, 9) for _ in rows]
    columns = list(zip(*rows, strict=True)) or [()] * 3
    return rows, replicates, Bases(list(map(encode, columns)), np.array(replicates, dtype=np.int64))


def wanted_of(stored):
    others = [("new", "x", "m"), ("a", "new", "m"), (" A ", "X", "m"), ("a", None, "m")]
    wanted = [*random_rows(Random(99), 50), *others]  # noqa: S311 (as above)
    columns = list(map(encode, zip(*wanted, strict=True)))
    groups = stored[2].find([stored[2].codes(place, column) for place, column in enumerate(columns)])
    normal = [tuple(part and part.strip().lower() for part in each) for each in wanted]
    return normal, groups


def test_the_members_of_each_wanted_signature(stored):
    rows, _, bases = stored
    wanted, groups = wanted_of(stored)
    for most in (1, 3, 1000):
        counts, members = bases.members(groups, most)
        expected = [[row for row, base in enumerate(rows) if base == each][:most] for each in wanted]
        assert counts.tolist() == list(map(len, expected))
        assert members.tolist() == [row for each in expected for row in each]


def test_the_highest_replicate_and_the_first_and_last_generation_with_one(stored):
    rows, replicates, bases = stored
    wanted, groups = wanted_of(stored)
    for replicate in range(1, 10):
        alike = [[row for row, base in enumerate(rows) if base == each] for each in wanted]
        with_it = [[row for row in each if replicates[row] == replicate] for each in alike]
        numbers = np.full(len(wanted), replicate)
        assert bases.first(groups, numbers).tolist() == [each[0] if each else MISSING for each in with_it]
        assert bases.last(groups, numbers).tolist() == [each[-1] if each else MISSING for each in with_it]
        assert bases.highest_of(groups).tolist() == [
            max((replicates[row] for row in each), default=0) for each in alike
        ]


def test_rows_are_counted_within_their_groups():
    groups, flags = np.array([7, 2, 7, 7, 2]), np.array([1, 1, 0, 1, 1])
    assert counted(groups, flags).tolist() == [1, 1, 1, 2, 2]
