"""The page that tells of a whole run: one file with words, numbers, charts, and the scripts that draw them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from genaudit import charts
from genaudit.codes import AUDITS, CODES
from genaudit.page.bundles import BUNDLES
from genaudit.page.facts import gather
from genaudit.page.filling import fill
from genaudit.page.migration import plan_facts, plan_sections
from genaudit.page.parts import figure
from genaudit.page.sections import sections
from genaudit.page.tables import codes_table, findings_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genaudit.audits.run import AuditRun
    from genaudit.migration.plan import Plan
    from genaudit.page.parts import Section

TITLE: Final = "Audit of a generation store"
PLAN_TITLE: Final = "Migration plan"
SOURCES: Final = {
    "inventory": "gen_id_inventory_{date}.json",
    "metadata": "metadata_validation_{date}.csv",
    "parents": "parent_chains_{date}.csv",
    "recompute": "gen_id_mapping_{date}.csv",
    "cohorts": "cohort_membership_{date}.json",
    "rebuild": "cohort_rebuild_{date}.csv",
    "references": "cross_references_{date}.csv",
}
_MOST_KINDS: Final = 12
_SHORT_DIGEST: Final = 16
_OVERVIEW_SAID: Final = (
    "The gravest kinds, all audits together. What each code means, and what to do about it, stands under Findings."
)
_FINDINGS: Final = "findings_{date}.csv"


def render_page(run: AuditRun, *, date: str, title: str | None = None) -> bytes:
    """Write the report page of a run: HTML in UTF-8, the same bytes for the same run.

    :param date: as it stands in the names of the run's reports, which the page refers to.
    :param title: the page's heading, :data:`TITLE` by default.
    """
    context = page_context(run, date, title or TITLE, sections_of(run, date), overview=True)
    return fill("page.html.j2", {**context, "audits": AUDITS, "pages": ()}, bundles=[*BUNDLES], beside=False)


def render_plan(plan: Plan, source: str) -> bytes:
    """Write the page of a migration's plan: HTML in UTF-8, the same bytes for the same plan.

    :param source: the name of the plan's file, which the page refers to.
    """
    context = {**plan_context(plan, source), "pages": ()}
    return fill("plan.html.j2", context, bundles=[*BUNDLES], beside=False)


def plan_context(plan: Plan, source: str) -> dict[str, Any]:
    """Gather what the page of a plan tells.

    :param source: the name of the plan's file.
    """
    return {
        "title": PLAN_TITLE,
        "date": plan.digest[:_SHORT_DIGEST],
        "root": plan.digest,
        "facts": plan_facts(plan, source),
        "sections": plan_sections(plan, source),
        "remedies": {},
    }


def sections_of(run: AuditRun, date: str) -> list[Section]:
    """Write a section for each audit of a run."""
    return sections(run.results, {name: source.format(date=date) for name, source in SOURCES.items()})


def page_context(run: AuditRun, date: str, title: str, shown: Sequence[Section], *, overview: bool) -> dict[str, Any]:
    """Gather what a page tells of a run.

    :param shown: the sections that the page has.
    :param overview: whether a chart of all findings goes before them.
    """
    findings = run.findings
    return {
        "title": title,
        "date": date,
        "root": str(run.snapshot.root),
        "facts": gather(run),
        "overview": figure("overview", charts.findings_by_code(findings, _MOST_KINDS), _OVERVIEW_SAID)
        if overview and len(findings)
        else None,
        "sections": shown,
        "results": run.results,
        "findings": findings_table(run, _FINDINGS.format(date=date)),
        "codes": codes_table(run),
        "remedies": {name: {"title": code.title, "fix": code.fix} for name, code in CODES.items()},
    }
