from __future__ import annotations

from types import SimpleNamespace

from genaudit.audits.rebuild import RebuildRequest
from genaudit.errors import DDError, Err
from genaudit.workbench.on_demand import (
    failed_modes,
    not_planned,
    not_searched_yet,
    recommendations,
    search_store,
)
from genaudit.workbench.rebuild_form import try_modes
from genaudit.workbench.references import searched
from helpers.stores import ESSAY

MARKUP = "<script>alert(1)</script>"


def test_every_problem_of_a_selection_has_a_line(chained):
    text = not_planned(try_modes(chained, RebuildRequest(ids=("e_gone", MARKUP), modes=("sideways",)))).text
    assert text.count("u003cli&#92;u003e") == 3
    assert "e_gone" in text
    assert "sideways" in text
    assert "--ids" not in text
    assert "<script" not in text


def test_of_many_problems_the_rest_are_counted():
    problems = [{"problem": "not_an_id", "line": line, "value": "?"} for line in range(60)]
    text = not_planned(DDError(Err.INVALID_CONFIG, {"reason": "invalid_selection", "problems": problems})).text
    assert "and 10 more" in text


def test_an_error_without_problems_shows_its_context():
    text = not_planned(DDError(Err.DATA_MISSING, {"reason": "catalog_missing", "catalog": "llm_models"})).text
    assert "catalog missing" in text
    assert "llm_models" in text
    assert not_planned(None).text == ""


def test_modes_that_cannot_be_planned_are_named(chained):
    result = try_modes(chained, RebuildRequest(ids=(ESSAY,), modes=("regenerate", "spec:nobody")))
    assert "spec:nobody: spec not found" in failed_modes(result).text
    assert failed_modes(chained.run.results["rebuild"]).text == ""


def test_each_recommendation_that_a_mode_carries_out_has_its_file(chained):
    result = chained.run.results["rebuild"]
    text = recommendations(result, "2026-01-02").text
    carried = [one for one in result.advice if one.mode]
    assert len(carried) == 3
    assert text.count("<marimo-download") == 3
    assert "selected_essays.txt" in text
    for one in result.advice:
        assert one.purpose in text


def test_without_a_selection_nothing_is_recommended(session):
    assert "marimo-download" not in recommendations(session.run.results["rebuild"], "2026-01-02").text


def test_a_search_runs_on_request(chained, tmp_path):
    reports = tmp_path / "reports"
    assert search_store(chained, reports, now=False) is None
    assert str(chained.root) in not_searched_yet(chained).text
    found = search_store(chained, reports, now=True)
    assert found is searched(chained, reports)
    assert search_store(chained, reports, now=False) is found


def test_progress_is_reported_in_steps(chained, tmp_path, monkeypatch):
    steps = []

    def noted(*, increment):
        steps.append(increment)

    class Bar:
        def __enter__(self):
            return SimpleNamespace(update=noted)

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("genaudit.workbench.on_demand.mo.status.progress_bar", lambda **_: Bar())
    monkeypatch.setattr("genaudit.store.source.SHARD_SIZE", 1)
    search_store(chained, tmp_path / "reports", now=True)
    assert sum(steps) == len(chained.generations)
    assert all(step > 0 for step in steps)
