"""From what was clicked or chosen to the rows that are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genaudit.charts.interactive import PICK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Points = tuple[dict[str, str], ...]


def picked(selections: Mapping[str, Any]) -> Points:
    """Read what was clicked or brushed on a chart.

    :param selections: as Vega says it: for clicks a list of points with their fields, for a brush the values that it
        covers, by field.
    :returns: alternatives, each the values of some fields; none when nothing is selected.
    """
    chosen = selections.get(PICK) or {}
    points = chosen.get("vlPoint", {}).get("or")
    if points is not None:
        return tuple({field: str(value) for field, value in point.items()} for point in points)
    return tuple(
        {field: str(value)} for field, values in chosen.items() if isinstance(values, list) for value in values
    )


def narrow(table: pd.DataFrame, chosen: Mapping[str, str | None], points: Points = ()) -> pd.DataFrame:
    """Keep the rows that are as chosen, and that one of the points means.

    :param chosen: by column, the value to keep; ``None`` keeps all.
    :param points: what was picked on a chart; a field that is no column keeps all. Without points all rows are kept.
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
    """The values that a column has, sorted, for a list to choose from."""
    return sorted(map(str, table[column].dropna().unique()))
