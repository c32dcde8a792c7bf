from __future__ import annotations

import pytest

from genaudit.charts import MOST_DRAWN, broken_chains
from genaudit.schemas import PARENTS, from_rows
from helpers.charts import axis_titles, compiles, layers


def broken(count):
    rows = [
        {
            "stage": "essay",
            "gen_id": f"e_{number:03}",
            "parent_stage": "draft",
            "parent_gen_id": f"d_{number:03}",
            "status": "missing",
            "reaches_root": False,
            "break_stage": "essay",
            "break_gen_id": f"e_{number:03}",
            "children": 0,
            "descendants": 0,
        }
        for number in range(count)
    ]
    return from_rows(PARENTS, rows)


def test_each_state_has_a_colour_a_shape_and_words():
    chart = broken_chains(broken(2))
    compiles(chart)
    spec = chart.to_dict()
    encoding = spec["layer"][1]["encoding"]
    for channel in ("stroke", "fill", "shape"):
        assert encoding[channel]["scale"]["domain"] == ["its parent is missing", "not in the store"]
        assert len({*encoding[channel]["scale"]["range"]}) == (1 if channel == "stroke" else 2)
    assert {node["state"] for node in layers(chart)[1]} == {"its parent is missing", "not in the store"}
    assert axis_titles(chart) == {"x": "stage, parents on the left"}
    assert "its parent is missing: 2; not in the store: 2" in spec["description"]


@pytest.mark.parametrize(("count", "drawn"), [(1, 1), (MOST_DRAWN, MOST_DRAWN), (MOST_DRAWN + 40, MOST_DRAWN)])
def test_the_title_gives_the_number_drawn(count, drawn):
    chart = broken_chains(broken(count))
    assert chart.to_dict()["title"] == f"Where chains break: {drawn} of {count} breaks, the gravest first"
    assert sum(node["state"] == "its parent is missing" for node in layers(chart)[1]) == drawn


def test_a_longer_drawing_is_higher():
    heights = [broken_chains(broken(count)).to_dict()["height"] for count in (1, 2, 10)]
    assert heights == sorted({*heights})
