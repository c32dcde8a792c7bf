"""The command that compares snapshots, with its options."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from genaudit.cli.options import (
    DEFAULT_OUTPUT,
    DEFAULT_STORE,
    Date,
    DryRun,
    Fail,
    FailOn,
    Format,
    Output,
    Shown,
    StoreRoot,
)

DIFF_EXITS: Final = (
    "Exit codes: 0 no new finding at or above --fail-on; 1 there is one; 2 wrong usage, or a damaged snapshot;"
    " 3 no such snapshot or store, or it cannot be read."
)


def diff(
    before: Annotated[
        str, typer.Argument(help="The earlier one: the name or path of a snapshot, last, or the path of a store.")
    ],
    after: Annotated[
        str | None, typer.Argument(help="The later one, named likewise.", show_default="the store at --data-root")
    ] = None,
    *,
    data_root: StoreRoot = DEFAULT_STORE,
    output: Output = DEFAULT_OUTPUT,
    date: Date = None,
    fail_on: Fail = FailOn.ERROR,
    shown: Shown = Format.TEXT,
    dry_run: DryRun = False,
) -> None:
    """Compare two snapshots or stores: generations, findings, ids and scores; a rename is one change."""
    from genaudit.cli import diff_commands  # noqa: PLC0415 (help and usage errors come at once)

    sides = (before, data_root if after is None else after)
    raise typer.Exit(diff_commands.diff(sides, output, date, fail_on, shown, dry_run=dry_run))
