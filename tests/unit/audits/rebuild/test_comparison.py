"""The modes side by side: kept generations, unavoidable calls, and descendants of the selection."""

from __future__ import annotations

import json
from collections import Counter

import networkx as nx
import pytest

from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, rows_of, run
from unit.audits.rebuild.conftest import (
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    OLD_DRAFT,
    OLD_ESSAY,
    SONNET,
    essay,
    judged,
)

SKIP = "reuse-essays+skip-existing"


def kept(result):
    return {
        (row["mode"], row["stage"], row["class"]): (row["kept"], row["selected"], row["verdict"])
        for row in result.kept.to_dict("records")
    }


def test_which_ids_each_mode_keeps(chains):
    found = kept(run(chains, f"{OLD_ESSAY} {NEW_ESSAY}"))
    none, both = (0, 1, "none"), (1, 1, "all")
    assert {key[1:]: value for key, value in found.items() if key[0] == "regenerate"} == {
        ("draft", "deterministic"): none,
        ("draft", "legacy"): none,
        ("essay", "deterministic"): none,
        ("essay", "legacy"): none,
        ("evaluation", "deterministic"): (0, 2, "none"),
        ("evaluation", "legacy"): none,
    }
    assert found["reuse-drafts", "draft", "legacy"] == both
    assert found["reuse-drafts", "essay", "legacy"] == none
    assert found["reuse-essays", "essay", "legacy"] == both
    assert found["reuse-essays", "evaluation", "legacy"] == none
    assert found[SKIP, "evaluation", "legacy"] == both
    # The evaluation by the retired template is in no plan.
    assert found[SKIP, "evaluation", "deterministic"] == (1, 2, "some")


def test_calls_that_no_mode_avoids(chains):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY}")
    # The second evaluation of each essay is missing, and every mode asks for it.
    assert result.unavoidable.to_dict("records") == [
        {"stage": "evaluation", "template_id": "novelty", "llm_model_id": SONNET, "generations": 2}
    ]
    add(chains, "evaluation", "v_second", judged(OLD_ESSAY, 2))
    add(chains, "evaluation", "v_other", judged(NEW_ESSAY, 2))
    assert run(chains, f"{OLD_ESSAY} {NEW_ESSAY}").unavoidable.empty


def test_a_single_mode_avoids_nothing(chains):
    counts = run(chains, OLD_ESSAY, modes=("regenerate",)).unavoidable.set_index("stage")["generations"]
    assert counts.to_dict() == {"draft": 1, "essay": 1, "evaluation": 2}


def test_causes_are_counted_once_a_generation(chains):
    result = run(chains, OLD_ESSAY)
    counted = Counter(
        (mode, row["stage"], cause)
        for mode in result.summary.modes
        for row in rows_of(result, mode)
        for cause in {why["cause"] for why in row["causes"]}
    )
    found = {(row.mode, row.stage, row.cause): row.generations for row in result.causes.itertuples()}
    assert found == counted


def test_descendants(chains):
    add(chains, "essay", "oldessay00000002", essay(OLD_DRAFT, 2))
    blast = run(chains, OLD_ESSAY).blast
    assert blast.to_dict("records") == [
        {
            "stage": "draft",
            "gen_id": OLD_DRAFT,
            "class": "legacy",
            "essays_below": 2,
            "evaluations_below": 1,
            "below": 3,
        },
        {
            "stage": "essay",
            "gen_id": OLD_ESSAY,
            "class": "legacy",
            "essays_below": 0,
            "evaluations_below": 1,
            "below": 1,
        },
    ]


def test_descendants_equal_those_of_a_graph(tmp_path):
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=12, seed=9, light=True))
    graph = nx.DiGraph()
    above = {"essay": "draft", "evaluation": "essay"}
    for path in root.glob("gens/*/*/metadata.json"):
        record = json.loads(path.read_text())
        if parent := record.get("parent_gen_id"):
            graph.add_edge((above[record["stage"]], parent), (record["stage"], record["gen_id"]))
    essays = scan(root).generations.query("stage == 'essay'")["gen_id"].tolist()
    blast = run(root, " ".join(essays)).blast
    assert len(blast) > len(essays)
    for row in blast.itertuples():
        counts = Counter(stage for stage, _ in nx.descendants(graph, (row.stage, row.gen_id)))
        assert (row.essays_below, row.evaluations_below) == (counts["essay"], counts["evaluation"])


@pytest.mark.parametrize("stage", ["draft", "essay"])
def test_the_kin_of_a_selection(chains, stage):
    result = run(chains, NEW_DRAFT if stage == "draft" else NEW_ESSAY, stage=stage)
    selected = result.kept[result.kept["mode"] == "regenerate"].set_index("stage")["selected"]
    assert selected.to_dict() == {"draft": 1, "essay": 1, "evaluation": 2}
    assert NEW_EVALUATION not in set(result.frame.query("mode == 'regenerate'")["gen_id"])
