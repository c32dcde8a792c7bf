"""Sections of the metadata audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit import charts
from genaudit.audits.audit import Audit
from genaudit.audits.metadata import MetadataResult, metadata
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.page_model import Column, Figure, Section, Table, number_table, stage_table
from genaudit.schemas import RecordState, rows

_MOST_NAMED: Final = 12
_LONGEST_NAME: Final = 60
_FIELDS: Final = (
    "Each cell gives the share of the stage's readable records that have the field. A frame marks a required field"
    " that is missing somewhere, or a field that does not belong there. A template under its older name counts as"
    " missing."
)


def _sections(result: MetadataResult) -> tuple[Section, ...]:
    summary = result.summary
    readable = sum(states.get(RecordState.OK, 0) for states in summary.states.values())
    concerned = counted(summary.generations_with_findings, "generation")
    sentences = []
    if summary.records:
        sentences.append(f"{readable:,} of {summary.records:,} records can be read; findings concern {concerned}.")
    if unknown := [*summary.unknown_fields]:
        more = f" and {len(unknown) - _MOST_NAMED:,} more" if len(unknown) > _MOST_NAMED else ""
        named = ", ".join(legible(name, _LONGEST_NAME) for name in unknown[:_MOST_NAMED])
        sentences.append(f"Fields outside the stage table, which do no harm: {named}{more}.")
    figures = []
    if len(result.findings):
        figures.append(
            Figure("metadata-codes", _most_frequent(result), lambda: charts.findings_by_code(result.findings))
        )
    if readable:
        figures.append(
            Figure(
                "fields", _FIELDS, lambda: charts.completeness(result.frame, result.stages), _field_numbers(result)
            )
        )
    return (
        Section(
            key="metadata",
            title=METADATA.title,
            question=METADATA.question,
            sentences=tuple(sentences),
            good=_good(summary.records) if readable == summary.records and result.findings.empty else None,
            overview=stage_table(
                "record-states",
                "Records by state",
                ("readable", "not readable"),
                summary.states,
                lambda states: [states.get(RecordState.OK, 0), sum(states.values()) - states.get(RecordState.OK, 0)],
            ),
            figures=tuple(figures),
        ),
    )


def _good(records: int) -> str:
    if not records:
        return "There are no records to validate yet."
    return "Every record has its fields, matches its folder and has a signature of its own."


def _most_frequent(result: MetadataResult) -> str:
    worst = result.findings["code"].value_counts().index[0]
    return f"The most frequent code is {worst}. See Findings for the meaning and the fix of each."


def _field_numbers(result: MetadataResult) -> Table:
    heads = ("Stage", Column("field", "Field", "code"), Column("required", "Required"))
    cells = [
        [row.stage, row.field, "yes" if row.required else "no", row.present, row.absent, row.flagged]
        for row in rows(result.frame)
    ]
    return number_table(
        "numbers-fields",
        "Fields of the readable records",
        (*heads, "Records with it", "Records without", "Findings"),
        cells,
    )


METADATA: Final = Audit(
    name="metadata",
    title="Metadata",
    question="Does every record have the fields that its stage needs?",
    run=lambda context: metadata(context.snapshot),
    sections=_sections,
    report="metadata_validation",
    tables={"metadata_validation": lambda result: result.findings},
    notebook="metadata",
)
