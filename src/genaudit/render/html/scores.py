"""The section about scores: how they are spread, who gave them, and which evaluations have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from genaudit import charts
from genaudit.layout import AGGREGATED_SCORES
from genaudit.page.parts import Section, figure
from genaudit.page.tables import Column, Table, counts_table, unscored_table
from genaudit.page.words import counted

if TYPE_CHECKING:
    import pandas as pd

_SAID: Final = "Each bar counts the scores from its number up to, not including, the next."
_NONE: Final = "There are no evaluations to gather scores from yet."
_ALL: Final = "Every evaluation has a score that a pivot can place."
_JUDGED_BY: Final = ["evaluation_template", "evaluation_llm_model"]


def scores_section(scores: pd.DataFrame) -> Section:
    """Write the section.

    :param scores: columns of :data:`genaudit.schemas.SCORES`.
    """
    given = int(scores["score"].count())
    unscored = unscored_table(scores, AGGREGATED_SCORES)
    good = _NONE if not len(scores) else None if unscored.total else _ALL
    mean = f", {scores['score'].mean():.2f} on average" if given else ""
    return Section(
        key="scores",
        title="Scores",
        question="What did the evaluations say?",
        sentences=(f"{given:,} of {counted(len(scores), 'evaluation')} have a score{mean}.",) if len(scores) else (),
        good=good,
        figures=(figure("scores", charts.scores(scores), _SAID),) if given else (),
        tables=(*([_judges(scores)] if len(scores) else []), *([unscored] if unscored.total else [])),
    )


def _judges(scores: pd.DataFrame) -> Table:
    """Tabulate by template and model what their evaluations gave."""
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
    return counts_table("judges", "Scores by evaluation template and model", columns, cells)
