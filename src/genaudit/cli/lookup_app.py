"""The command that shows one generation, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rich_click as click

from genaudit.cli.completion import complete_id
from genaudit.cli.options import DATE, PATH, SHOWN, STORE_ROOT, Format, switch

LOOKUP_EXITS: Final = (
    "Exit codes: 0 found; 1 the id leads to no generation, and the nearest ids are named; 2 wrong usage or"
    " configuration; 3 no store there, or it cannot be read."
)


@click.argument("gen_id", help="An id of today or of any time before.", shell_complete=complete_id)
@STORE_ROOT
@switch("--full", help="Print the texts whole.")
@switch("--references", help="Also search every file for references to the id: reads the whole store.")
@click.option(
    "--output",
    type=PATH,
    help="Also write an HTML page about it, with its lineage drawn, into this folder; made when missing.",
    show_default="no page",
)
@DATE
@SHOWN
def show(
    gen_id: str,
    *,
    data_root: str,
    output: Path | None,
    date: str | None,
    shown: Format,
    full: bool,
    references: bool,
) -> None:
    """Show all that is known about one generation: record, lineage, texts, cohorts, findings, rebuilds, old names."""
    from genaudit.cli import lookup_commands  # noqa: PLC0415

    lookup_commands.show(data_root, gen_id, shown, output, date, full=full, references=references)
