"""Binding axes: what the rules rely on beyond what their own tests show."""

from __future__ import annotations

import pytest

from genaudit.cohorts import spec_design
from genaudit.cohorts.spec_design import Design, TooManyRowsError
from genaudit.cohorts.spec_model import Factor


def factor(axes, *rows, **options):
    return Factor(tuple(axes.split()), tuple(tuple(row.split()) for row in rows), **options)


def test_giving_up_an_axis_gives_up_what_varies_with_it():
    kept = factor("c", "z")
    design = Design([factor("a b", "x y"), kept])

    design.break_off(["b", "nowhere"])

    assert design.factors == [kept]
    assert design.broken == {"a", "b", "nowhere"}


def test_a_tie_that_leaves_nothing_changes_nothing():
    factors = [factor("a", "x"), factor("b", "y")]
    design = Design([*factors])

    assert design.tie(["a", "b"]) is False
    assert design.factors == factors


def test_a_join_is_counted_before_it_is_made(monkeypatch):
    # Both sides have three rows with the level x: nine rows.
    design = Design([factor("a b", "x 1", "x 2", "x 3"), factor("c d", "x 4", "x 5", "x 6")])
    before = [*design.factors]

    monkeypatch.setattr(spec_design, "MAX_ROWS", 8)
    with pytest.raises(TooManyRowsError):
        design.tie(["a", "c"])
    assert design.factors == before

    monkeypatch.setattr(spec_design, "MAX_ROWS", 9)
    assert design.tie(["a", "c"]) is True
    assert len(design.factors[0].rows) == 9


def test_who_bound_the_axes_is_remembered():
    design = Design([factor("a", "x"), factor("b", "x"), factor("c", "x")])

    design.bind(["a", "b"], [("x", "x")], "p")
    design.tie(["c", "a"])

    assert design.factors == [factor("a b c", "x x x", bound_by=("p",))]
    assert design.levels("c") == ("x",)
    assert design.levels("d") == ()
