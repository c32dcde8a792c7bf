"""Results on a terminal: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from genaudit.cli.show_rebuild import show_rebuild
from genaudit.cli.terminal import log
from genaudit.codes import CODES, SEVERITIES, Severity
from genaudit.reports import summary_of, to_json
from genaudit.schemas import IdClass
from genaudit.stages import STAGE_NAMES
from genaudit.store.scan import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from genaudit.audits.run import AuditRun

_WRONG_MEMBERS = {
    "not_in_store": "not in the store",
    "contradicting": "contradicting their records",
    "parents_outside": "with a parent outside",
}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_json(run: AuditRun) -> None:
    """Print each audit's summary, by its name."""
    sys.stdout.write(to_json({name: summary_of(result) for name, result in run.results.items()}).decode())


def show_text(run: AuditRun) -> None:
    """Print what each audit found, the findings by code, and what to do about them."""
    console = Console(highlight=False)
    for name, result in run.results.items():
        _SECTIONS[name](console, result.summary)
    _print_findings(console, run.findings)


def point_out(findings: pd.DataFrame) -> None:
    """Log the codes that a person has to look at: every error."""
    counts = findings.loc[findings["severity"] == Severity.ERROR, "code"].value_counts().sort_index()
    for code, count in zip(counts.index.tolist(), counts.tolist(), strict=True):
        log.warning("needs a person: %d x %s: %s", count, code, CODES[code].title)


def _print_findings(console: Console, findings: pd.DataFrame) -> None:
    if not len(findings):
        console.print("[green]No findings.[/green]")
        return
    table = Table(title=f"Findings: {len(findings):,}", title_justify="left", show_lines=False)
    for column in ("severity", "code"):
        table.add_column(column, no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("what to do")
    counts = findings["code"].value_counts()
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    for code in sorted(counts.index, key=lambda code: (order[CODES[code].severity], code)):
        severity = CODES[code].severity
        table.add_row(f"[{_STYLES[severity]}]{severity}[/]", code, f"{counts[code]:,}", CODES[code].fix)
    console.print(table)


def _stage_table(title: str, columns: tuple[str, ...], values: Callable[[str], list[int]]) -> Table:
    table = Table("stage", title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    for stage in STAGE_NAMES:
        table.add_row(stage, *(f"{value:,}" for value in values(stage)))
    return table


def _inventory(console: Console, summary: Mapping[str, Any]) -> None:
    stages = summary["stages"]
    console.print(
        _stage_table(
            "Inventory: generations by class of id",
            ("total", *IdClass, "under 18 characters"),
            lambda stage: [
                stages[stage]["total"],
                *(stages[stage]["classes"][kind] for kind in IdClass),
                len(stages[stage]["short_ids"]),
            ],
        )
    )
    for stage in STAGE_NAMES:
        console.print(f"{stage}: {stages[stage]['verdict']}")
    console.print()


def _metadata(console: Console, summary: Mapping[str, Any]) -> None:
    console.print(f"Metadata: records {summary['records']:,}, with findings {summary['generations_with_findings']:,}")
    for field, count in summary["unknown_fields"].items():
        console.print(f"  not in the stage table: {shown(field)} (records: {count:,})", markup=False)
    console.print()


def _parents(console: Console, summary: Mapping[str, Any]) -> None:
    stages = summary["stages"]
    keys = ("total", "reaching_the_first_stage", "orphans", "without_children")
    headings = ("total", "reach a draft", "orphans", "without children")
    console.print(_stage_table("Parent chains", headings, lambda stage: [stages[stage][key] for key in keys]))
    console.print(
        f"Broken references: {summary['broken_references']:,};"
        f" sound generations that hang below them: {summary['hanging_on_breaks']:,}\n"
    )


def _recompute(console: Console, summary: Mapping[str, Any]) -> None:
    stages = summary["stages"]
    console.print(
        _stage_table(
            "Recomputed ids: what a migration would rename",
            ("total", "keep their id", "by their own record", "by their parent's new id"),
            lambda stage: [stages[stage]["total"], *stages[stage]["causes"].values()],
        )
    )
    console.print(f"{summary['regenerate']['verdict']}\n")


def _cohorts(console: Console, summary: Mapping[str, Any]) -> None:
    if not summary["cohorts"]:
        console.print("Cohorts: no membership to hold against the store\n")
        return
    table = Table(title="Cohorts: their members, held against the store", title_justify="left")
    table.add_column("cohort", overflow="fold")
    table.add_column("membership")
    table.add_column("members", justify="right")
    table.add_column("manifest")
    table.add_column("members to look at")
    for cohort_id, facts in summary["cohorts"].items():
        form = (facts["form"] or "unreadable").replace("_", " ")
        members = sum(facts[stage] or 0 for stage in STAGE_NAMES)
        wrong = [f"{facts[count]:,} {said}" for count, said in _WRONG_MEMBERS.items() if facts[count]]
        table.add_row(escape(cohort_id), form, f"{members:,}", facts["manifest"], ", ".join(wrong))
    console.print(table)
    console.print(f"Generations that no cohort lists: {sum(summary['in_no_cohort'].values()):,}\n")


def _references(console: Console, summary: Mapping[str, Any]) -> None:
    said = [*summary["treatments"]]
    table = Table(
        "kind of file", title="References: quotes of ids, and how a rename treats them", title_justify="left"
    )
    for column in ("files", *said):
        table.add_column(column, justify="right")
    for kind, counts in summary["kinds"].items():
        table.add_row(kind.replace("_", " "), *(f"{counts[name]:,}" for name in ("files", *said)))
    files = summary["files"]
    table.add_section()
    table.add_row("all", f"{files['scanned']:,}", *(f"{summary['treatments'][name]:,}" for name in said))
    console.print(table)
    unscanned = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in files["unscanned"].items())
    console.print(
        f"Files: {files['seen']:,} seen, {files['scanned']:,} searched ({summary['bytes']:,} bytes), not searched:"
        f" {unscanned or 'none'}. Folders left out: {len(summary['left_out']):,}."
    )
    console.print(
        f"Ids quoted: {summary['ids_quoted']:,} of {summary['ids']:,};"
        f" quoted and nowhere in the store: {len(summary['dangling']):,}.\n"
    )


_SECTIONS = {
    "inventory": _inventory,
    "metadata": _metadata,
    "parents": _parents,
    "recompute": _recompute,
    "cohorts": _cohorts,
    "rebuild": show_rebuild,
    "references": _references,
}
