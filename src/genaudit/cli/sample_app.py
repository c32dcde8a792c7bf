"""The command that writes a sample store, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import rich_click as click

from genaudit.cli.completion import complete_codes
from genaudit.cli.options import PATH, SHOWN, Format, switch

SAMPLE_EXITS: Final = "Exit codes: 0 the store was written; 2 wrong usage, or the folder is not empty."


@click.argument("path", type=PATH, help="The folder to make; it must not exist, or be empty.")
@click.option("--drafts", default=289, help="How many drafts; essays and evaluations follow in proportion.")
@click.option("--seed", default=0, help="The same seed and options give the same bytes.")
@click.option("--legacy-share", default=0.15, help="The share of generations with a legacy id, 0 to 1.")
@click.option(
    "--faults",
    default="none",
    help="Plant one fault per finding code: none, all, or codes separated by commas.",
    shell_complete=complete_codes,
)
@switch("--active", help="Write catalogs of the older kind, with columns that take rows out of use.")
@switch("--light", help="Records only, without texts: for large stores.")
@click.option("--output", type=PATH, help="The folder for a JSON report of the planted faults.", show_default="none")
@SHOWN
@switch("--dry-run", help="Check the options and the folder; write nothing.")
def sample(path: Path, output: Path | None, shown: Format, *, dry_run: bool, **options: Any) -> None:  # noqa: ANN401 (the others)
    """Write a sample store with known contents and optional faults."""
    from genaudit.cli import sample_commands  # noqa: PLC0415

    sample_commands.make_sample(path, options, output, shown, dry_run=dry_run)
