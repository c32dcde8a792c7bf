"""Rows that match clicks and chosen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from genaudit.charts.interactive import PICK

Points = tuple[dict[str, str], ...]


def picked(selections: Mapping[str, Any]) -> Points:
    """Convert a chart selection into points.

    :param selections: Vega's selections: for clicks, a list of points with their fields; for a brush, the covered
        values by field.
    :returns: alternative points, each with the values of some fields; empty if nothing is selected.
    """
    chosen = selections.get(PICK) or {}
    points = chosen.get("vlPoint", {}).get("or")
    if points is not None:
        return tuple({field: str(value) for field, value in point.items()} for point in points)
    return tuple(
        {field: str(value)} for field, values in chosen.items() if isinstance(values, list) for value in values
    )


def narrow(table: pd.DataFrame, chosen: Mapping[str, str | None], points: Points = ()) -> pd.DataFrame:
    """Keep the rows that match the chosen values and at least one point.

    :param chosen: the value to keep, by column; ``None`` keeps all.
    :param points: points picked on a chart; fields that are not columns are ignored. Without points, all rows match.
    """
    for column, value in chosen.items():
        if value is not None:
            table = table[table[column].astype("str") == value]
    if not points:
        return table
    texts = {column: table[column].astype("str") for column in {*points[0]} if column in table}
    kept = np.zeros(len(table), dtype=np.bool_)
    for point in points:
        matches = np.ones(len(table), dtype=np.bool_)
        for column, value in point.items():
            if column in texts:
                matches &= (texts[column] == value).to_numpy()
        kept |= matches
    return table.loc[kept]


def categories_of(table: pd.DataFrame, column: str) -> Sequence[str]:
    """Return the values that a categorical column may have, in their order."""
    return [str(value) for value in table[column].cat.categories]


def values_of(table: pd.DataFrame, column: str) -> Sequence[str]:
    """Return the distinct values of a column, sorted."""
    return sorted(map(str, table[column].dropna().unique()))
