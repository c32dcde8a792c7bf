from __future__ import annotations

import pandas as pd

from genaudit.charts import score_pivot
from genaudit.charts.pivot_map import MOST_ESSAYS, MOST_JUDGES
from genaudit.scores import SUM
from helpers.charts import compiles, layers


def pivot(judges, *essays):
    """Build a pivot of one score per cell; ``None`` is no score."""
    table = pd.DataFrame([(name, *means) for name, *means in essays], columns=["parent_gen_id", *judges])
    for judge in judges:
        table[f"{judge}_n"] = table[judge].notna().astype("int64")
    return table.assign(**{SUM: table[list(judges)].sum(axis=1)})


def test_a_cell_for_each_mean_and_the_highest_sum_first():
    chart = score_pivot(
        pivot(("gpt_novelty", "o3_novelty"), ("e_1", 2.0, 3.0), ("e_2", 9.0, None), ("e_3", None, None)),
        "essay",
    )
    compiles(chart)
    drawn = {(cell["generation"], cell["judge"]): (cell["label"], cell["sum"]) for cell in layers(chart)[0]}
    # e_3 has no score and no row.
    assert drawn == {
        ("e_1", "gpt_novelty"): ("2.00", 5.0),
        ("e_1", "o3_novelty"): ("3.00", 5.0),
        ("e_2", "gpt_novelty"): ("9.00", 9.0),
    }
    spec = chart.to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["e_2", "e_1"]
    assert spec["title"] == "Pivot: 2 essays by 2 judges"


def test_the_title_names_omitted_rows():
    judges = [f"judge_{place}" for place in range(MOST_JUDGES + 1)]
    many = pivot(judges, *((f"e_{place}", *([5.0] * len(judges))) for place in range(MOST_ESSAYS + 2)))
    chart = score_pivot(many, "essay")
    compiles(chart)
    assert chart.to_dict()["title"] == (
        f"Pivot: {MOST_ESSAYS} of {MOST_ESSAYS + 2} essays by {MOST_JUDGES} of {MOST_JUDGES + 1} judges"
    )


def test_no_scores_are_no_cells():
    chart = score_pivot(pivot(()), "essay")
    compiles(chart)
    assert layers(chart)[0] == []
