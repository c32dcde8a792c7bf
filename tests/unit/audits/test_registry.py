"""The registry of audits and all that follows from a descriptor."""

from __future__ import annotations

import pytest

from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.file_types import placed
from genaudit.audits.parents_sections import PARENTS
from genaudit.audits.recompute_sections import RECOMPUTE
from genaudit.audits.registry import AUDITS, Registry, report_names
from genaudit.audits.run import run_audits
from genaudit.audits.table import TABLE, Row, audits_by_page, default_audits, on_demand
from genaudit.reports import reports_of
from genaudit.schemas import RefKind
from genaudit.store.snapshot import scan

DATE = "2026-01-02"


def test_names_titles_and_reports_are_unique():
    audits = [*AUDITS.values()]
    for values in ([one.title for one in audits], [one.report for one in audits], [one.question for one in audits]):
        assert len({*values}) == len(AUDITS) == 8
    assert all(one.question.endswith("?") for one in audits)
    assert all(row.help.endswith(".") for row in TABLE.values())


def test_the_audits_that_read_every_file_run_on_demand():
    assert [*on_demand()] == ["content", "references"] == [name for name, audit in AUDITS.items() if audit.reads]
    assert default_audits() == tuple(name for name in AUDITS if name not in on_demand())


def test_a_registry_loads_a_descriptor_when_it_is_asked_for():
    rows = {
        "parents": Row("genaudit.audits.parents_sections:PARENTS", "Follow every parent."),
        "broken": Row("genaudit.nowhere:NOTHING", "Import nothing."),
    }
    registry = Registry(rows)
    assert [*registry] == ["parents", "broken"]
    assert registry["parents"] is PARENTS
    with pytest.raises(ModuleNotFoundError):
        registry["broken"]
    with pytest.raises(KeyError):
        registry["unheard"]


def test_an_audit_runs_once_in_a_context(store):
    context = AuditContext(scan(store))
    first = context.result(RECOMPUTE)
    assert context.result(RECOMPUTE) is first
    assert [*context.results] == ["recompute"]


def test_a_page_is_named_like_its_audit_unless_it_shares_one(monkeypatch):
    monkeypatch.setitem(TABLE, "names", Row("toy:NAMES", "Measure names."))
    monkeypatch.setitem(TABLE, "more", Row("toy:MORE", "Measure more.", page="metadata"))
    pages = audits_by_page()
    assert pages["names"] == ("names",)
    assert pages["metadata"] == ("metadata", "more")


def test_an_audit_has_no_further_files_by_default():
    plain = Audit("a", "A", "A?", lambda _: None, lambda _: (), "a_report", {})
    assert [*plain.files(None, DATE)] == []


def test_results_are_attributes_of_a_run(broken):
    run = run_audits(scan(broken), ["parents", "recompute"])
    assert run.parents is run.results["parents"] is run.result(PARENTS)
    assert run.recompute.summary.stages["essay"].total == 2
    with pytest.raises(AttributeError, match=r"no audit 'parent' in this run.*did you mean 'parents'"):
        run.parent  # noqa: B018
    with pytest.raises(AttributeError, match=r"only parents, recompute$"):
        run.inventory  # noqa: B018
    with pytest.raises(AttributeError):
        run.__wrapped__  # noqa: B018
    assert run_audits(scan(broken), ["parents"]).result(RECOMPUTE) is None


def test_every_report_that_a_run_writes_is_known_as_genaudits_own(broken):
    run = run_audits(scan(broken), AUDITS)
    reports = [*reports_of(run, DATE, page=True), *reports_of(run, DATE, page=False)]
    assert {report.name for report in reports} <= report_names()
    for report in reports:
        assert placed(f"notes2/{report.name}_{DATE}.{report.suffix}", in_store=True).kind is RefKind.REPORT
    assert placed(f"notes2/other_{DATE}.csv", in_store=True).kind is RefKind.TABLE
    assert placed("notes2/cohort_rebuild.csv", in_store=True).kind is RefKind.TABLE
