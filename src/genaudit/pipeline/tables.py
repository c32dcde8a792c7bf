"""Metadata of tables: their first rows, their columns, and a chart of scores."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any, Final

import dagster as dg
import numpy as np
import pandas as pd

from genaudit.charts.style import BLUE
from genaudit.schemas import rows

_SHOWN: Final = 20
_BARS: Final = 10
_WIDTH, _HEIGHT, _MARGIN = 420, 160, 24


def table_metadata(table: pd.DataFrame) -> dict[str, Any]:
    """Describe a table with the names that Dagster's catalog knows: number of rows, columns, and first rows."""
    schema = dg.TableSchema([dg.TableColumn(str(name), str(dtype)) for name, dtype in table.dtypes.items()])
    records = [dg.TableRecord(_plain(row._asdict())) for row in rows(table.head(_SHOWN))]
    return {
        "dagster/row_count": len(table),
        "dagster/column_schema": schema,
        "first_rows": dg.MetadataValue.table(records, schema),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Leave numbers and texts as they are, and write everything else as text."""
    return {name: value if isinstance(value, str | int | float) else str(value or "") for name, value in row.items()}


def scores_plot(scores: pd.Series[float]) -> dg.MarkdownMetadataValue:
    """Draw the number of scores from 0 to 1, from 1 to 2, up to 9 and above, as a picture inside Markdown."""
    counts = np.bincount(np.floor(scores.dropna()).astype(int).clip(0, _BARS - 1), minlength=_BARS)
    picture = b64encode(_svg(counts.tolist()).encode()).decode()
    cells = " | ".join(str(count) for count in counts)
    head, line = " | ".join(map(str, range(_BARS))), " | ".join(["--:"] * _BARS)
    title = f"{int(counts.sum())} scores"
    return dg.MetadataValue.md(
        f"![{title}](data:image/svg+xml;base64,{picture})\n\n| {head} |\n| {line} |\n| {cells} |\n"
    )


def _svg(counts: list[int]) -> str:
    step, most = (_WIDTH - 2 * _MARGIN) / len(counts), max([*counts, 1])
    floor = _HEIGHT - _MARGIN
    parts = []
    for place, count in enumerate(counts):
        left, height = _MARGIN + place * step, (floor - _MARGIN) * count / most
        middle = f'x="{left + step / 2:.1f}"'
        size = f'width="{step - 4:.1f}" height="{height:.1f}"'
        parts += [
            f'<rect x="{left + 2:.1f}" y="{floor - height:.1f}" {size} fill="{BLUE}"/>',
            f'<text {middle} y="{floor - height - 4:.1f}">{count}</text>',
            f'<text {middle} y="{floor + 14}">{place}</text>',
        ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" role="img"'
    label = escape(f"number of scores by their whole part: {counts}", quote=True)
    style = 'font-family="sans-serif" font-size="11" text-anchor="middle" fill="#555"'
    return f'{head} aria-label="{label}"><g {style}>{"".join(parts)}</g></svg>'
