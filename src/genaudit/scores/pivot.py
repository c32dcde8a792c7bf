"""The pivot of scores: a row per essay, columns per judge."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pandas as pd

from genaudit.errors import DDError, Err, Reason
from genaudit.scores.aggregate import JUDGE
from genaudit.scores.allowlist import Allowlist, allowlist_for
from genaudit.scores.lineage import GENERATION_PATH, PIVOT_INDEX, listed_essays
from genaudit.stages import PARENT
from genaudit.store.snapshot import Snapshot

SUM: Final = "allowlisted_template_score_sum"
DECIMALS: Final = 2

# Column suffixes after `<model>_<template>`, and the statistic in each.
_STATISTICS: Final = {"_min": "min", "_max": "max", "_n": "count"}


def generation_scores_pivot(
    scores: pd.DataFrame, allowed: Allowlist, essays: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Pivot scores: one row per essay, columns for each judge (a model with a template).

    :param scores: as :func:`~genaudit.scores.aggregate_scores` returns them. Rows with ``chain_incomplete`` are left
        out: they cannot be placed. Rows without a score count 0.
    :param allowed: the evaluation templates and models that count.
    :param essays: as :func:`~genaudit.scores.listed_essays` returns them: essays that get a row even if ``scores``
        has no evaluation of them.
    :returns: the columns of :data:`PIVOT_INDEX`, by which it is sorted; for each judge, in the order of the joined
        name, ``<model>_<template>``, the mean of its scores with two decimals, missing if there are none; then for
        each judge ``_min`` and ``_max`` and ``_n``, the number of scores; ``allowlisted_template_score_sum``, the sum
        of the rounded means; ``generation_response_path``, relative to the data root.
    :raises DDError: ``INVALID_CONFIG``, reason ``pivot_columns_clash``: the names of two judges join to the same
        column name; ``columns`` holds those names, ``pairs`` the judges.
    """
    rows = _essays(scores, essays)
    is_allowed = scores["evaluation_template"].isin(allowed.templates)
    is_allowed &= scores["evaluation_llm_model"].isin(allowed.models)
    placed = scores[is_allowed & scores[PARENT].isin(rows[PARENT])]
    judges = _judges(placed)
    names = placed["evaluation_llm_model"] + "_" + placed["evaluation_template"]
    cells = placed.groupby([names, PARENT])["score"].agg(["mean", *_STATISTICS.values()])
    by_judge = {name: cells.loc[name].reindex(rows[PARENT]).set_axis(rows.index) for name in judges}
    means = {name: cell["mean"].round(DECIMALS) for name, cell in by_judge.items()}
    columns: dict[str, pd.Series[Any]] = {**{name: rows[name] for name in PIVOT_INDEX}, **means}
    for name, cell in by_judge.items():
        columns |= {name + suffix: cell[statistic] for suffix, statistic in _STATISTICS.items()}
        columns[f"{name}_n"] = columns[f"{name}_n"].fillna(0).astype("int64")
    total = pd.DataFrame(means, index=rows.index, dtype="float64").sum(axis=1)
    return pd.DataFrame({**columns, SUM: total.round(DECIMALS), GENERATION_PATH: rows[GENERATION_PATH]})


def pivot_of(
    snapshot: Snapshot, scores: pd.DataFrame, members: pd.DataFrame | None = None, cohort_id: str | None = None
) -> pd.DataFrame | DDError:
    """Pivot the scores of a cohort, or of the whole store, or return the error that prevents it.

    :param members: the membership of the cohort.
    """
    try:
        return generation_scores_pivot(
            scores, allowlist_for(snapshot.root, cohort_id), listed_essays(snapshot, members)
        )
    except DDError as error:
        return error


def judges_of(pivot: pd.DataFrame) -> list[str]:
    """List the judges of a pivot: the columns of means, which alone have a column ``_n`` beside them."""
    return [name for name in pivot.columns if f"{name}_n" in pivot.columns]


def _essays(scores: pd.DataFrame, essays: pd.DataFrame | None) -> pd.DataFrame:
    """List each essay once, sorted; one with an unknown template, model or combo is left out."""
    columns = [*PIVOT_INDEX, GENERATION_PATH]
    known = scores[columns] if essays is None else pd.concat([scores[columns], essays[columns]])
    known = known.dropna(subset=[*PIVOT_INDEX]).drop_duplicates(PARENT)
    return known.sort_values([*PIVOT_INDEX], ignore_index=True)


def _judges(placed: pd.DataFrame) -> list[str]:
    """Return the sorted joined names of judges, whose columns must be distinct."""
    pairs = sorted(placed[[*JUDGE]].drop_duplicates().itertuples(index=False, name=None))
    names = ["_".join(pair) for pair in pairs]
    made = [name + suffix for name in names for suffix in ("", *_STATISTICS)]
    counts = Counter([*PIVOT_INDEX, SUM, GENERATION_PATH, *made])
    if clashing := sorted(name for name, count in counts.items() if count > 1):
        ctx = {"reason": Reason.PIVOT_COLUMNS_CLASH, "columns": clashing, "pairs": [list(pair) for pair in pairs]}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return sorted(names)
