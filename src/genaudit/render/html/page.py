"""Pages of one file each: a run of the audits, or the plan of a migration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from shlex import quote
from typing import Any, Final

from genaudit import charts
from genaudit.audits.registry import AUDITS
from genaudit.audits.run import AuditRun
from genaudit.audits.run_summary import summarise_run
from genaudit.audits.table import default_audits
from genaudit.codes import CODES
from genaudit.legible import legible
from genaudit.migration.plan import Plan
from genaudit.migration.sections import plan_sections, plan_summary
from genaudit.page_model import Figure, Section
from genaudit.render.html.bundles import BUNDLES
from genaudit.render.html.findings import codes_table, findings_table
from genaudit.render.html.looks import looks_of, no_looks
from genaudit.render.html.templating import fill, inline_rows

TITLE: Final = "Audit of a generation store"
PLAN_TITLE: Final = "Migration plan"
FINDINGS: Final = "findings.csv"
_MOST_CODES: Final = 12
_SHORT_DIGEST: Final = 16
_OVERVIEW: Final = "Findings by code, the worst first. See Findings for the meaning and the fix of each."


def render_page(run: AuditRun, *, date: str, title: str | None = None, findings: str = FINDINGS) -> bytes:
    """Render the report page of a run: HTML in UTF-8, the same bytes for the same run.

    :param date: the date in the names of the run's reports, which the page refers to.
    :param title: the heading, :data:`TITLE` by default.
    :param findings: the report with all findings, as ``name.suffix``.
    """
    context = page_context(run, date, title or TITLE, run.sections, overview=True, findings=findings)
    return fill("page.html.j2", {**context, "audits": tuple(AUDITS), "pages": ()}, bundles=[*BUNDLES], beside=False)


def render_plan(plan: Plan, source: str) -> bytes:
    """Render the page of a migration plan: HTML in UTF-8, the same bytes for the same plan.

    :param source: the name of the plan's file, which the page refers to.
    """
    context = {**plan_context(plan, source), "pages": ()}
    return fill("plan.html.j2", context, bundles=[*BUNDLES], beside=False)


def plan_context(plan: Plan, source: str) -> dict[str, Any]:
    """Build the template context of a plan's page.

    :param source: the name of the plan's file.
    """
    return {
        "title": PLAN_TITLE,
        "date": plan.digest[:_SHORT_DIGEST],
        "file_of": str,
        "root": plan.digest,
        "facts": plan_summary(plan, source),
        "sections": plan_sections(plan, source),
        "remedies": {},
        "looks": no_looks(),
    }


def dated(source: str, date: str) -> str:
    """Return the name of the report file that a table comes from, relative to the page."""
    name, _, suffix = source.rpartition(".")
    return f"{name}_{date}.{suffix}"


def _command(run: AuditRun, date: str) -> str:
    """Return the command that writes the reports of a run again.

    A page has no run time, because the same store, options and date give the same bytes.
    """
    chosen = [f"--with-{name}" for name in run.results if name not in default_audits()]
    if {*default_audits()} - {*run.results}:
        chosen = [f"--only {name}" for name in run.results]
    return " ".join(["genaudit audit --data-root", quote(legible(run.snapshot.name)), "--date", date, *chosen])


def page_context(
    run: AuditRun, date: str, title: str, shown: Sequence[Section], *, overview: bool, findings: str = FINDINGS
) -> dict[str, Any]:
    """Build the template context of a run's page.

    :param shown: the sections of the page.
    :param overview: whether a chart of all findings comes before them.
    :param findings: as :func:`render_page` takes it.
    """
    found = run.findings
    chart = Figure("overview", _OVERVIEW, lambda: charts.findings_by_code(found, _MOST_CODES))
    found_table = findings_table(run, findings)
    return {
        "title": title,
        "date": date,
        "file_of": partial(dated, date=date),
        "root": run.snapshot.name,
        "again": _command(run, date),
        "facts": summarise_run(run),
        "overview": chart if overview and len(found) else None,
        "sections": shown,
        "results": run.results,
        "findings": found_table,
        "looks": looks_of(run, map(inline_rows, [found_table, *(table for one in shown for table in one.tables)])),
        "codes": codes_table(run),
        "remedies": {name: {"title": code.title, "fix": code.fix} for name, code in CODES.items()},
    }
