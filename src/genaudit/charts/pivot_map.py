"""Chart of the pivot of scores: a heat map with a row per essay and a column per judge."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.style import BLUE, ROW_HEIGHT, of_values, titled
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.scores import HIGHEST, LOWEST, SUM, judges_of
from genaudit.stages import PARENT

# More rows or columns than these cannot be read; the CSV report has all.
MOST_ESSAYS: Final = 30
MOST_JUDGES: Final = 12
_LABEL: Final = 40


def score_pivot(pivot: pd.DataFrame, stage: str) -> alt.LayerChart:
    """Draw the means of the essays with the highest sums, by judge.

    :param pivot: as :func:`genaudit.scores.generation_scores_pivot` returns it.
    :param stage: stage of its rows.
    :returns: a cell for each mean; an essay without a score of a judge has no cell there.
    """
    judges = judges_of(pivot)
    scored = pivot[pivot[judges].notna().any(axis=1)]
    best = scored.sort_values(SUM, ascending=False, kind="stable").head(MOST_ESSAYS)
    shown = judges[:MOST_JUDGES]
    cells: list[dict[str, Any]] = [
        {
            "generation": name,
            "judge": legible(judge, _LABEL),
            "mean": mean,
            "scores": scores,
            "sum": total,
            "label": f"{mean:.2f}",
        }
        for judge in shown
        for name, mean, scores, total in zip(
            best[PARENT].tolist(),
            best[judge].tolist(),
            best[f"{judge}_n"].tolist(),
            best[SUM].tolist(),
            strict=True,
        )
        if not pd.isna(mean)
    ]
    columns = alt.Axis(orient="top", labelAngle=25, labelLimit=170, domain=False)
    tooltip: list[str | alt.Tooltip] = [
        alt.Tooltip("generation:N", title=stage),
        "judge:N",
        alt.Tooltip("mean:Q", format=".2f"),
        "scores:Q",
        alt.Tooltip("sum:Q", format=".2f"),
    ]
    base = of_values(cells).encode(
        x=alt.X("judge:N", title="judge: model and evaluation template", axis=columns),
        y=alt.Y("generation:N", title=stage, sort=best[PARENT].tolist(), axis=alt.Axis(domain=False, labelLimit=170)),
        tooltip=tooltip,
    )
    opacity = alt.Opacity("mean:Q", scale=alt.Scale(domain=[LOWEST, HIGHEST], range=[0.04, 0.7]), legend=None)
    summary = "; ".join(f"{cell['generation']}, {cell['judge']} {cell['label']}" for cell in cells)
    return titled(
        [
            base.mark_rect(color=BLUE, cornerRadius=3).encode(opacity=opacity),
            base.mark_text(aria=False).encode(text="label:N"),
        ],
        f"Pivot: {_part(len(best), len(scored), stage)} by {_part(len(shown), len(judges), 'judge')}",
        f"Mean scores of {stage}s by judge, the highest sum first: {summary}.",
        ROW_HEIGHT * max(len(best), 1),
    )


def _part(shown: int, total: int, thing: str) -> str:
    return counted(total, thing) if shown == total else f"{shown:,} of {counted(total, thing)}"
