"""The command that shows one generation, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_id
from genaudit.cli.options import DEFAULT_STORE, Date, Format, Shown, StoreRoot

LOOKUP_EXITS: Final = (
    "Exit codes: 0 found; 1 the id leads to no generation, and the nearest ids are named; 2 wrong usage or"
    " configuration; 3 no store there, or it cannot be read."
)


def show(
    gen_id: Annotated[str, typer.Argument(help="An id of today or of any time before.", autocompletion=complete_id)],
    *,
    data_root: StoreRoot = DEFAULT_STORE,
    full: Annotated[bool, typer.Option("--full", help="Print the texts whole.")] = False,
    references: Annotated[
        bool,
        typer.Option("--references", help="Also search every file for references to the id: reads the whole store."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Also write an HTML page about it, with its lineage drawn, into this folder; made when missing.",
            show_default="no page",
        ),
    ] = None,
    date: Date = None,
    shown: Shown = Format.TEXT,
) -> None:
    """Show all that is known about one generation: record, lineage, texts, cohorts, findings, rebuilds, old names."""
    from genaudit.cli import lookup_commands  # noqa: PLC0415

    lookup_commands.show(data_root, gen_id, shown, output, date, full=full, references=references)
