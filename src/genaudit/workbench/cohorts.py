"""The members of one cohort, and the scores of its evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from genaudit.charts.score_distribution import score_bin
from genaudit.cohorts.membership import read_membership
from genaudit.errors import DDError
from genaudit.layout import Layout

if TYPE_CHECKING:
    from genaudit.workbench.session import Session

SUMMARY: Final = ("generation_model", "evaluation_llm_model", "evaluation_template")


def members(session: Session, cohort_id: str | None) -> pd.DataFrame | DDError:
    """Find the members of a cohort that the store has.

    :param cohort_id: ``None`` for all generations, whoever lists them.
    :returns: rows of the session's generations; or why the membership cannot be read.
    """
    if cohort_id is None:
        return session.generations
    try:
        listed = read_membership(Layout(session.root), cohort_id).frame
    except DDError as error:
        return error
    rows = [
        session.snapshot.rows[stage].get(gen_id)
        for stage, gen_id in zip(listed["stage"], listed["gen_id"], strict=True)
    ]
    return session.generations.iloc[sorted({row for row in rows if row is not None})]


def scores_of(session: Session, rows: pd.DataFrame) -> pd.DataFrame:
    """Take the scores of some generations' evaluations.

    :param rows: of the session's generations.
    :returns: columns of :data:`genaudit.schemas.SCORES`, and in front of them ``stage`` and, as ``bar``, the bar of
        the chart that a score stands in.
    """
    wanted = set(rows.loc[rows["stage"] == "evaluation", "gen_id"])
    scores = session.scores[session.scores["gen_id"].isin(wanted)]
    bars = [None if np.isnan(score) else score_bin(score) for score in scores["score"]]
    return pd.DataFrame({"stage": "evaluation", "bar": pd.Series(bars, dtype="str", index=scores.index)}).join(scores)


def score_summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Sum scores up by who wrote the essay, who judged it and by which template.

    :returns: the columns of :data:`SUMMARY`, then ``scores`` (their number), ``mean``, ``lowest``, ``highest``, and
        ``without`` (evaluations that gave none); what is not known is missing.
    """
    grouped = scores.groupby([*SUMMARY], dropna=False)["score"]
    table = grouped.agg(scores="count", mean="mean", lowest="min", highest="max").round(2)
    table["without"] = grouped.size() - table["scores"]
    return table.reset_index().sort_values([*SUMMARY], ignore_index=True)
