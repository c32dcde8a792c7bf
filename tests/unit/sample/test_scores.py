from __future__ import annotations

from collections import defaultdict
from statistics import mean

import pytest

SCORES = "7_cross_experiment/aggregated_scores.csv"
PIVOT = "7_cross_experiment/essay_scores_pivot.csv"


def last_line(sample, path):
    file = sample.root / path
    return file.read_text().splitlines()[-1] if file.exists() else None


def test_there_is_a_row_for_each_evaluation(sample):
    rows = sample.table(SCORES)
    assert list(rows[0]) == [
        "gen_id",
        "parent_gen_id",
        "evaluation_template",
        "evaluation_llm_model",
        "score",
        "error",
        "evaluation_response_path",
        "combo_id",
        "draft_template",
        "generation_template",
        "generation_model",
        "origin_cohort_id",
        "generation_response_path",
        "input_mode",
        "copied_from",
    ]
    assert sorted(row["gen_id"] for row in rows) == [folder.name for folder in sample.folders("evaluation")]


def test_a_score_is_the_last_line_and_a_missing_one_an_error(sample):
    rows = sample.table(SCORES)
    for row in rows:
        assert row["score"] == (last_line(sample, row["evaluation_response_path"]) or "")
        assert bool(row["error"]) != bool(row["score"])
        assert (sample.root / row["generation_response_path"]).exists()
    assert any(row["error"] for row in rows)


def test_a_row_repeats_the_fields_of_its_lineage(sample):
    for row in sample.table(SCORES):
        own = sample.records[row["gen_id"]]
        essay = sample.records[own["parent_gen_id"]]
        draft = sample.records[essay["parent_gen_id"]]
        assert row["parent_gen_id"] == own["parent_gen_id"]
        assert row["evaluation_template"] == own["template_id"]
        assert row["evaluation_llm_model"] == own["llm_model_id"]
        assert row["combo_id"] == draft["combo_id"]
        assert row["draft_template"] == draft["template_id"]
        assert row["generation_template"] == essay["template_id"]
        assert row["generation_model"] == draft["llm_model_id"]
        assert row["origin_cohort_id"] == own["origin_cohort_id"]
        assert (row["input_mode"] == "copy") == (essay["mode"] == "copy")


def test_the_pivot_has_the_means(sample):
    points = defaultdict(list)
    for row in sample.table(SCORES):
        if row["score"]:
            column = f"{row['evaluation_llm_model']}_{row['evaluation_template']}"
            points[row["parent_gen_id"], column].append(float(row["score"]))
    rows = sample.table(PIVOT)
    assert len(rows) == len(sample.folders("essay"))
    for row in rows:
        means = {column: value for column, value in row.items() if (row["essay_gen_id"], column) in points}
        assert len(means) == 6
        for column, value in means.items():
            assert float(value) == pytest.approx(mean(points[row["essay_gen_id"], column]), abs=0.0051)
        total = float(row["allowlisted_template_score_sum"])
        assert total == pytest.approx(sum(map(float, means.values())), abs=1e-9)
