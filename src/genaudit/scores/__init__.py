"""Scores of evaluations: a table with a row for each, and a pivot with a row for each essay."""

from genaudit.scores.aggregate import aggregate_scores
from genaudit.scores.allowlist import Allowlist, allowlist_for
from genaudit.scores.lineage import PIVOT_INDEX, listed_essays
from genaudit.scores.pivot import SUM, generation_scores_pivot
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
    "listed_essays",
    "score_of",
]
