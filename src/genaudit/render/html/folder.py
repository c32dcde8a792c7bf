"""A folder of pages: one for each subject, and an index that says in a sentence what each of them found.

The scripts that draw charts and sort tables lie beside the pages, once for all of them: the folder opens from disk as
it is, and only as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from genaudit.audits.run import AuditRun
from genaudit.codes import SEVERITIES, Severity
from genaudit.layout import MIGRATION_PLAN
from genaudit.page.bundles import BUNDLES, file_name, standalone
from genaudit.page.facts import gather
from genaudit.page.filling import fill
from genaudit.page.migration import plan_facts
from genaudit.page.render import TITLE, page_context, plan_context, sections_of
from genaudit.page.scores import scores_section
from genaudit.subjects import COHORTS, MIGRATION, OVERVIEW, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from genaudit.migration.plan import Plan
    from genaudit.page.parts import Section
    from genaudit.subjects import Subject

INDEX: Final = "index.html"
_MIGRATION_ASKS: Final = "What would a migration rename, and which files would change with it?"
_OVERVIEW_ASKS: Final = "How is the store, and what is to be done first?"
_FIRST_SENTENCE: Final = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A subject's place in the index.

    :param says: what its page found, in a sentence.
    :param severities: its findings by severity.
    """

    key: str
    title: str
    question: str
    says: str
    severities: Mapping[Severity, int]

    @property
    def file(self) -> str:
        """The page, beside the index."""
        return f"{self.key}.html"


@dataclass(frozen=True, slots=True)
class Folder:
    """Pages that belong together.

    :param entries: what the index says.
    :param files: by name, in the order in which to write them: whatever refers to others comes after these.
    """

    entries: tuple[Entry, ...]
    files: Mapping[str, bytes]


def render_folder(
    run: AuditRun,
    scores: pd.DataFrame | None,
    plan: Plan | None = None,
    *,
    date: str,
    subjects: Iterable[str] = SUBJECTS,
) -> Folder:
    """Write a page for each subject, and the index: the same bytes for the same run.

    :param run: has at least the audits that the subjects tell of.
    :param scores: columns of :data:`genaudit.schemas.SCORES`; for the page of the cohorts.
    :param plan: for the page of the migration, which there is only with one.
    :param subjects: keys of :data:`genaudit.subjects.SUBJECTS`; the pages refer to no others.
    """
    wanted = set(subjects)
    chosen = [subject for key, subject in SUBJECTS.items() if key in wanted and key != MIGRATION]
    told = {subject.key: _told(run, subject, scores, date) for subject in chosen}
    entries = [_entry(subject, *told[subject.key]) for subject in chosen]
    if plan is not None and MIGRATION in wanted:
        entries.append(_plan_entry(plan))
    pages = [(INDEX, "All pages"), *((entry.file, entry.title) for entry in entries)]
    files = {file_name(name): standalone(name) for name in BUNDLES}
    for entry in entries:
        more: dict[str, Any] = {"pages": pages, "here": entry.file}
        if plan is not None and entry.key == MIGRATION:
            context = {**plan_context(plan, MIGRATION_PLAN), "title": entry.title}
            template = "plan.html.j2"
        else:
            part, shown = told[entry.key]
            alone = entry.key == OVERVIEW
            context = page_context(part, date, entry.title, [] if alone else shown, overview=alone)
            context["audits"] = tuple(part.results)
            template = "page.html.j2"
        files[entry.file] = fill(template, {**context, **more}, bundles=[*BUNDLES], beside=True)
    files[INDEX] = fill("index.html.j2", _index(run, date, tuple(entries), pages), bundles=(), beside=True)
    return Folder(tuple(entries), files)


def _plan_entry(plan: Plan) -> Entry:
    said = f"{plan_facts(plan, MIGRATION_PLAN).headline}."
    none = dict.fromkeys(SEVERITIES, 0)
    return Entry(MIGRATION, SUBJECTS[MIGRATION].title, _MIGRATION_ASKS, said, none)


def _told(run: AuditRun, subject: Subject, scores: pd.DataFrame | None, date: str) -> tuple[AuditRun, list[Section]]:
    """Take what a subject's page tells: its part of the run, and the sections about it."""
    part = AuditRun(run.snapshot, {name: run.results[name] for name in subject.audits or run.results})
    shown = sections_of(part, date)
    if subject.key == COHORTS and scores is not None:
        shown.append(scores_section(scores))
    return part, shown


def _entry(subject: Subject, part: AuditRun, shown: list[Section]) -> Entry:
    counts = part.findings["severity"].value_counts()
    alone = subject.key == OVERVIEW
    said = _first_step(part) if alone else " ".join(map(_first_sentence, shown))
    severities = {severity: int(counts.get(severity, 0)) for severity in SEVERITIES}
    return Entry(subject.key, subject.title, _OVERVIEW_ASKS if alone else shown[0].question, said, severities)


def _first_step(run: AuditRun) -> str:
    facts = gather(run)
    return f"{facts.headline}. To do first: {facts.first[0].code.fix}" if facts.first else f"{facts.headline}."


def _first_sentence(section: Section) -> str:
    said = section.sentences[0] if section.sentences else section.good or ""
    found = _FIRST_SENTENCE.match(said)
    return found[0] if found else said


def _index(run: AuditRun, date: str, entries: tuple[Entry, ...], pages: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "title": TITLE,
        "date": date,
        "root": str(run.snapshot.root),
        "facts": gather(run),
        "entries": entries,
        "pages": pages,
        "here": INDEX,
        "sections": (),
    }
