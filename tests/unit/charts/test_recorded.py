from __future__ import annotations

import altair as alt
import pytest

from genaudit import charts
from genaudit.charts.recorded import record_charts
from genaudit.schemas import SCORES, from_rows

MIME = "application/vnd.vegalite.v6+json"


@pytest.fixture
def recording():
    before = alt.renderers.active
    record_charts()
    yield
    alt.renderers.enable(before)


def shown(numbers):
    rows = [{**dict.fromkeys(SCORES), "gen_id": f"v_{place}", "score": score} for place, score in enumerate(numbers)]
    return charts.scores(from_rows(SCORES, rows))._repr_mimebundle_()


@pytest.mark.usefixtures("recording")
def test_a_chart_is_kept_as_its_specification_and_in_words():
    kept = shown([7.5, 8.5])
    assert {*kept} == {MIME, "text/plain"}
    assert kept == shown([7.5, 8.5])
    (data,) = kept[MIME]["datasets"].values()
    assert {row["bar"]: row["evaluations"] for row in data if row["evaluations"]} == {"7": 1, "8": 1}
    assert kept["text/plain"].startswith("2 scores, 8.00 on average\nEvaluations by score")


@pytest.mark.usefixtures("recording")
def test_one_changed_value_changes_the_kept_charts():
    one, other = shown([7.5, 8.5]), shown([7.5, 6.5])
    assert one[MIME] != other[MIME]
    assert one["text/plain"] != other["text/plain"]


@pytest.mark.usefixtures("recording")
def test_keys_are_kept_in_the_order_of_notebook_files():
    def ordered(value):
        if isinstance(value, dict):
            assert [*value] == sorted(value)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            ordered(each)

    ordered(shown([7.5])[MIME])
