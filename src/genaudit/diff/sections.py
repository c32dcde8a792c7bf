"""Sections about the differences between two snapshots, and the same as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from genaudit import charts
from genaudit.codes import CODES
from genaudit.diff.comparison import FIXED, NEW, PERSISTING, Diff, classes_of
from genaudit.humanize import counted
from genaudit.page_model import MOST_ROWS, Card, Column, Figure, Section, Table, number_table
from genaudit.schemas import rows

REPORT: Final = "audit_diff"
_KINDS: Final = ("added", "gone", "renamed", "changed")
_CHANGES: Final = (
    Column("change", "Change", choose=True),
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("new_gen_id", "New id", "code"),
    Column("field", "Field", "code", choose=True),
    Column("old", "Old", "value"),
    Column("new", "New", "value"),
)
_FINDINGS: Final = (
    Column("change", "Change", choose=True),
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Finding", "code", choose=True),
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("field", "Field", "code"),
    Column("actual", "Found", "value"),
    Column("detail", "Detail"),
    Column("path", "Path", "path"),
)


@dataclass(frozen=True, slots=True)
class DiffSummary:
    """The beginning of a page about a diff."""

    tone: str
    headline: str
    verdict: str
    cards: tuple[Card, ...]
    first: tuple[dict[str, str], ...] = ()


def changes_table(diff: Diff) -> pd.DataFrame:
    """Return a row for each generation that was added, gone or renamed, and for each field that changed.

    A rename has what it is known by, the ledger or equal content, as the new value of the field ``known_by``.
    """
    found: list[tuple[Any, ...]] = [("added", *key, None, None, None, None) for key in diff.added]
    found += [("gone", *key, None, None, None, None) for key in diff.gone]
    found += [("renamed", one.stage, one.old, one.new, "known_by", None, one.known_by) for one in diff.renamed]
    found += [("changed", one.stage, one.gen_id, None, one.field, one.old, one.new) for one in diff.changed]
    names = [column.name for column in _CHANGES]
    return pd.DataFrame(found, columns=pd.Index(names)).astype(dict.fromkeys(names, "str"))


def counts_of(diff: Diff) -> dict[str, Counter[str]]:
    """Count generations by kind of change and stage."""
    return {
        "added": Counter(stage for stage, _ in diff.added),
        "gone": Counter(stage for stage, _ in diff.gone),
        "renamed": Counter(one.stage for one in diff.renamed),
        "changed": Counter(stage for stage, _ in {(one.stage, one.gen_id) for one in diff.changed}),
    }


def diff_summary(diff: Diff) -> DiffSummary:
    """Summarise a diff."""
    counts = counts_of(diff)
    changes = Counter(diff.findings["change"])
    new = changes[NEW]
    tone = "alarm" if new else "attention" if not diff.is_empty else "good"
    headline = f"{counted(new, 'new finding')}" if new else "No new finding"
    cards = (
        *(
            Card(kind.capitalize(), sum(by.values()), {stage: by[stage] for stage in diff.stages})
            for kind, by in counts.items()
        ),
        Card("Findings", len(diff.findings), {kind: changes[kind] for kind in (NEW, FIXED, PERSISTING)}),
    )
    return DiffSummary(tone, headline, _verdict(diff), cards)


def diff_sections(diff: Diff) -> tuple[Section, ...]:
    """Lay out a diff: generations, findings, ids and scores."""
    return (_generations(diff), _findings(diff), _classes(diff), _scores(diff))


def since_section(diff: Diff) -> Section:
    """Lay out a diff as one section of an audit's page."""
    sections = diff_sections(diff)
    return Section(
        "since",
        f"Since {diff.before.date}",
        f"Changes since the snapshot {diff.before.name}?",
        tuple(sentence for section in sections[:2] for sentence in section.sentences),
        overview=sections[0].overview,
        figures=sections[0].figures,
        tables=tuple(table for section in sections[:2] for table in section.tables if table.cells),
    )


def diff_values(diff: Diff) -> dict[str, Any]:
    """Return a diff as plain values, ready for JSON."""
    return {
        "before": _snapshot(diff, "before"),
        "after": _snapshot(diff, "after"),
        "counts": {kind: {stage: by[stage] for stage in diff.stages} for kind, by in counts_of(diff).items()},
        "added": [
            {"stage": stage, "gen_id": name, "fields": dict(state)} for (stage, name), state in diff.added.items()
        ],
        "gone": [{"stage": stage, "gen_id": name} for stage, name in diff.gone],
        "renamed": [one._asdict() for one in diff.renamed],
        "changed": [one._asdict() for one in diff.changed],
        "texts_with_another_time": diff.retimed,
        "findings": {
            kind: [
                row._asdict() for row in rows(diff.findings[diff.findings["change"] == kind].drop(columns="change"))
            ]
            for kind in (NEW, FIXED, PERSISTING)
        },
        "classes": [dict(zip(("stage", "class", "before", "after"), each, strict=True)) for each in classes_of(diff)],
        "scores": [row._asdict() for row in rows(diff.scores)],
    }


def _snapshot(diff: Diff, which: str) -> dict[str, Any]:
    manifest = getattr(diff, which)
    names = ("name", "date", "data_root", "fingerprint", "genaudit_version", "generations")
    return {name: getattr(manifest, name) for name in names}


def _verdict(diff: Diff) -> str:
    if diff.is_empty:
        return "No generation and no finding differs."
    counts = {kind: sum(by.values()) for kind, by in counts_of(diff).items()}
    changes = Counter(diff.findings["change"])
    generations = ", ".join(f"{counts[kind]:,} {kind}" for kind in _KINDS)
    findings = ", ".join(f"{changes[kind]:,} {kind}" for kind in (NEW, FIXED, PERSISTING))
    return f"Generations: {generations}. Findings: {findings}."


def _generations(diff: Diff) -> Section:
    counts = counts_of(diff)
    table = changes_table(diff)
    return Section(
        "changes",
        "Generations",
        "Which generations came, went, were renamed or changed?",
        tuple(_sentences(diff)),
        overview=number_table(
            "changes-by-stage",
            "Generations by kind of change",
            ["stage", *_KINDS],
            [[stage, *(counts[kind][stage] for kind in _KINDS)] for stage in diff.stages],
        )
        if len(table)
        else None,
        figures=(Figure("changes", "Generations by stage and kind of change.", lambda: charts.changes(counts)),)
        if len(table)
        else (),
        tables=(_listing("all-changes", "Every change", _CHANGES, table, "csv"),),
    )


def _sentences(diff: Diff) -> Iterator[str]:
    yield _verdict(diff)
    by_content = sum(one.known_by == "content" for one in diff.renamed)
    if by_content:
        yield f"{counted(by_content, 'rename')} known by equal content only, the others by the migration ledger."
    if diff.retimed:
        yield (
            f"{counted(diff.retimed, 'text')} with an equal size and another time of change;"
            " the content was not compared."
        )


def _findings(diff: Diff) -> Section:
    table = diff.findings
    counts = Counter(zip(table["code"], table["change"], strict=True))
    total = Counter(table["change"])
    codes = [code for code in CODES if counts[code, NEW] or counts[code, FIXED]]
    listed = diff.changed_findings
    verdict = f"{counted(total[NEW], 'finding')} new, {total[FIXED]:,} fixed, {total[PERSISTING]:,} persisting."
    return Section(
        "findings-changes",
        "Findings",
        "Which findings are new, and which are fixed?",
        (verdict,),
        overview=number_table(
            "findings-by-change",
            "Codes with new or fixed findings",
            ["code", NEW, FIXED, PERSISTING],
            [[code, *(counts[code, kind] for kind in (NEW, FIXED, PERSISTING))] for code in codes],
        )
        if codes
        else None,
        tables=(_listing("changed-findings", "Findings that are new or fixed", _FINDINGS, listed, "json"),),
    )


def _classes(diff: Diff) -> Section:
    cells = [cell for cell in classes_of(diff) if cell[2] != cell[3]]
    return Section(
        "classes-changes",
        "Ids",
        "How many ids are of each class, before and after?",
        () if cells else ("No class of a stage has another number of ids.",),
        overview=number_table("classes", "Classes that differ", ["stage", "class", "before", "after"], cells, texts=2)
        if cells
        else None,
    )


def _scores(diff: Diff) -> Section:
    cells = [
        [row.evaluation_template or "", row.evaluation_llm_model or "", row.count_before, row.count_after]
        + [None if value is None else f"{value:.2f}" for value in (row.mean_before, row.mean_after)]
        for row in rows(diff.scores)
        if (row.count_before, row.mean_before) != (row.count_after, row.mean_after)
    ]
    heads = ("template", "model", "scores before", "scores after")
    columns: list[str | Column] = [*heads, Column("mean before", "mean before"), Column("mean after", "mean after")]
    return Section(
        "scores-changes",
        "Scores",
        "What did each judge give, before and after?",
        (f"{len(cells)} of {counted(len(diff.scores), 'judge')} gave other scores.",)
        if cells
        else ("No judge differs.",),
        overview=number_table("judges", "Judges that differ", columns, cells, texts=2) if cells else None,
    )


def _listing(key: str, caption: str, columns: Sequence[Column], table: pd.DataFrame, suffix: str) -> Table:
    shown = table[[column.name for column in columns]].head(MOST_ROWS)
    cells = [["" if value is None else value for value in row] for row in rows(shown)]
    return Table(key, caption, tuple(columns), cells, len(table), source=f"{REPORT}.{suffix}")
