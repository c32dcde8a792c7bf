"""Charts of scores by judge and by writer: spreads as boxes, means as a heat map."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.style import BLUE, ROW_HEIGHT, of_values, tips, titled
from genaudit.legible import legible
from genaudit.scores import HIGHEST, LOWEST

# More rows or columns than these cannot be read.
MOST_ROWS: Final = 24
MOST_COLUMNS: Final = 6
JUDGE: Final = ["evaluation_template", "evaluation_llm_model"]
WRITER: Final = ["generation_template", "generation_model"]
_LABEL: Final = 60
_QUANTILES: Final = {"lowest": 0, "low": 0.25, "median": 0.5, "high": 0.75, "highest": 1}
_SCALE: Final = alt.Scale(domain=[LOWEST, HIGHEST])


def score_spread(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the spread of scores by evaluation template and model: range, quartiles and median.

    :param table: columns of :data:`genaudit.schemas.SCORES`; rows without a score are left out.
    :returns: a row for each of the :data:`MOST_ROWS` judges with the most scores.
    """
    judges, drawn = _most(_named(table, JUDGE), MOST_ROWS)
    boxes: list[dict[str, Any]] = [
        {
            "judge": str(name),
            **{what: float(given.quantile(share)) for what, share in _QUANTILES.items()},
            "scores": len(given),
        }
        for name, given in judges.groupby("name")["score"]
    ]
    boxes.sort(key=lambda box: (-box["median"], -box["low"], box["judge"]))
    base = of_values(boxes).encode(
        y=alt.Y("judge:N", sort=[box["judge"] for box in boxes], title="judge", axis=alt.Axis(labelLimit=260)),
        tooltip=tips("judge:N", *(f"{name}:Q" for name in (*_QUANTILES, "scores"))),
    )
    x = alt.X("low:Q", title="score (9 is the best)", scale=_SCALE)
    summary = "; ".join(
        f"{box['judge']} {box['low']:.2f} to {box['high']:.2f}, median {box['median']:.2f}" for box in boxes
    )
    return titled(
        [
            base.mark_rule(style="edge").encode(
                x=alt.X("lowest:Q", title=None, scale=_SCALE), x2=alt.X2("highest:Q")
            ),
            base.mark_bar(color=BLUE, opacity=0.55, height=13).encode(x=x, x2=alt.X2("high:Q")),
            base.mark_tick(color=BLUE, thickness=3, height=17).encode(x=alt.X("median:Q", title=None, scale=_SCALE)),
        ],
        f"Scores by judge{drawn}",
        f"Middle half of the scores and median by evaluation template and model: {summary}.",
        ROW_HEIGHT * max(len(boxes), 1),
    )


def score_means(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the mean score by essay template and model, and by evaluation template, as a heat map.

    :param table: columns of :data:`genaudit.schemas.SCORES`; rows without a score are left out.
    :returns: a cell for each pair with a score, of the most frequent ones.
    """
    writers, drawn = _most(_named(table, WRITER), MOST_ROWS)
    columns = writers["evaluation_template"].fillna("").astype(str).map(_short)
    shown = columns.value_counts().index[:MOST_COLUMNS]
    writers = writers.assign(column=columns)[columns.isin(shown)]
    means = writers.groupby(["name", "column"])["score"].agg(["mean", "count"]).reset_index()
    cells = [
        {"writer": name, "judged": column, "mean": float(mean), "scores": int(count), "label": f"{mean:.2f}"}
        for name, column, mean, count in means.itertuples(index=False)
    ]
    base = of_values(cells).encode(
        x=alt.X("judged:N", title="evaluation template", axis=alt.Axis(orient="top", labelAngle=25, labelLimit=150)),
        y=alt.Y("writer:N", title="essay template and model", axis=alt.Axis(labelLimit=260)),
        tooltip=tips("writer:N", "judged:N", alt.Tooltip("mean:Q", format=".2f"), "scores:Q"),
    )
    opacity = alt.Opacity("mean:Q", scale=alt.Scale(domain=[LOWEST, HIGHEST], range=[0.04, 0.7]), legend=None)
    summary = "; ".join(f"{cell['writer']}, {cell['judged']} {cell['label']}" for cell in cells)
    more = f", {len(shown)} of {columns.nunique()} evaluation templates" if columns.nunique() > len(shown) else ""
    return titled(
        [
            base.mark_rect(color=BLUE, cornerRadius=3).encode(opacity=opacity),
            base.mark_text(aria=False).encode(text=alt.Text("label:N")),
        ],
        f"Mean scores by writer and evaluation template{drawn}{more}",
        f"Mean scores: {summary}.",
        ROW_HEIGHT * max(writers["name"].nunique(), 1),
    )


def _named(table: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    """Name the scored rows by two columns."""
    given = table[table["score"].notna()]
    names = [
        " · ".join(_short(part) for part in pair if isinstance(part, str) and part) or "unknown"
        for pair in given[parts].itertuples(index=False)
    ]
    return given.assign(name=names, score=given["score"].astype(float))


def _most(table: pd.DataFrame, most: int) -> tuple[pd.DataFrame, str]:
    """Keep the rows of the most frequent names, and count all names if some are left out."""
    counts = table["name"].value_counts()
    if len(counts) <= most:
        return table, ""
    return table[table["name"].isin(counts.index[:most])], f", {most} of {len(counts)} drawn"


def _short(text: str) -> str:
    return legible(text, _LABEL)
