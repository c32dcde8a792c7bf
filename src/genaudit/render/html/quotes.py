"""The section about references: who quotes ids, and what a rename would do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from genaudit import charts
from genaudit.page.parts import Section, figure
from genaudit.page.tables import Column, Table, counts_table, references_table
from genaudit.page.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.audits.result import AuditResult

QUESTION: Final = "Who quotes ids, and what would become of the quotes in a rename?"
_TREATED: Final = (
    "Rewrite: a program can, since a column, a key or a path says that an id stands there. Ambiguous: a person has to"
    " look. Historical: left as it was written. Dangling: the id names nothing that could be renamed."
)
_NONE: Final = "Nothing quotes an id yet."
_ALL: Final = "A program could follow every quote, and none is of an id that is gone."


def references(result: AuditResult, source: str) -> Section:
    """Write the section."""
    summary = result.summary
    files, treatments = summary["files"], summary["treatments"]
    listed = references_table(result.frame, source)
    found = f"{counted(summary['occurrences'], 'quote')} of {counted(summary['ids_quoted'], 'id')}"
    where = f"{files['scanned']:,} of {counted(files['seen'], 'file')}, {summary['bytes']:,} bytes"
    sentences = [f"{found} in {where}; {treatments['ambiguous']:,} need a person."]
    if summary["dangling"]:
        sentences.append(f"Quoted and nowhere in the store: {counted(len(summary['dangling']), 'id')}.")
    if files["unscanned"]:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in files["unscanned"].items())
        sentences.append(f"Not searched: {reasons}.")
    if summary["left_out"]:
        sentences.append(f"Left out by rule: {counted(len(summary['left_out']), 'folder')}.")
    drawn = charts.quotes_by_kind(result.frame) if len(result.frame) else None
    good = None if listed.total else (_ALL if summary["occurrences"] else _NONE)
    return Section(
        key="references",
        title="References",
        question=QUESTION,
        sentences=tuple(sentences),
        good=good,
        figures=(figure("quotes", drawn, _TREATED, _numbers(summary)),) if drawn else (),
        tables=(listed,) if listed.total else (),
    )


def _numbers(summary: Mapping[str, Any]) -> Table:
    said = [*summary["treatments"]]
    columns = (
        Column("kind", "Kind of file"),
        Column("files", "Files searched", "number"),
        *(Column(name, name.capitalize(), "number") for name in said),
    )
    cells = [
        [kind.replace("_", " "), counts["files"], *(counts[name] for name in said)]
        for kind, counts in summary["kinds"].items()
    ]
    return counts_table("numbers-quotes", "Quotes by kind of file and treatment", columns, cells)
