"""Scores of evaluations: a table with one row per evaluation, and a pivot with one row per essay."""

from genaudit.scores.aggregate import aggregate_scores
from genaudit.scores.allowlist import Allowlist, allowlist_for
from genaudit.scores.lineage import PIVOT_INDEX, listed_essays
from genaudit.scores.pivot import SUM, generation_scores_pivot, judges_of, pivot_of
from genaudit.scores.reading import HIGHEST, LOWEST, ScoreError, score_of

__all__ = [
    "HIGHEST",
    "LOWEST",
    "PIVOT_INDEX",
    "SUM",
    "Allowlist",
    "ScoreError",
    "aggregate_scores",
    "allowlist_for",
    "generation_scores_pivot",
    "judges_of",
    "listed_essays",
    "pivot_of",
    "score_of",
]
