"""Costs of calls, compared with DuckDB and plain arithmetic over the reports of a store."""

from __future__ import annotations

import json
from statistics import median

import duckdb
import pytest

from genaudit.audits.rebuild.prices import Price
from genaudit.sample import SampleOptions, write_sample
from helpers.rebuilds import add, rows_of, run
from unit.audits.rebuild.conftest import (
    GEMINI,
    NEW_DRAFT,
    NEW_ESSAY,
    OLD_DRAFT,
    OLD_ESSAY,
    SONNET,
    V10,
    draft,
    essay,
    judged,
)

PRICES = {GEMINI: Price(2.0, 10.0), SONNET: Price(1.0, 4.0)}


def costs_by_kind(result):
    table = result.costs.astype(object).where(result.costs.notna(), None)
    return {
        (row.pop("stage"), row.pop("template_id"), row.pop("llm_model_id")): row for row in table.to_dict("records")
    }


def test_medians_and_ranges_by_stage_template_and_model(chains):
    result = run(chains, OLD_ESSAY)
    # Old essays name no model: their draft's wrote them.
    assert costs_by_kind(result) == {
        ("draft", V10, GEMINI): {
            "samples": 2,
            "prompt_median": 150.0,
            "prompt_low": 110.0,
            "prompt_high": 190.0,
            "completion_median": 2000.0,
            "completion_low": 1200.0,
            "completion_high": 2800.0,
        },
        ("essay", V10, GEMINI): {
            "samples": 2,
            "prompt_median": 1050.0,
            "prompt_low": 1010.0,
            "prompt_high": 1090.0,
            "completion_median": 1000.0,
            "completion_low": 920.0,
            "completion_high": 1080.0,
        },
        ("evaluation", "novelty", SONNET): {
            "samples": 2,
            "prompt_median": 600.0,
            "prompt_low": 520.0,
            "prompt_high": 680.0,
            "completion_median": 15.0,
            "completion_low": 11.0,
            "completion_high": 19.0,
        },
    }
    assert [row["tokens"] for row in rows_of(result, "regenerate")] == [2150.0, 2050.0, 615.0, 615.0]
    assert [row["tokens"] for row in rows_of(result, "reuse-essays")] == [0.0, 0.0, 615.0, 615.0]
    assert {row["money"] for row in rows_of(result, "reuse-essays")} == {None}


def test_sums_count_calls_alone(chains):
    table = run(chains, OLD_ESSAY, prices=PRICES).comparison.set_index(["mode", "stage"])
    drafts, evaluations = table.loc[("regenerate", "draft")], table.loc[("regenerate", "evaluation")]
    assert (drafts["prompt_tokens"], drafts["completion_tokens"]) == (150.0, 2000.0)
    assert (evaluations["tokens_low"], evaluations["tokens_high"]) == (2 * 531.0, 2 * 699.0)
    # 150 tokens at 2 and 2,000 at 10 a million; twice 600 at 1 and 15 at 4.
    assert drafts["money"] == pytest.approx((150 * 2 + 2000 * 10) / 1e6)
    assert evaluations["money"] == pytest.approx(2 * (600 * 1 + 15 * 4) / 1e6)
    rows = rows_of(run(chains, OLD_ESSAY, prices=PRICES), "reuse-essays")
    assert [row["money"] for row in rows] == [0.0, 0.0, pytest.approx(0.00066), pytest.approx(0.00066)]
    reused = table.loc[("reuse-essays", "essay")]
    assert (reused["prompt_tokens"], reused["money"], reused["calls_of_unknown_cost"]) == (0.0, 0.0, 0)


def test_unknown_is_missing_and_never_zero(chains):
    for path in chains.glob("gens/evaluation/*/raw_metadata.json"):
        path.unlink()
    result = run(chains, OLD_ESSAY, prices={GEMINI: PRICES[GEMINI]})
    evaluations = result.comparison.set_index(["mode", "stage"]).loc[("reuse-essays", "evaluation")]
    assert evaluations[["prompt_tokens", "completion_tokens", "tokens_low", "tokens_high", "money"]].isna().all()
    assert evaluations["calls_of_unknown_cost"] == evaluations["call"] == evaluations["calls_without_price"] == 2
    assert {row["tokens"] for row in rows_of(result, "reuse-essays", "evaluation")} == {None}
    assert costs_by_kind(result)["evaluation", "novelty", SONNET] == {
        "samples": 0,
        **{f"{kind}_{what}": None for kind in ("prompt", "completion") for what in ("median", "low", "high")},
    }
    assert result.summary.cost_coverage["kinds_of_unknown_cost"] == 1
    by_purpose = {advice.purpose: advice for advice in result.advice}
    assert by_purpose["re-run everything"].tokens is None


def test_known_and_unknown_calls_are_added_separately(chains):
    other = "dearercopy000000"
    add(chains, "essay", other, {**essay(OLD_DRAFT), "template_id": "creative-synthesis-v9"})
    table = run(chains, f"{OLD_ESSAY} {other}", prices=PRICES).comparison.set_index(["mode", "stage"])
    essays = table.loc[("reuse-drafts", "essay")]
    assert (essays["call"], essays["calls_of_unknown_cost"], essays["calls_without_price"]) == (2, 1, 1)
    assert essays["prompt_tokens"] == 1050.0


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({"usage": {"prompt_tokens": 5}}, "reports without usage"),
        ({"usage": {"prompt_tokens": True, "completion_tokens": 2}}, "reports without usage"),
        ({"usage": {"prompt_tokens": -1, "completion_tokens": 2}}, "reports without usage"),
        ({"usage": {"prompt_tokens": "5", "completion_tokens": 2}}, "reports without usage"),
        ({"usage": [5, 2]}, "reports without usage"),
        ({"finish_reason": "stop"}, "reports without usage"),
        ([], "reports that cannot be read"),
    ],
)
def test_reports_without_usage_are_counted(chains, usage, reason):
    add(chains, "draft", "d_odd", draft(7), usage=usage)
    result = run(chains, NEW_ESSAY)
    assert result.summary.cost_coverage["reports_without"] == {reason: 1}
    assert costs_by_kind(result)["draft", V10, GEMINI]["samples"] == 2


def test_copies_are_ignored_in_the_costs_of_calls(chains):
    add(chains, "essay", "e_copied", {**essay(NEW_DRAFT, 2), "mode": "copy"}, usage=(0, 0))
    assert costs_by_kind(run(chains, NEW_ESSAY))["essay", V10, GEMINI]["samples"] == 2


def test_only_reports_of_planned_kinds_are_read(chains):
    # The retired template's evaluation has usage, and no mode calls for it.
    result = run(chains, NEW_ESSAY)
    assert result.summary.cost_coverage["reports_with_usage"] == 6
    add(chains, "evaluation", "v_third", judged(NEW_ESSAY, 9), usage=(1, 1))
    assert run(chains, NEW_ESSAY).summary.cost_coverage["reports_with_usage"] == 7


def test_no_link_is_followed(chains, tmp_path):
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps({"usage": {"prompt_tokens": 10**6, "completion_tokens": 1}}))
    add(chains, "draft", "d_linked", draft(8))
    report = chains / "gens/draft/d_linked/raw_metadata.json"
    report.unlink()
    report.symlink_to(elsewhere)
    assert costs_by_kind(run(chains, NEW_ESSAY))["draft", V10, GEMINI]["samples"] == 2


def test_a_sample_store_against_duckdb(tmp_path):
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=24, seed=4))
    result = run(root, modes=("all",))
    query = f"""
        with records as (
            select string_split(filename, '/')[-2] as id, * from
            read_json('{root}/gens/evaluation/*/metadata.json', filename=true)),
        reports as (
            select string_split(filename, '/')[-2] as id, usage from
            read_json('{root}/gens/evaluation/*/raw_metadata.json', filename=true))
        select template_id, llm_model_id, count(*), median(usage.prompt_tokens),
            quantile_cont(usage.completion_tokens, 0.9)
        from records join reports using (id) group by all
    """  # noqa: S608 (the test's own folder)
    expected = {(row[0], row[1]): row[2:] for row in duckdb.sql(query).fetchall()}
    found = {kind[1:]: row for kind, row in costs_by_kind(result).items() if kind[0] == "evaluation"}
    assert found
    # Models that have judged nothing yet have no reports.
    assert {kind for kind, row in found.items() if row["samples"]} == set(expected)
    for kind, row in found.items():
        if kind not in expected:
            continue
        count, prompt, high = expected[kind]
        assert (row["samples"], row["prompt_median"]) == (count, prompt)
        assert row["completion_high"] == pytest.approx(high)


def test_a_median_is_the_plain_one(chains):
    usages = [(3, 7), (8, 1), (90, 40)]
    for number, usage in enumerate(usages, start=20):
        add(chains, "draft", f"d_more{number}", draft(number), usage=usage)
    prompts = [100, 200, *(prompt for prompt, _ in usages)]
    found = costs_by_kind(run(chains, NEW_ESSAY))["draft", V10, GEMINI]
    assert found["prompt_median"] == median(prompts)
    assert found["samples"] == len(prompts)
