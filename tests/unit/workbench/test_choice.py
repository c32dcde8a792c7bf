from __future__ import annotations

import pandas as pd
import pytest

from genaudit.workbench.choice import narrow, picked, values_of

TABLE = pd.DataFrame(
    {
        "stage": pd.Categorical(["draft", "essay", "essay", "essay"]),
        "class": pd.Categorical(["legacy", "legacy", "deterministic", None]),
        "length": ["16", "16", "18", None],
    },
    index=[5, 6, 7, 8],
)


@pytest.mark.parametrize(
    ("selections", "points"),
    [
        ({}, ()),
        ({"pick": {}}, ()),
        ({"pick": None}, ()),
        ({"other": {"length": ["16"]}}, ()),
        ({"pick": {"length": ["16", "17"]}}, ({"length": "16"}, {"length": "17"})),
        (
            {
                "pick": {
                    "vlPoint": {"or": [{"stage": "essay", "class": "legacy"}]},
                    "stage": ["essay"],
                    "class": ["legacy"],
                }
            },
            ({"stage": "essay", "class": "legacy"},),
        ),
        ({"pick": {"vlPoint": {"or": []}}}, ()),
    ],
)
def test_a_pick_is_read(selections, points):
    assert picked(selections) == points


@pytest.mark.parametrize(
    ("chosen", "points", "kept"),
    [
        ({}, (), [5, 6, 7, 8]),
        ({"stage": None}, (), [5, 6, 7, 8]),
        ({"stage": "essay"}, (), [6, 7, 8]),
        ({"stage": "essay", "class": "legacy"}, (), [6]),
        ({"stage": "evaluation"}, (), []),
        ({}, ({"length": "16"},), [5, 6]),
        ({}, ({"length": "16"}, {"length": "18"}), [5, 6, 7]),
        # Two bars are two bars, not every pair of their fields' values.
        ({}, ({"stage": "draft", "class": "legacy"}, {"stage": "essay", "class": "deterministic"}), [5, 7]),
        ({"stage": "essay"}, ({"length": "16"},), [6]),
        ({}, ({"unheard of": "1"},), [5, 6, 7, 8]),
        ({}, ({"length": "nan"},), []),
    ],
)
def test_rows_are_narrowed(chosen, points, kept):
    assert narrow(TABLE, chosen, points).index.tolist() == kept


def test_the_values_of_a_column_omit_missing_ones():
    assert values_of(TABLE, "class") == ["deterministic", "legacy"]
    assert values_of(TABLE.iloc[:0], "length") == []
