"""The command that writes scores, with its options."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_cohort
from genaudit.cli.options import DEFAULT_OUTPUT, DEFAULT_STORE, DryRun, Format, Output, Shown, StoreRoot

SCORES_EXITS: Final = (
    "Exit codes: 0 done, evaluations without a score included, which stderr counts; 2 wrong usage or configuration,"
    " or a missing catalog; 3 no store or cohort there, or it cannot be read."
)


def scores(
    *,
    data_root: StoreRoot = DEFAULT_STORE,
    output: Output = DEFAULT_OUTPUT,
    cohort_id: Annotated[
        str | None,
        typer.Option(
            "--cohort",
            help="Only the evaluations that this cohort lists.",
            show_default="all of the store",
            autocompletion=complete_cohort,
        ),
    ] = None,
    shown: Shown = Format.TEXT,
    dry_run: DryRun = False,
) -> None:
    """Write the score of every evaluation, and a pivot with a row for each essay."""
    from genaudit.cli import scores_commands  # noqa: PLC0415

    scores_commands.scores(data_root, cohort_id, output, shown, dry_run=dry_run)
