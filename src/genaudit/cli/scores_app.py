"""The command that writes scores, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rich_click as click

from genaudit.cli.completion import complete_cohort
from genaudit.cli.options import DRY_RUN, OUTPUT, SHOWN, STORE_ROOT, Format

SCORES_EXITS: Final = (
    "Exit codes: 0 done, evaluations without a score included, which stderr counts; 2 wrong usage or configuration,"
    " or a missing catalog; 3 no store or cohort there, or it cannot be read."
)


@STORE_ROOT
@OUTPUT
@click.option(
    "--cohort",
    "cohort_id",
    help="Only the evaluations that this cohort lists.",
    show_default="all of the store",
    shell_complete=complete_cohort,
)
@SHOWN
@DRY_RUN
def scores(data_root: str, output: Path, cohort_id: str | None, shown: Format, *, dry_run: bool) -> None:
    """Write the score of every evaluation, and a pivot with a row for each essay."""
    from genaudit.cli import scores_commands  # noqa: PLC0415

    scores_commands.scores(data_root, cohort_id, output, shown, dry_run=dry_run)
