"""One file with everything in it: words, numbers, charts, and the scripts that draw them.

A store's contents are untrusted. Templates escape all they are given, charts are data that no parser takes for
markup, and the page's policy names by hash the only scripts that may run, and nothing that could be fetched.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import jinja2

from genaudit import charts
from genaudit.charts.style import CLASS_COLOURS, SEVERITY_COLOURS
from genaudit.charts.text import legible
from genaudit.codes import AUDITS, CODES, SEVERITIES
from genaudit.page.bundles import datatables, inline, vega
from genaudit.page.facts import gather
from genaudit.page.migration import plan_facts, plan_sections
from genaudit.page.parts import figure
from genaudit.page.sections import sections
from genaudit.page.tables import codes_table, findings_table
from genaudit.page.words import share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genaudit.audits.run import AuditRun
    from genaudit.migration.plan import Plan

_TEMPLATES: Final = resources.files("genaudit").joinpath("templates")
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
    findings = run.findings
    return _rendered(
        "page.html.j2",
        title=title or TITLE,
        date=date,
        root=str(run.snapshot.root),
        facts=gather(run),
        overview=figure("overview", charts.findings_by_code(findings, _MOST_KINDS), _OVERVIEW_SAID)
        if len(findings)
        else None,
        sections=sections(run.results, {name: source.format(date=date) for name, source in SOURCES.items()}),
        results=run.results,
        audits=AUDITS,
        findings=findings_table(run, _FINDINGS.format(date=date)),
        codes=codes_table(run),
        remedies={name: {"title": code.title, "fix": code.fix} for name, code in CODES.items()},
        class_colours=CLASS_COLOURS,
        severity_colours=SEVERITY_COLOURS,
    )


def render_plan(plan: Plan, source: str) -> bytes:
    """Write the page of a migration's plan: HTML in UTF-8, the same bytes for the same plan.

    :param source: the name of the plan's file, which the page refers to.
    """
    return _rendered(
        "plan.html.j2",
        title=PLAN_TITLE,
        date=plan.digest[:_SHORT_DIGEST],
        root=plan.digest,
        facts=plan_facts(plan, source),
        sections=plan_sections(plan, source),
        remedies={},
    )


def _rendered(template: str, **facts: Any) -> bytes:  # noqa: ANN401 (whatever a template shows)
    scripts = {
        "theme": _asset("theme.js"),
        "vega": vega(),
        "datatables": datatables(),
        "page": _asset("page.js"),
    }
    style = _asset("page.css")
    text = (
        _environment()
        .get_template(template)
        .render(**facts, scripts=scripts, style=style, policy=_policy(scripts.values()))
    )
    return text.encode()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("genaudit", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(legible=_legible, number=_number, data=_data, share=share)
    environment.globals["severities"] = SEVERITIES
    return environment


def _asset(name: str) -> str:
    """Take a script or a style sheet as it stands beside the templates."""
    return inline(_TEMPLATES.joinpath(name).read_text(encoding="utf-8"))


def _policy(scripts: Iterable[str]) -> str:
    """Allow exactly these scripts, inline styles, images that the page carries, and no request at all."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )


def _legible(value: object) -> str:
    return "" if value is None else legible(str(value))


def _number(value: int) -> str:
    return f"{value:,}"


def _data(value: Any) -> str:  # noqa: ANN401 -- whatever JSON can say
    """Write data into a script element of the page, so that nothing in it ends the element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
