"""Chart of id lengths, observed and expected by chance."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.style import CLASS_COLOURS, coloured, few_ticks, of_values, tips, titled
from genaudit.ids import length_probabilities
from genaudit.stages import STAGES, StageTable

# By chance, fewer than one id in a billion is this short or shorter.
_SHORTEST: Final = 11
_LEAST_SHOWN: Final = 0.05
_HEIGHT: Final = 210
_WHOLE: Final = 100
_THOUSANDS: Final = 100_000


def lengths(table: pd.DataFrame, stage: str, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw how many ids of a stage have which length, by class, against what chance alone would give.

    :param table: columns of :data:`genaudit.schemas.LENGTHS`.
    :param stages: the store's table of stages.
    :returns: bars in generations, stacked by class, with a tick at the number that chance gives to each length;
        very short lengths, and those that chance never gives, are pooled.
    """
    own = table[table["stage"] == stage]
    ranks = {kind: rank for rank, kind in enumerate(CLASS_COLOURS)}
    parts = [
        {
            "length": length_label(stage, length, stages),
            "class": str(kind),
            "generations": int(count),
            "rank": ranks[kind],
        }
        for length, kind, count in own[["length", "class", "count"]].itertuples(index=False)
    ]
    wholes = _wholes(parts, _chances(len(stages[stage].prefix)))
    largest = max((whole["top"] for whole in wholes), default=1)
    order = [whole["length"] for whole in wholes]
    x = alt.X("length:O", sort=order, title="length of the id (characters)", axis=alt.Axis(labelAngle=0))
    axis = alt.Axis(tickCount=few_ticks(largest), format=",d")
    y = alt.Y(
        "generations:Q", title="generations: stored (by chance)", axis=axis, scale=alt.Scale(domainMax=1.2 * largest)
    )
    kinds = {kind: colour for kind, colour in CLASS_COLOURS.items() if (own["class"] == kind).any()}
    bars = (
        of_values(parts)
        .mark_bar()
        .encode(x=x, y=y, order=alt.Order("rank:Q"), color=coloured("class", kinds, columns=2))
    )
    above = of_values(wholes).encode(x=x)
    ticks = above.mark_tick(thickness=2, style="expected").encode(y=alt.Y("by chance:Q"))
    numbers = above.mark_text(dy=-17, baseline="bottom", lineBreak="\n", lineHeight=13, aria=False).encode(
        y=alt.Y("top:Q"), text=alt.Text("label:N")
    )
    summary = "; ".join(
        f"{one['length']} characters {one['stored']:,}, by chance {one['by chance']:,}" for one in wholes
    )
    return titled(
        [
            bars.encode(tooltip=tips("length:N", "class:N", alt.Tooltip("generations:Q", format=","))),
            ticks.encode(tooltip=tips("length:N", "stored:Q", "by chance:Q")),
            numbers,
        ],
        f"{stage.capitalize()}: {int(own['count'].sum()):,} ids by length, beside those expected by chance",
        f"Ids of the stage {stage} by length: {summary or 'none'}.",
        _HEIGHT,
    )


def _wholes(parts: list[dict[str, Any]], chances: Mapping[int, float]) -> list[dict[str, Any]]:
    """Give, for each length worth showing, the number stored and the number that chance gives."""
    longest, total = max(chances), sum(part["generations"] for part in parts)
    stored = {_label(length, longest): 0 for length in range(_SHORTEST, longest + 2)}
    for part in parts:
        stored[part["length"]] += part["generations"]
    expected = _pooled({length: chance * total for length, chance in chances.items()}, longest)
    return [
        {
            "length": label,
            "stored": count,
            "by chance": round(chance, 1),
            "top": max(count, chance),
            "label": f"{_short(count)}\n({_short(round(chance, 1))})",
        }
        for label, count in stored.items()
        if (chance := expected.get(label, 0.0)) >= _LEAST_SHOWN or count
    ]


def _short(value: float) -> str:
    """Format a number to fit above a bar; the tooltip has all its digits."""
    if value >= _THOUSANDS:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value >= _WHOLE or isinstance(value, int) else f"{value:,.1f}"


def _pooled(by_length: Mapping[int, float], longest: int) -> dict[str, float]:
    pooled: dict[str, float] = {}
    for length, value in by_length.items():
        label = _label(length, longest)
        pooled[label] = pooled.get(label, 0.0) + value
    return pooled


def length_label(stage: str, length: int, stages: StageTable = STAGES) -> str:
    """Name the bar of an id of a length.

    >>> length_label("draft", 18), length_label("draft", 30), length_label("draft", 3)
    ('18', '> 18', '≤ 11')
    """
    return _label(length, max(_chances(len(stages[stage].prefix))))


@cache
def _chances(prefix: int) -> dict[int, float]:
    return length_probabilities(prefix)


def _label(length: int, longest: int) -> str:
    if length <= _SHORTEST:
        return f"≤ {_SHORTEST}"
    return str(length) if length <= longest else f"> {longest}"
