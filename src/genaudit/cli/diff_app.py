"""The command that compares snapshots, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rich_click as click

from genaudit.cli.options import DATE, DRY_RUN, FAIL_ON, OUTPUT, SHOWN, STORE_ROOT, FailOn, Format
from genaudit.errors import ExitCode

DIFF_EXITS: Final = (
    "Exit codes: 0 no new finding at or above --fail-on; 1 there is one; 2 wrong usage, or a damaged snapshot;"
    " 3 no such snapshot or store, or it cannot be read."
)


@click.argument("before", help="The earlier one: the name or path of a snapshot, last, or the path of a store.")
@click.argument(
    "after", required=False, help="The later one, named likewise; the store at --data-root if none is given."
)
@STORE_ROOT
@OUTPUT
@DATE
@FAIL_ON
@SHOWN
@DRY_RUN
def diff(
    before: str,
    after: str | None,
    *,
    data_root: str,
    output: Path,
    date: str | None,
    fail_on: FailOn,
    shown: Format,
    dry_run: bool,
) -> ExitCode:
    """Compare two snapshots or stores: generations, findings, ids and scores; a rename is one change."""
    from genaudit.cli import diff_commands  # noqa: PLC0415 (help and usage errors come at once)

    sides = (before, data_root if after is None else after)
    return diff_commands.diff(sides, output, date, fail_on, shown, dry_run=dry_run)
