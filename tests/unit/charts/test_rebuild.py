"""The charts of a rebuild: marks, sentences and titles."""

from __future__ import annotations

import pandas as pd

from genaudit.audits.rebuild.frames import COMPARISON
from genaudit.charts import rebuild_costs, rebuild_matrix
from genaudit.schemas import from_rows
from helpers.charts import axis_titles, compiles, layers

NONE = {"parse": 0, "copy": 0, "blocked": 0, "calls_of_unknown_cost": 0, "calls_without_price": 0}


def counted(mode, stage, *, reuse=0, call=0, tokens=(0.0, 0.0, 0.0, 0.0), **more):
    names = ("prompt_tokens", "completion_tokens", "tokens_low", "tokens_high")
    about = {"mode": mode, "stage": stage, "planned": reuse + call, "reuse": reuse, "call": call}
    return {**NONE, **about, **dict(zip(names, tokens, strict=True)), **more}


def table(*rows):
    return from_rows(COMPARISON, rows)


TABLE = table(
    counted("regenerate", "draft", call=2, tokens=(100.0, 900.0, 500.0, 1500.0)),
    counted("regenerate", "essay", call=1, tokens=(None,) * 4, calls_of_unknown_cost=1),
    counted("regenerate", "evaluation", call=3, tokens=(20.0, 10.0, 20.0, 40.0), calls_of_unknown_cost=1),
    counted("reuse-essays", "draft", reuse=2),
    counted("reuse-essays", "essay", reuse=1),
    counted("reuse-essays", "evaluation", reuse=2, call=1, tokens=(10.0, 5.0, 10.0, 20.0)),
)


def test_a_cell_for_each_mode_and_stage():
    cells = layers(rebuild_matrix(TABLE))[0]
    assert [(cell["mode"], cell["stage"], cell["label"], cell["cost"]) for cell in cells] == [
        ("regenerate", "draft", "2 called", "1,000 tokens"),
        ("regenerate", "essay", "1 called", "tokens unknown"),
        ("regenerate", "evaluation", "3 called", "at least 30 tokens"),
        ("reuse-essays", "draft", "2 reused", "no tokens"),
        ("reuse-essays", "essay", "1 reused", "no tokens"),
        ("reuse-essays", "evaluation", "2 reused · 1 called", "15 tokens"),
    ]
    assert [cell["share"] for cell in cells] == [1.0, 1.0, 1.0, 0.0, 0.0, 1 / 3]


def test_a_cell_with_many_decisions_has_two_lines():
    many = counted("regenerate", "draft", reuse=1_000, copy=2, call=3)
    chart = rebuild_matrix(table(many))
    compiles(chart)
    assert [(cell["label"], cell["lines"]) for cell in layers(chart)[0]] == [("1,000 reused · 2 copied\n3 called", 2)]
    assert "regenerate, draft: 1,000 reused · 2 copied · 3 called" in chart.to_dict()["description"]


def test_the_matrix_has_a_sentence_on_its_result():
    chart = rebuild_matrix(TABLE)
    compiles(chart)
    assert axis_titles(chart) == {"x": "stage", "y": "mode"}
    assert chart.to_dict()["title"] == "Model calls: 1 with reuse-essays, 6 with regenerate"
    assert "regenerate, essay: 1 called, tokens unknown" in chart.to_dict()["description"]
    same = table(counted("regenerate", "draft", call=4), counted("reuse-drafts", "essay", call=4))
    assert rebuild_matrix(same).to_dict()["title"] == "Every mode calls models 4 times"


def test_stages_are_stacked_and_totals_have_their_range():
    parts, spread, text = layers(rebuild_costs(TABLE))
    assert [(part["mode"], part["start"], part["end"]) for part in parts] == [
        ("regenerate", 0.0, 1000.0),
        ("regenerate", 1000.0, 1000.0),
        ("regenerate", 1000.0, 1030.0),
        ("reuse-essays", 0.0, 0.0),
        ("reuse-essays", 0.0, 0.0),
        ("reuse-essays", 0.0, 15.0),
    ]
    assert [(total["low"], total["high"]) for total in spread] == [(520.0, 1540.0), (10.0, 20.0)]
    assert [total["label"] for total in text] == [
        "6 calls: 1,030 (520 to 1,540), 2 of unknown cost",
        "1 call: 15 (10 to 20)",
    ]


def test_the_bars_have_a_sentence_on_their_result():
    chart = rebuild_costs(TABLE)
    compiles(chart)
    assert axis_titles(chart) == {"x": "tokens, prompt and answer together (number)", "y": "mode"}
    assert chart.to_dict()["title"] == "From 15 tokens with reuse-essays to 1,030 with regenerate"


def test_unknown_costs_are_named_and_not_drawn_as_zero():
    unknown = table(counted("regenerate", "draft", call=2, tokens=(None,) * 4, calls_of_unknown_cost=2))
    chart = rebuild_costs(unknown)
    assert layers(chart)[2][0]["label"] == "2 calls, tokens unknown"
    assert chart.to_dict()["title"] == "The cost of the calls is unknown"


def test_modes_that_call_nothing_or_the_same():
    free = table(counted("reuse-essays", "evaluation", reuse=1))
    assert layers(rebuild_costs(free))[2][0]["label"] == "no call, nothing to pay"
    equal = pd.concat([TABLE.head(1), TABLE.head(1).assign(mode="reuse-drafts")])
    assert rebuild_costs(equal).to_dict()["title"] == "Every mode takes about 1,000 tokens"


def test_nothing_tried_is_drawn_as_nothing():
    for chart in (rebuild_matrix(table()), rebuild_costs(table())):
        compiles(chart)
    assert rebuild_matrix(table()).to_dict()["title"] == "No mode was tried"
