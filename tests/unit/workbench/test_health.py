from __future__ import annotations

from genaudit.workbench.health import NOT_RUN, coverage, findings_by_audit, key_numbers
from genaudit.workbench.references import search
from genaudit.workbench.session import Sessions


def test_the_key_numbers_of_a_family(session):
    numbers = {number.label: number.value for number in key_numbers(session.facts)}
    assert numbers["Generations"] == "6"
    assert numbers["Broken links"] == "1"
    # Its three evaluations and the lost essay have made-up names.
    assert numbers["Ids that hold"] == "33.3\N{NO-BREAK SPACE}%"
    assert numbers["Errors"] == str((session.findings["severity"] == "error").sum())


def test_an_empty_store_has_numbers_too(root):
    numbers = {number.label: number.value for number in key_numbers(Sessions().open(root).facts)}
    assert (numbers["Generations"], numbers["Errors"], numbers["Ids that hold"]) == ("0", "0", "\N{EN DASH}")


def test_the_audit_with_the_most_errors_comes_first(session):
    listed = findings_by_audit(session)
    errors = [(session.run.results[audit].findings["severity"] == "error").sum() for audit, _ in listed[:-2]]
    assert errors == sorted(errors, reverse=True)
    assert [audit for audit, _ in listed][-2:] == ["content", "references"]
    assert {audit for audit, _ in listed[:-2]} == {*session.run.results}
    assert dict(listed)["parents"] == "1 error"


def test_no_findings_give_a_sentence(root):
    listed = findings_by_audit(Sessions().open(root))
    assert {words for audit, words in listed if audit not in ("content", "references")} == {"nothing found"}
    assert dict(listed)["references"] == dict(listed)["content"] == NOT_RUN


def test_results_of_a_search_are_kept(family, tmp_path):
    (family / "7_cross_experiment").mkdir()
    (family / "7_cross_experiment" / "aggregated_scores.csv").write_text("gen_id\nv_gone12345678901\n")
    session = Sessions().open(family)
    before = session.facts
    search(session, tmp_path / "reports")
    assert dict(findings_by_audit(session))["references"] == "1 warning"
    assert session.facts == before


def test_coverage_lists_every_count(session):
    table = coverage(session)
    checked = session.run.results["parents"].coverage.checked
    own = table[(table["audit"] == "parents") & (table["what"] == "checked")]
    assert dict(zip(own["reason"], own["number"], strict=True)) == checked
