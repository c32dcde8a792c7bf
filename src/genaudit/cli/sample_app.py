"""The command that writes a sample store, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_codes
from genaudit.cli.options import Format, Shown

SAMPLE_EXITS: Final = "Exit codes: 0 the store was written; 2 wrong usage, or the folder is not empty."


def sample(
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not exist, or be empty.")],
    *,
    drafts: Annotated[int, typer.Option(help="How many drafts; essays and evaluations follow in proportion.")] = 289,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = 0,
    legacy_share: Annotated[float, typer.Option(help="The share of generations with a legacy id, 0 to 1.")] = 0.15,
    faults: Annotated[
        str,
        typer.Option(
            help="Plant one fault per finding code: none, all, or codes separated by commas.",
            autocompletion=complete_codes,
        ),
    ] = "none",
    active: Annotated[
        bool,
        typer.Option("--active", help="Write catalogs of the older kind, with columns that take rows out of use."),
    ] = False,
    light: Annotated[bool, typer.Option("--light", help="Records only, without texts: for large stores.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="The folder for a JSON report of the planted faults.", show_default="none")
    ] = None,
    shown: Shown = Format.TEXT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the options and the folder; write nothing.")
    ] = False,
) -> None:
    """Write a sample store with known contents and optional faults."""
    options = {
        "drafts": drafts,
        "seed": seed,
        "legacy_share": legacy_share,
        "faults": faults,
        "light": light,
        "active": active,
    }
    from genaudit.cli import sample_commands  # noqa: PLC0415

    sample_commands.make_sample(path, options, output, shown, dry_run=dry_run)
