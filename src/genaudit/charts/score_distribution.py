"""Chart of the distribution of scores."""

from __future__ import annotations

from collections import Counter
from typing import Final

import altair as alt
import pandas as pd

from genaudit.charts.style import BLUE, few_ticks, of_values, titled
from genaudit.scores import HIGHEST, LOWEST

_HEIGHT: Final = 200


def score_bin(score: float) -> str:
    """Return the label of the bar for a score: from a whole number up to, not including, the next.

    >>> score_bin(0.0), score_bin(7.5), score_bin(9.0)
    ('0', '7', '9')
    """
    return str(int(score))


def scores(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the number of evaluations by score.

    :param table: columns of :data:`genaudit.schemas.SCORES`; rows without a score are left out.
    :returns: one bar per integer part of a score.
    """
    given = table["score"].dropna()
    counted = Counter(map(score_bin, given.tolist()))
    names = [score_bin(number) for number in range(int(LOWEST), int(HIGHEST) + 1)]
    bars = [{"bar": name, "evaluations": counted[name], "label": f"{counted[name]:,}"} for name in names]
    largest = max(counted.values(), default=1)
    base = of_values(bars).encode(
        x=alt.X(
            "bar:O",
            sort=names,
            title="score, down to a whole number (9 is the best)",
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y(
            "evaluations:Q",
            title="evaluations (number)",
            axis=alt.Axis(tickCount=few_ticks(largest), format=",d"),
            scale=alt.Scale(domainMin=0, domainMax=1.15 * largest),
        ),
        tooltip=[alt.Tooltip("bar:O", title="score"), alt.Tooltip("evaluations:Q", format=",")],
    )
    mean = f", {given.mean():.2f} on average" if len(given) else ""
    summary = "; ".join(f"{bar['bar']}: {bar['label']}" for bar in bars)
    return titled(
        [
            base.mark_bar(color=BLUE),
            base.mark_text(dy=-4, baseline="bottom", aria=False).encode(text=alt.Text("label:N")),
        ],
        f"{len(given):,} scores{mean}",
        f"Evaluations by score, rounded down: {summary}.",
        _HEIGHT,
    )
