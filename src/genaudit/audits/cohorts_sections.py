"""Sections of the cohorts audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit.audits.audit import Audit
from genaudit.audits.cohorts import CohortsResult, cohorts
from genaudit.humanize import counted
from genaudit.page_model import Column, Section, Table, listing, number_table, spaced

_WRONG: Final = {
    "not_in_store": "not in the store",
    "contradicting": "contradicting their records",
    "parents_outside": "with a parent outside",
}


def _sections(result: CohortsResult) -> tuple[Section, ...]:
    summary, found = result.summary, len(result.frame)
    listed, unlisted = sum(summary.listed.values()), sum(summary.in_no_cohort.values())
    sentences = [f"In {counted(found, 'membership')}: {counted(listed, 'generation')}. In none: {unlisted:,}."]
    if summary.unreadable:
        sentences.append(f"Memberships that cannot be read: {summary.unreadable:,}.")
    good = "Every member exists and matches its record." if result.findings.empty else None
    return (
        Section(
            key="cohorts",
            title=COHORTS.title,
            question=COHORTS.question,
            sentences=tuple(sentences) if found else (),
            good=good if found else "There is no membership to compare with the store yet.",
            overview=_overview(result) if found else None,
            tables=(_listing(result),) if found else (),
        ),
    )


def _overview(result: CohortsResult) -> Table:
    cells = []
    for cohort_id, one in result.summary.cohorts.items():
        wrong = ", ".join(f"{one[name]:,} {label}" for name, label in _WRONG.items() if one[name])
        members = sum(one[stage] or 0 for stage in result.summary.listed)
        cells.append([cohort_id, spaced(one["form"] or "unreadable"), members, one["manifest"], wrong or "none"])
    heads = ("cohort", "membership", Column("members", "members", "number"), "manifest", "faulty members")
    return number_table("cohort-overview", "Cohorts compared with the store", heads, cells, texts=len(heads))


def _listing(result: CohortsResult) -> Table:
    columns = (
        Column("cohort_id", "Cohort", "code"),
        Column("form", "Form of the membership", choose=True),
        *(Column(stage, f"{stage}s".capitalize(), "number") for stage in result.summary.listed),
        *(Column(name, label.capitalize(), "number") for name, label in _WRONG.items()),
        Column("manifest", "Manifest", choose=True),
    )
    forms = [spaced(one["form"] or "unreadable") for one in result.summary.cohorts.values()]
    shown = result.frame.assign(form=forms)
    return listing("cohort-list", "Cohorts and their members", columns, shown, source="cohort_membership.json")


COHORTS: Final = Audit(
    name="cohorts",
    title="Cohorts",
    question="Which generations belong to which cohort, and do memberships match the store?",
    run=lambda context: cohorts(context.snapshot),
    sections=_sections,
    report="cohort_membership",
    tables={"cohort_membership": lambda result: result.findings},
    notebook="cohorts",
)
