from __future__ import annotations

from collections import Counter

from genaudit.audits.registry import AUDITS
from genaudit.report_pages import MIGRATION, OVERVIEW, report_pages


def test_every_audit_has_one_page():
    assert Counter(name for page in report_pages().values() for name in page.audits) == Counter([*AUDITS])


def test_only_the_overview_and_the_migration_name_no_audits():
    pages = report_pages()
    assert [name for name, page in pages.items() if not page.audits] == [OVERVIEW, MIGRATION]
    assert next(iter(pages)) == OVERVIEW
    assert [*pages][-1] == MIGRATION
    assert pages["cohorts"].audits == ("cohorts",)
    assert all(name == page.name for name, page in pages.items())
    assert all(page.title and page.question.endswith("?") for page in pages.values())
