"""Rows of a design, one at a time."""

from __future__ import annotations

import tracemalloc
from itertools import islice

from genaudit.cohorts.spec import expand, parse_spec


def test_the_first_axis_is_the_slowest_whatever_the_columns():
    spec = parse_spec(
        {
            "axes": {"combo_id": ["x", "y"], "draft_llm": ["m", "n"], "draft_replicate": [1, 2]},
            "output": {"field_order": ["draft_replicate", "combo_id", "draft_llm"]},
        }
    )

    rows = list(expand(spec))

    assert [list(row) for row in rows] == [["draft_replicate", "combo_id", "draft_llm"]] * 8
    assert [tuple(row.values()) for row in rows] == [
        (1, "x", "m"),
        (2, "x", "m"),
        (1, "x", "n"),
        (2, "x", "n"),
        (1, "y", "m"),
        (2, "y", "m"),
        (1, "y", "n"),
        (2, "y", "n"),
    ]


def test_a_bound_factor_gives_its_levels_back_to_its_columns():
    spec = parse_spec(
        {
            "axes": {"combo_id": ["x"]},
            "rules": {
                "tuples": {"t": {"axes": ["essay_template", "essay_llm"], "items": [["s", "None"], ["t", "m"]]}}
            },
            "output": {"field_order": ["essay_llm", "combo_id", "essay_template"]},
        }
    )

    assert list(expand(spec)) == [
        {"essay_llm": "None", "combo_id": "x", "essay_template": "s"},
        {"essay_llm": "m", "combo_id": "x", "essay_template": "t"},
    ]


def test_a_large_design_is_made_row_by_row():
    axes = ["combo_id", "draft_template", "essay_template", "evaluation_template"]
    spec = parse_spec(
        {"axes": {axis: [f"{axis}-{n}" for n in range(30)] for axis in axes}, "output": {"field_order": axes}}
    )
    assert spec.row_count == 810_000

    tracemalloc.start()
    try:
        rows = expand(spec)
        first = next(rows)
        taken = sum(1 for _ in islice(rows, 20_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert first == {axis: f"{axis}-0" for axis in axes}
    assert taken == 20_000
    # Kept, these rows would take 4 MB (200 bytes for each mapping), and all of them half a gigabyte.
    assert peak < 500_000


def test_a_spec_is_expanded_on_each_call():
    spec = parse_spec({"axes": {"combo_id": ["x", "y"]}, "output": {"field_order": ["combo_id"]}})

    assert list(expand(spec)) == list(expand(spec)) == [{"combo_id": "x"}, {"combo_id": "y"}]
