"""Section on scores: their distribution, their judges, and evaluations without a score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from genaudit import charts
from genaudit.errors import DDError
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, listing, number_table, spaced

_SAID: Final = "Each bar counts the scores from its number up to, not including, the next."
_SPREAD: Final = "A bar spans the middle half of a judge's scores, the mark is the median, the line the whole range."
_MEANS: Final = "Each cell is a mean over the essays of a template and model. The stronger the colour, the higher."
_PIVOT: Final = (
    "Each row is an essay, the highest sum first; each cell is its mean score by one judge. The stronger the colour,"
    " the higher. genaudit scores writes the whole pivot."
)
_NONE: Final = "There are no evaluations to gather scores from yet."
_ALL: Final = "Every evaluation has a score that a pivot can place."
_UNSCORED: Final = (
    Column("gen_id", "Evaluation", "id"),
    Column("error", "Reason", choose=True),
    Column("evaluation_template", "Template", "code", choose=True),
    Column("evaluation_llm_model", "Model", "code", choose=True),
    Column("parent_gen_id", "Essay", "id"),
)
_JUDGED_BY: Final = ["evaluation_template", "evaluation_llm_model"]


def scores_section(scores: pd.DataFrame, pivot: pd.DataFrame | DDError | None = None) -> Section:
    """Build the section.

    :param scores: columns of :data:`genaudit.schemas.SCORES`.
    :param pivot: as :func:`genaudit.scores.pivot_of` returns it.
    """
    given = int(scores["score"].count())
    unscored = _unscored(scores)
    good = _NONE if not len(scores) else None if unscored.total else _ALL
    mean = f", {scores['score'].mean():.2f} on average" if given else ""
    return Section(
        key="scores",
        title="Scores",
        question="Which scores did the evaluations give?",
        sentences=tuple(_sentences(scores, given, mean, pivot)) if len(scores) else (),
        good=good,
        figures=tuple(_figures(scores, pivot)) if given else (),
        tables=(*([_judges(scores)] if len(scores) else []), *([unscored] if unscored.total else [])),
    )


def _sentences(scores: pd.DataFrame, given: int, mean: str, pivot: pd.DataFrame | DDError | None) -> Iterator[str]:
    yield f"{given:,} of {counted(len(scores), 'evaluation')} have a score{mean}."
    if isinstance(pivot, DDError):
        yield f"There is no pivot: {pivot}."


def _figures(scores: pd.DataFrame, pivot: pd.DataFrame | DDError | None) -> Iterator[Figure]:
    yield Figure("scores", _SAID, lambda: charts.scores(scores))
    yield Figure("score-spread", _SPREAD, lambda: charts.score_spread(scores))
    yield Figure("score-means", _MEANS, lambda: charts.score_means(scores))
    if isinstance(pivot, pd.DataFrame) and len(pivot):
        yield Figure("score-pivot", _PIVOT, lambda: charts.score_pivot(pivot, "essay"))


def _judges(scores: pd.DataFrame) -> Table:
    """Build the table of scores by template and model."""
    columns = (
        Column("evaluation_template", "Evaluation template", "code", choose=True),
        Column("evaluation_llm_model", "Model", "code", choose=True),
        Column("evaluations", "Evaluations", "number"),
        Column("scores", "Scores", "number"),
        Column("mean", "Mean", "number"),
        Column("lowest", "Lowest", "number"),
        Column("highest", "Highest", "number"),
    )
    cells: list[list[Any]] = []
    for names, judged in scores.fillna(dict.fromkeys(_JUDGED_BY, "")).groupby(_JUDGED_BY):
        given = judged["score"].dropna()
        numbers = [f"{value:.2f}" for value in (given.mean(), given.min(), given.max())] if len(given) else [""] * 3
        cells.append([*names, len(judged), len(given), *numbers])
    return number_table("judges", "Scores by evaluation template and model", columns, cells)


def _unscored(scores: pd.DataFrame) -> Table:
    wrong = scores[scores["error"].notna()]
    wrong = wrong.assign(error=wrong["error"].map(spaced))
    caption = "Evaluations without a usable score"
    return listing("unscored", caption, _UNSCORED, wrong, source="aggregated_scores.csv", each=("error",))
