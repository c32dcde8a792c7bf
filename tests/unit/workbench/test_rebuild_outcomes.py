from __future__ import annotations

from genaudit.audits.rebuild import RebuildRequest
from genaudit.workbench.rebuild_form import try_modes
from genaudit.workbench.rebuild_outcomes import because_of, causes_of, planned, reasons
from genaudit.workbench.session import Sessions
from helpers.rebuilds import add
from helpers.stores import DRAFT, ESSAY, ESSAY_RECORD

SKIP = "reuse-essays+skip-existing"
EXISTING = "reuse-drafts+reuse-existing"


def test_planned_generations_are_listed_once(chain):
    add(chain, "essay", "e_twin", {**ESSAY_RECORD, "replicate": 2})
    session = Sessions().open(chain)
    result = try_modes(session, RebuildRequest(ids=(ESSAY, "e_twin"), modes=("reuse-essays",)))
    table = planned(result)
    assert len(table) == result.comparison["planned"].sum()
    draft = table[table["stage"] == "draft"]
    assert draft[["gen_id", "selected", "causes"]].to_numpy().tolist() == [[DRAFT, 2, ""]]
    assert len(result.frame[result.frame["stage"] == "draft"]) == 2


def test_causes_filter_the_plan(chained):
    table = planned(chained.run.results["rebuild"])
    assert "parent is new" in causes_of(table)
    kept = because_of(table, "parent is new")
    assert 0 < len(kept) < len(table)
    assert set(kept["stage"]) == {"essay", "evaluation"}
    assert because_of(table, None) is table
    assert because_of(table.head(0), "parent is new").empty


def test_the_reasons_of_one_name_everything_that_differs(chained):
    result = chained.run.results["rebuild"]
    table = planned(result)
    essay = table[(table["mode"] == "reuse-drafts") & (table["stage"] == "essay")]["gen_id"].item()
    rows = reasons(result, "essay", essay)
    first = rows.iloc[0]
    assert (first["mode"], first["decision"], first["cause"]) == ("reuse-drafts", "call", "new replicate")
    assert (first["differs"], first["compared_with"]) == (f"replicate: stored 1 ({ESSAY}), planned 2", ESSAY)
    assert (first["begins_with"], first["selection_id"]) == ("itself", ESSAY)
    assert "replicate were 1" in first["or_if"]


def test_reused_generations_have_no_cause(chained):
    rows = reasons(chained.run.results["rebuild"], "draft", DRAFT)
    assert set(rows["mode"]) == {"reuse-drafts", "reuse-essays", SKIP, EXISTING}
    assert set(rows["decision"]) == {"reuse"}
    assert set(rows["cause"]) == {""}


def test_unplanned_generations_have_no_causes(chained):
    assert reasons(chained.run.results["rebuild"], "essay", "e_gone").empty
    assert reasons(chained.run.results["rebuild"], None, None).empty
