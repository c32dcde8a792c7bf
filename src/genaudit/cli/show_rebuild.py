"""A rebuild on a terminal: what each mode would do, which stored ids it keeps, and what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from genaudit.cli.tables import print_whole
from genaudit.cli.terminal import log
from genaudit.decisions import Decision
from genaudit.store.scan import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console


def show_rebuild(console: Console, summary: Mapping[str, Any]) -> None:
    """Print the summary of a rebuild."""
    if problem := summary.get("problem"):
        console.print(f"Rebuild: nothing could be planned: {str(problem['reason']).replace('_', ' ')}")
        for each in problem.get("problems", []):
            values = ", ".join(f"{name} {value!r}" for name, value in each.items() if value is not None)
            console.print(f"  {shown(values)}", markup=False)
        console.print()
        return
    console.print(summary["verdict"])
    for mode, error in summary["failed_modes"].items():
        log.warning("mode %s cannot be planned: %s", shown(mode), str(error["reason"]).replace("_", " "))
    if summary["comparison"]:
        print_whole(_modes(summary))
        for one in summary["recommendations"]:
            directives = "  ".join(one["directives"]) or "no directive does this"
            console.print(f"To {one['purpose']}: {directives}\n  {one['says']}", markup=False)
    console.print()


def _modes(summary: Mapping[str, Any]) -> Table:
    """Lay out the modes: a line each, all stages together, and what becomes of the selection's stored ids."""
    priced = summary["cost_coverage"]["priced"]
    table = Table(title="What each mode would do", title_justify="left")
    table.add_column("mode")
    for decision in Decision:
        table.add_column(decision.value, justify="right")
    table.add_column("tokens", justify="right")
    if priced:
        table.add_column("money", justify="right")
    table.add_column("stored ids kept", justify="right")
    for mode in summary["modes"]:
        rows = [row for row in summary["comparison"] if row["mode"] == mode]
        kept = [row for row in summary["kept"] if row["mode"] == mode]
        money = [_sum(rows, ["money"], "calls_without_price", 4)] if priced else []
        table.add_row(
            mode,
            *(f"{sum(row[decision] for row in rows):,}" for decision in Decision),
            _sum(rows, ["prompt_tokens", "completion_tokens"], "calls_of_unknown_cost"),
            *money,
            f"{sum(row['kept'] for row in kept):,} of {sum(row['selected'] for row in kept):,}" if kept else "",
        )
    return table


def _sum(rows: Iterable[Mapping[str, Any]], names: Iterable[str], unknown: str, digits: int = 0) -> str:
    """Add up what is known, and say when that is not all."""
    rows = [row for row in rows if row[Decision.CALL]]
    calls, missing = sum(row[Decision.CALL] for row in rows), sum(row[unknown] for row in rows)
    if calls and calls == missing:
        return "unknown"
    known = sum(row[name] or 0 for row in rows for name in names)
    return f"{'at least ' if missing else ''}{known:,.{digits}f}"
