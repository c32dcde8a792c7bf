from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest
from genaudit.lookup import picture as module
from genaudit.workbench.generation_detail import generation_detail
from genaudit.workbench.rebuild_form import try_modes
from genaudit.workbench.session import Sessions
from helpers.charts import layers
from helpers.stores import DRAFT, ESSAY, evaluation, write_generation


def test_a_generation_comes_with_record_findings_and_relatives(session):
    seen = generation_detail(session, "essay", ESSAY)
    facts = dict(zip(seen.facts["what"], seen.facts["value"], strict=True))
    assert (facts["parent_gen_id"], facts["replicate"], facts["class of the id"]) == (DRAFT, "1", "deterministic")
    assert seen.above["gen_id"].tolist() == [DRAFT]
    assert seen.below["gen_id"].tolist() == ["v_1", "v_2", "v_3"]
    assert set(seen.findings["gen_id"]) <= {ESSAY}
    assert {node["gen_id"] for node in layers(seen.chart)[1]} == {DRAFT, ESSAY, "v_1", "v_2", "v_3"}


def test_a_parent_that_is_gone_is_drawn(session):
    seen = generation_detail(session, "essay", "e_lost")
    assert len(seen.above) == 0
    assert "PARENT_MISSING" in seen.findings["code"].tolist()
    classes = {node["gen_id"]: node["class"] for node in layers(seen.chart)[1]}
    assert classes["d_gone"] == "not in the store"


@pytest.mark.parametrize(
    "chosen", [(None, None), ("draft", None), ("draft", "e_lost"), ("no stage", "x"), (None, "x")]
)
def test_an_unknown_generation_gives_nothing(session, chosen):
    assert generation_detail(session, *chosen) is None


def test_of_many_descendants_some_are_drawn_and_the_rest_counted(session, family, monkeypatch):
    monkeypatch.setattr(module, "MOST_BELOW", 2)
    seen = generation_detail(session, "draft", DRAFT)
    labels = [node["label"] for node in layers(seen.chart)[1]]
    assert labels == [f"▸ {DRAFT}", ESSAY, "v_1", "2 more evaluations"]
    assert len(seen.below) == 4
    write_generation(family, "evaluation", "v_4", evaluation(ESSAY, replicate=4))
    assert len(generation_detail(Sessions().open(family), "draft", DRAFT).below) == 5


def test_a_rebuild_gives_the_outcome_of_the_generation(chained):
    assert generation_detail(chained, "essay", ESSAY).outcomes["mode"].nunique() == 5
    asked = try_modes(chained, RebuildRequest(ids=(ESSAY,), modes=("regenerate",)))
    assert set(generation_detail(chained, "essay", ESSAY, asked).outcomes["mode"]) == {"regenerate"}
    refused = try_modes(chained, RebuildRequest(ids=("e_gone",)))
    assert generation_detail(chained, "essay", ESSAY, refused).outcomes is None


def test_siblings_of_the_shown_generation_are_no_descendants(session):
    seen = generation_detail(session, "evaluation", "v_2")
    assert [node["gen_id"] for node in layers(seen.chart)[1]] == [ESSAY, DRAFT, "v_2"]
