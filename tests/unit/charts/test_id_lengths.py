from __future__ import annotations

import pytest

from genaudit.charts import lengths
from genaudit.schemas import LENGTHS, from_rows
from helpers.charts import axis_titles, compiles, layers

# The largest real store known: observed counts, and those expected by chance.
REAL = {
    "draft": {18: (239, 236.2), 17: (49, 51.4), 16: (1, 1.4)},
    "essay": {18: (219, 210.8), 17: (37, 45.9), 16: (2, 1.3)},
    "evaluation": {18: (3381, 3394.4), 17: (754, 738.5), 16: (18, 20.5), 15: (1, 0.6)},
}


def table(*rows):
    return from_rows(LENGTHS, [dict(zip(LENGTHS, row, strict=True)) for row in rows])


def real():
    return table(
        *[
            (stage, length, "deterministic", count)
            for stage, by_length in REAL.items()
            for length, (count, _) in by_length.items()
        ]
    )


@pytest.mark.parametrize("stage", REAL)
def test_lengths_of_the_real_store_and_those_by_chance(stage):
    chart = lengths(real(), stage)
    _, ticks, labels = layers(chart)
    assert ticks == labels
    assert {int(one["length"]): (one["stored"], one["by chance"]) for one in ticks} == REAL[stage]
    compiles(chart)
    assert axis_titles(chart)["x"] == "length of the id (characters)"
    assert axis_titles(chart)["y"] == "generations: stored (by chance)"
    total = sum(count for count, _ in REAL[stage].values())
    assert f"{total:,} ids" in chart.to_dict()["title"]
    assert f"17 characters {REAL[stage][17][0]:,}, by chance {REAL[stage][17][1]}" in chart.to_dict()["description"]


def test_the_tallest_bar_leaves_room_for_its_label():
    spec = lengths(real(), "draft").to_dict()
    bars, _, labels = spec["layer"]
    largest = max(row["top"] for row in layers(lengths(real(), "draft"))[2])
    room = spec["height"] * (1 - largest / bars["encoding"]["y"]["scale"]["domainMax"])
    # The label's two lines end above the bar by its offset.
    assert room >= labels["mark"]["lineHeight"] - labels["mark"]["dy"]


def test_lengths_and_classes_are_in_order():
    rows = [("draft", 18, "unverifiable", 3), ("draft", 9, "legacy", 2), ("draft", 18, "deterministic", 40)]
    chart = lengths(table(*rows, ("draft", 30, "legacy", 5), ("draft", 4, "legacy", 1)), "draft")
    bars = chart.to_dict()["layer"][0]
    assert bars["encoding"]["x"]["sort"] == ["≤ 11", "16", "17", "18", "> 18"]
    drawn = [(row["length"], row["class"], row["generations"]) for row in layers(chart)[0]]
    assert ("≤ 11", "legacy", 2) in drawn
    assert ("≤ 11", "legacy", 1) in drawn
    assert ("> 18", "legacy", 5) in drawn
    ranks = {row["class"]: row["rank"] for row in layers(chart)[0]}
    assert sorted(ranks, key=ranks.get) == ["deterministic", "legacy", "unverifiable"]
    assert bars["encoding"]["color"]["scale"]["domain"] == ["deterministic", "legacy", "unverifiable"]
    pooled = next(one for one in layers(chart)[1] if one["length"] == "≤ 11")
    assert pooled["stored"] == 3


def test_labels_of_large_numbers_are_short():
    chart = lengths(table(("evaluation", 18, "deterministic", 880_000)), "evaluation")
    labels = {one["length"]: one["label"] for one in layers(chart)[2]}
    # 880,000 times 81.71 %, times 0.508 % less 0.0141 %, and times 0.0141 %.
    assert labels["18"] == "880k\n(719k)"
    assert labels["16"].startswith("0\n(4,3")
    assert labels["15"].startswith("0\n(12")


def test_a_stage_without_ids():
    chart = lengths(table(), "draft")
    compiles(chart)
    assert layers(chart) == [[], [], []]
    assert chart.to_dict()["description"] == "Ids of the stage draft by length: none."
