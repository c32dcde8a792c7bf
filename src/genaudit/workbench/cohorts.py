"""Members of one cohort, and the scores of its evaluations."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from genaudit.charts.score_distribution import score_bin
from genaudit.cohorts.membership import read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.errors import DDError
from genaudit.page_model import Figure
from genaudit.scores import pivot_of
from genaudit.scores_section import scores_section
from genaudit.stages import SCORED
from genaudit.workbench.session import Session

SUMMARY: Final = ("generation_model", "evaluation_llm_model", "evaluation_template")


def members(session: Session, cohort_id: str | None) -> pd.DataFrame | DDError:
    """Find the stored members of a cohort.

    :param cohort_id: ``None`` for all generations, whatever their cohort.
    :returns: rows of the session's generations, or the error if the membership cannot be read.
    """
    if cohort_id is None:
        return session.generations
    try:
        listed = read_membership(session.snapshot.layout, cohort_id).frame
    except DDError as error:
        return error
    rows = [
        session.snapshot.rows[stage].get(gen_id)
        for stage, gen_id in zip(listed["stage"], listed["gen_id"], strict=True)
    ]
    return session.generations.iloc[sorted({row for row in rows if row is not None})]


def scores_of(session: Session, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of the given evaluations.

    :param rows: rows of the session's generations.
    :returns: columns of :data:`genaudit.schemas.SCORES`, preceded by ``stage`` and ``bar``, the chart bar that holds
        the score.
    """
    wanted = set(rows.loc[rows["stage"] == SCORED, "gen_id"])
    scores = session.scores[session.scores["gen_id"].isin(wanted)]
    bars = [None if np.isnan(score) else score_bin(score) for score in scores["score"]]
    return pd.DataFrame({"stage": SCORED, "bar": pd.Series(bars, dtype="str", index=scores.index)}).join(scores)


def score_figures(session: Session, cohort_id: str | None, scores: pd.DataFrame) -> tuple[Figure, ...]:
    """Return the charts of scores by judge, by writer and by essay; none without a score.

    :param cohort_id: the cohort that the scores are of; ``None`` for the whole store.
    :param scores: as :func:`scores_of` returns them, or a part of it.
    """
    if not session.has_pipeline:
        return ()
    snapshot = session.snapshot
    try:
        listed = None if cohort_id is None else MembershipService(snapshot.root).table(cohort_id).frame
        pivot = pivot_of(snapshot, scores, listed, cohort_id)
    except DDError as error:
        pivot = error
    # The notebook has a distribution of its own, which answers to clicks.
    return scores_section(scores, pivot).figures[1:]


def score_summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Summarise scores by essay model, judge and evaluation template.

    :returns: the columns of :data:`SUMMARY`, then ``scores`` (their number), ``mean``, ``lowest``, ``highest`` and
        ``without`` (evaluations without a score); unknown values are missing.
    """
    grouped = scores.groupby([*SUMMARY], dropna=False)["score"]
    table = grouped.agg(scores="count", mean="mean", lowest="min", highest="max").round(2)
    table["without"] = grouped.size() - table["scores"]
    return table.reset_index().sort_values([*SUMMARY], ignore_index=True)
