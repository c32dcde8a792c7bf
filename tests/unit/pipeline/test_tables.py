"""Metadata of tables, as Dagster's catalog shows it."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode

import pandas as pd

from genaudit.pipeline.tables import scores_plot, table_metadata


def test_a_table_shows_its_first_rows_its_columns_and_its_size():
    table = pd.DataFrame({"gen_id": [f"v_{number}" for number in range(25)], "score": [1.5, None, *range(23)]})
    metadata = table_metadata(table)
    assert metadata["dagster/row_count"] == 25
    schema = metadata["dagster/column_schema"]
    assert [(column.name, column.type) for column in schema.columns] == [("gen_id", "str"), ("score", "float64")]
    shown = metadata["first_rows"]
    assert shown.schema == schema
    assert len(shown.records) == 20
    assert [record.data for record in shown.records[:2]] == [
        {"gen_id": "v_0", "score": 1.5},
        {"gen_id": "v_1", "score": ""},
    ]


def test_an_empty_table():
    assert table_metadata(pd.DataFrame({"score": []}))["dagster/row_count"] == 0
    assert "0 scores" in scores_plot(pd.Series([], dtype=float)).md_str


def test_scores_are_counted_by_their_whole_part():
    # 9 is the best score, and belongs to the last bar.
    text = scores_plot(pd.Series([0.0, 0.99, 7.0, 7.5, 8.999, 9.0, None])).md_str
    assert "| 2 | 0 | 0 | 0 | 0 | 0 | 0 | 2 | 1 | 1 |" in text
    (picture,) = re.findall(r"\(data:image/svg\+xml;base64,([^)]+)\)", text)
    svg = ET.fromstring(b64decode(picture))  # noqa: S314 (our own)
    heights = [float(bar.get("height")) for bar in svg.iter("{http://www.w3.org/2000/svg}rect")]
    assert heights[0] == heights[7] == max(heights)
    assert heights[8] == heights[9] == max(heights) / 2
    assert set(heights[1:7]) == {0.0}
