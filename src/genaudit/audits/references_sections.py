"""Sections of the references audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit import charts
from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.reference_report import ReferencesResult
from genaudit.audits.references import references
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, listing, number_table, spaced
from genaudit.schemas import Treatment

_TREATMENTS: Final = (
    "Rewrite: a column, a key or a path marks the id, so a program can change it. Ambiguous: needs manual review."
    " Historical: a rename leaves it as it was written. Dangling: the id names nothing in the store."
)
_LISTED: Final = (Treatment.AMBIGUOUS, Treatment.DANGLING, Treatment.UNSCANNED)
_COLUMNS: Final = (
    Column("treatment", "Treatment", choose=True),
    Column("kind", "Kind of file", choose=True),
    Column("gen_id", "Id", "id"),
    Column("field", "Column or key", "code"),
    Column("reason", "Reason", choose=True),
    Column("line", "Line", "number"),
    Column("path", "Path", "path"),
)


def _run(context: AuditContext) -> ReferencesResult:
    return references(
        context.snapshot, context.roots, context.left_out, progress=context.progress, workers=context.workers
    )


def _sections(result: ReferencesResult) -> tuple[Section, ...]:
    summary = result.summary
    files, treatments = summary.files, summary.treatments
    found = f"{counted(summary.occurrences, 'reference')} to {counted(summary.ids_referenced, 'id')}"
    where = f"{files['scanned']:,} of {counted(files['seen'], 'file')}, {summary.bytes:,} bytes"
    rewrite, ambiguous = treatments[Treatment.REWRITE], treatments[Treatment.AMBIGUOUS]
    sentences = []
    if files["seen"]:
        sentences.append(f"{found} in {where}: {rewrite:,} can be rewritten, {ambiguous:,} need manual review.")
    if summary.dangling:
        sentences.append(f"Ids that are referenced and not in the store: {len(summary.dangling):,}.")
    if files["unscanned"]:
        reasons = ", ".join(f"{spaced(reason)} {count:,}" for reason, count in files["unscanned"].items())
        sentences.append(f"Not searched: {reasons}.")
    if summary.left_out:
        sentences.append(f"Left out by rule: {counted(len(summary.left_out), 'folder')}.")
    listed = _by_hand(result)
    figure = Figure("references", _TREATMENTS, lambda: charts.references_by_kind(result.frame), _numbers(result))
    return (
        Section(
            key="references",
            title=REFERENCES.title,
            question=REFERENCES.question,
            sentences=tuple(sentences),
            good=None if listed.total else _good(summary.occurrences),
            overview=_numbers(result),
            figures=(figure,) if len(result.frame) else (),
            tables=(listed,) if listed.total else (),
        ),
    )


def _good(occurrences: int) -> str:
    if not occurrences:
        return "Nothing references an id yet."
    return "A program can rewrite every reference, and no referenced id is gone."


def _by_hand(result: ReferencesResult) -> Table:
    shown = result.frame[result.frame["treatment"].isin(_LISTED)]
    shown = shown.assign(
        kind=shown["kind"].astype("str").map(spaced), reason=shown["reason"].map(spaced, na_action="ignore")
    )
    caption = "References that no program can rewrite, and files that were not searched"
    return listing(
        "reference-list", caption, _COLUMNS, shown, source="cross_references.csv", each=("treatment", "reason")
    )


def _numbers(result: ReferencesResult) -> Table:
    treatments = [*result.summary.treatments]
    cells = [
        [spaced(kind), counts["files"], *(counts[one] for one in treatments)]
        for kind, counts in result.summary.kinds.items()
    ]
    heads = ("Kind of file", "Files searched", *(one.capitalize() for one in treatments))
    return number_table("numbers-references", "References by kind of file and treatment", heads, cells)


REFERENCES: Final = Audit(
    name="references",
    title="References",
    question="Which files reference ids, and how would a rename treat them?",
    run=_run,
    sections=_sections,
    report="cross_references",
    tables={"cross_references": lambda result: result.frame},
    notebook="references",
    reads="searching for ids",
)
