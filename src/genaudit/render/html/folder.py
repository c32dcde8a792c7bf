"""Folder of pages: one for each subject, and an index with the verdict of each.

All pages share the scripts for charts and tables: the folder opens from disk as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from genaudit.audits.run import AuditRun
from genaudit.audits.run_summary import summarise_run
from genaudit.codes import SEVERITIES, Severity
from genaudit.errors import DDError
from genaudit.layout import MIGRATION_PLAN
from genaudit.migration.plan import Plan
from genaudit.migration.sections import plan_summary
from genaudit.page_model import Section
from genaudit.render.html.bundles import BUNDLES, file_name, standalone
from genaudit.render.html.page import TITLE, page_context, plan_context
from genaudit.render.html.templating import fill
from genaudit.report_pages import MIGRATION, OVERVIEW, ReportPage, report_pages
from genaudit.scores_section import scores_section

INDEX: Final = "index.html"
# The folder of the report files that pages link to.
FILES: Final = "files"
_FIRST_SENTENCE: Final = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A page's entry in the index.

    :param verdict: its verdict, in a sentence.
    :param severities: its findings by severity.
    """

    page: ReportPage
    verdict: str
    severities: Mapping[Severity, int]

    @property
    def file(self) -> str:
        """The file name of the page."""
        return f"{self.page.name}.html"


@dataclass(frozen=True, slots=True)
class Folder:
    """A set of linked pages.

    :param entries: the entries of the index.
    :param files: by name, in writing order: a file comes after all that it refers to.
    """

    entries: tuple[IndexEntry, ...]
    files: Mapping[str, bytes]


def render_folder(
    run: AuditRun,
    scores: pd.DataFrame | None,
    plan: Plan | None = None,
    *,
    date: str,
    only: Iterable[str] | None = None,
    reports: Mapping[str, bytes] = MappingProxyType({}),
    pivot: pd.DataFrame | DDError | None = None,
) -> Folder:
    """Render a page for each subject, and the index: the same bytes for the same run.

    :param run: a run with at least the audits of the pages.
    :param scores: columns of :data:`genaudit.schemas.SCORES`, for the page of the cohorts.
    :param plan: a migration plan, for the page of the migration, which exists only with a plan.
    :param only: names of pages, by default all; the pages refer to no others.
    :param reports: the report files that tables come from, by name.
    :param pivot: of the scores, as :func:`genaudit.scores.pivot_of` returns it.
    """
    known = report_pages()
    wanted = {*known} if only is None else {*only}
    scored = () if scores is None else (scores_section(scores, pivot),)
    shown = {name: _shown(run, page, scored) for name, page in known.items() if name in wanted and name != MIGRATION}
    entries = [_entry(known[name], *parts) for name, parts in shown.items()]
    if plan is not None and MIGRATION in wanted:
        headline = f"{plan_summary(plan, file_of(MIGRATION_PLAN)).headline}."
        entries.append(IndexEntry(known[MIGRATION], headline, dict.fromkeys(SEVERITIES, 0)))
    pages = [(INDEX, "All pages"), *((entry.file, entry.page.title) for entry in entries)]
    files = {file_of(name): content for name, content in reports.items()}
    files |= {file_name(name): standalone(name) for name in BUNDLES}
    for entry in entries:
        more = {"pages": pages, "here": entry.file}
        if plan is not None and entry.page.name == MIGRATION:
            template, context = (
                "plan.html.j2",
                {**plan_context(plan, file_of(MIGRATION_PLAN)), "title": entry.page.title},
            )
        else:
            template, context = "page.html.j2", _context(entry, *shown[entry.page.name], date)
        files[entry.file] = fill(template, {**context, **more}, bundles=[*BUNDLES], beside=True)
    files[INDEX] = fill("index.html.j2", _index(run, date, tuple(entries), pages), bundles=(), beside=True)
    return Folder(tuple(entries), files)


def file_of(source: str) -> str:
    """Return the path of a report file, relative to the pages."""
    return f"{FILES}/{source}"


def _shown(run: AuditRun, page: ReportPage, scores: Sequence[Section]) -> tuple[AuditRun, Sequence[Section]]:
    """Take the part of a run that a page shows, and its sections."""
    part = run.part(page.audits or run.results)
    return part, (*part.sections, *(scores if "cohorts" in page.audits else ()))


def _context(entry: IndexEntry, part: AuditRun, sections: Sequence[Section], date: str) -> dict[str, Any]:
    alone = entry.page.name == OVERVIEW
    context = page_context(part, date, entry.page.title, () if alone else sections, overview=alone)
    return {**context, "audits": tuple(part.results), "file_of": file_of}


def _entry(page: ReportPage, part: AuditRun, sections: Sequence[Section]) -> IndexEntry:
    counts = part.active["severity"].value_counts()
    verdict = (
        _first_step(part) if page.name == OVERVIEW else " ".join(_first_sentence(one.verdict) for one in sections)
    )
    return IndexEntry(page, verdict, {severity: int(counts.get(severity, 0)) for severity in SEVERITIES})


def _first_step(run: AuditRun) -> str:
    summary = summarise_run(run)
    fix = f" To do first: {summary.first[0].code.fix}" if summary.first else ""
    return f"{summary.headline}.{fix}"


def _first_sentence(text: str) -> str:
    found = _FIRST_SENTENCE.match(text)
    return found[0] if found else text


def _index(run: AuditRun, date: str, entries: tuple[IndexEntry, ...], pages: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "title": TITLE,
        "date": date,
        "root": run.snapshot.name,
        "facts": summarise_run(run),
        "entries": entries,
        "pages": pages,
        "here": INDEX,
        "sections": (),
    }
