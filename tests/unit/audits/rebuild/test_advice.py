"""Recommendations, and the selection files that carry them out."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import rebuild
from genaudit.audits.rebuild.advice import BACKFILL, RERUN, REUSE_ALL, selection_text
from genaudit.cohorts.membership import read_membership
from genaudit.cohorts.selection import CuratedMode, parse_selection
from genaudit.layout import Layout
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, decided, run
from helpers.runs import PlainRun
from unit.audits.rebuild.conftest import NEW_ESSAY, OLD_DRAFT, OLD_ESSAY, judged


def advice_of(result):
    return {one.purpose: one for one in result.advice}


def test_the_recommendation_for_each_comparison(chains):
    found = advice_of(run(chains, f"{OLD_ESSAY} {NEW_ESSAY}"))
    fill_up, rerun = found[BACKFILL], found[RERUN]
    assert fill_up.directives == ("# mode: reuse-essays", "# skip-existing-evaluations")
    # Two evaluations are missing: 600 prompt tokens and 15 of the answer each.
    assert (fill_up.calls, fill_up.tokens) == (2, 2 * 615.0)
    assert rerun.directives == ("# mode: regenerate",)
    assert rerun.calls == 2 + 2 + 4


def test_without_the_directive_that_fills_up_the_mode_that_keeps_essays_is_named(chains):
    found = advice_of(run(chains, OLD_ESSAY, modes=["regenerate", "reuse-essays"]))
    assert found[BACKFILL].mode == "reuse-essays"


def test_for_drafts_only_the_directive_keeps_essays(chains):
    found = advice_of(run(chains, OLD_DRAFT, stage="draft"))
    # The essay and its first evaluation are kept; new are its second evaluation, a copy and two evaluations of that.
    assert found[BACKFILL].directives == ("# mode: reuse-drafts", "# reuse: existing")
    assert found[BACKFILL].calls == 3
    assert found[RERUN].mode == "regenerate"
    found = advice_of(run(chains, OLD_DRAFT, stage="draft", modes=("regenerate", "reuse-drafts")))
    assert (found[BACKFILL].mode, found[BACKFILL].directives, found[BACKFILL].calls) == (None, (), None)


def test_a_mode_that_pays_for_stored_generations_recommends_the_directive(chains):
    found = advice_of(run(chains, OLD_ESSAY))[REUSE_ALL]
    assert found.directives == ("# mode: reuse-drafts", "# reuse: existing")
    assert found.mode == "reuse-drafts+reuse-existing"
    # The essay and its first evaluation are stored; the second evaluation is not.
    assert "3 model calls, 2 of them" in found.reason
    assert (found.calls, found.tokens) == (1, 615.0)


def test_the_directive_is_named_without_a_number_where_its_mode_was_not_tried(chains):
    found = advice_of(run(chains, OLD_ESSAY, modes=("regenerate", "reuse-drafts", "reuse-essays")))[REUSE_ALL]
    assert found.directives == ("# mode: reuse-drafts", "# reuse: existing")
    assert (found.mode, found.calls) == (None, None)
    assert "--modes reuse-drafts+reuse-existing" in found.reason


@pytest.mark.parametrize("purpose", [BACKFILL, RERUN, REUSE_ALL])
def test_the_recommended_form_pasted_into_a_selection_keeps_its_promise(chains, purpose):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY}")
    advice = advice_of(result)[purpose]
    path = chains / "2_tasks/selected_essays.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*advice.directives, OLD_ESSAY, NEW_ESSAY]))
    assert decided(rebuild(scan(chains)), advice.mode) == decided(result, advice.mode)
    made = PlainRun(chains, "all")
    made.plan("pasted")
    frame = read_membership(Layout(chains), "pasted").frame
    new = sum(not (chains / "gens" / row.stage / row.gen_id / "parsed.txt").exists() for row in frame.itertuples())
    assert new == advice.calls


def test_where_nothing_is_stored_below_no_directive_is_missing(chains):
    found = advice_of(run(chains, OLD_ESSAY, modes=("regenerate", "reuse-drafts")))
    assert REUSE_ALL not in found


def test_the_recommended_selection_file_parses_to_its_mode(chains):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY}")
    for purpose, mode, skips in ((BACKFILL, CuratedMode.REUSE_ESSAYS, True), (RERUN, CuratedMode.REGENERATE, False)):
        read = parse_selection("essay", selection_text(result.choice, advice_of(result)[purpose], "2026-01-02"))
        assert (read.ids, read.mode, read.skip_existing) == ((OLD_ESSAY, NEW_ESSAY), mode, skips)


def test_when_everything_is_there_the_backfill_costs_nothing(chains):
    add(chains, "evaluation", "v_second", judged(OLD_ESSAY, 2))
    found = advice_of(run(chains, OLD_ESSAY))[BACKFILL]
    assert (found.calls, found.tokens) == (0, 0.0)
