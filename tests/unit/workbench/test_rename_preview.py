from __future__ import annotations

import pytest

from genaudit.workbench.rename_preview import MOST_BELOW, chains
from genaudit.workbench.session import Sessions
from helpers.charts import compiles, layers
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    migratable,
    plan_of,
)
from helpers.stores import ESSAY, evaluation, write_generation


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


def chains_of(store, stage, gen_id, **chosen):
    return chains(Sessions().open(store), plan_of(store, **chosen), stage, gen_id)


def drawn(chart):
    compiles(chart)
    return {(node["gen_id"], node["class"]) for node in layers(chart)[1]}


def test_a_chain_as_it_is_and_as_it_will_be(store):
    found = chains_of(store, "essay", CASCADED)
    assert found.steps.to_numpy().tolist() == [
        ["above", "draft", LEGACY_DRAFT, NEW_DRAFT, "renamed by its own record"],
        ["itself", "essay", CASCADED, NEW_ESSAY, "renamed by its parent's new id"],
        ["below", "evaluation", LEGACY_EVALUATION, NEW_EVALUATION, "renamed by its own record"],
    ]
    assert drawn(found.before) == {
        (LEGACY_DRAFT, "legacy"),
        (CASCADED, "deterministic"),
        (LEGACY_EVALUATION, "legacy"),
    }
    assert drawn(found.after) == {(name, "deterministic") for name in (NEW_DRAFT, NEW_ESSAY, NEW_EVALUATION)}


def test_generations_that_keep_their_id_have_a_reason(store):
    steps = chains_of(store, "evaluation", LEGACY_EVALUATION, excepted=[LEGACY_EVALUATION]).steps
    assert steps.iloc[-1].tolist() == [
        "itself",
        "evaluation",
        LEGACY_EVALUATION,
        LEGACY_EVALUATION,
        "keeps its id: excepted",
    ]
    # Its parent is not in the store.
    assert chains_of(store, "essay", ESSAY).steps["outcome"].tolist() == ["unchanged"]


def test_only_the_first_of_many_are_drawn(store):
    for number in range(2, MOST_BELOW + 4):
        write_generation(store, "evaluation", f"{number:02d}evaluation9old", evaluation(CASCADED, replicate=number))
    found = chains_of(store, "essay", CASCADED)
    assert len(found.steps) == 2 + MOST_BELOW + 3
    for chart in (found.before, found.after):
        assert len([node for node in layers(chart)[1] if node["stage"] == "evaluation"]) == MOST_BELOW + 1
        assert "3 more evaluations" in str(chart.to_dict())
    assert str(MOST_BELOW) in found.caption


@pytest.mark.parametrize("chosen", [(None, None), ("draft", None), ("draft", "d_nobody"), ("essay", LEGACY_DRAFT)])
def test_no_such_generation(store, chosen):
    assert chains_of(store, *chosen) is None
