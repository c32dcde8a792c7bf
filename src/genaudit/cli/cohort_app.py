"""The commands for cohorts and their exit codes."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_cohort
from genaudit.cli.options import (
    DEFAULT_OUTPUT,
    DEFAULT_ROOT,
    ApplyRequest,
    DataRoot,
    Date,
    Format,
    MaxMembers,
    Output,
    Shown,
)
from genaudit.cli.quiet import Commands
from genaudit.limits import MAX_MEMBERS

_EXITS: Final = (
    "Exit codes: 0 done; 2 wrong usage or configuration, or a plan that does not hold; 3 no store or cohort there,"
    " or it cannot be read."
)
_BACKFILL_EXITS: Final = (
    "Exit codes: 0 every cohort has its manifest, or will have it; 1 a cohort was blocked, or failed; 2 wrong usage"
    " or configuration; 3 no store or cohort there, or it cannot be read."
)
_SLIM_EXITS: Final = (
    "Exit codes: 0 every cohort is slim, or stays as it is for a reason that needs no action; 1 a cohort was refused,"
    " or failed; 2 wrong usage or configuration; 3 no store or cohort there, or it cannot be read."
)
_REHEARSE_EXITS: Final = (
    "Exit codes: 0 all went as the flags promise; 1 something did not; 2 wrong usage or configuration, a plan that"
    " does not hold, or Dagster is not installed; 3 no store there, or it cannot be read."
)

cohort = Commands(
    help=(
        "Plan, write, show, complete and convert cohorts. Without --apply a command leaves the store as it is and"
        " writes a report of what it would do; with --dry-run it writes nothing at all."
    ),
    no_args_is_help=True,
)

CohortId = Annotated[
    str,
    typer.Argument(help="The cohort: the name of its folder below cohorts/.", autocompletion=complete_cohort),
]
CohortIds = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COHORT",
        help="The cohorts, by the names of their folders.",
        show_default="all",
        autocompletion=complete_cohort,
    ),
]


@cohort.command(epilog=_EXITS)
def build(
    request: ApplyRequest,
    cohort_id: CohortId,
    *,
    preview: Annotated[int, typer.Option(min=0, help="How many members to show.")] = 10,
    max_members: MaxMembers = MAX_MEMBERS,
) -> None:
    """Plan a cohort's membership, check it, and with --apply write it with its manifest and records."""
    _commands().build(request, cohort_id, preview=preview, max_members=max_members)


@cohort.command(epilog=_EXITS)
def show(cohort_id: CohortId, *, data_root: DataRoot = DEFAULT_ROOT, shown: Shown = Format.TEXT) -> None:
    """Print the fields of each member of a cohort, and their source."""
    _commands().show(data_root, cohort_id, shown)


@cohort.command("backfill-manifest", epilog=_BACKFILL_EXITS)
def backfill_manifest(
    request: ApplyRequest,
    cohorts: CohortIds = None,
    *,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Accept partial manifests: leave unknown fields empty; the record wins over a cell.",
        ),
    ] = False,
) -> None:
    """Create the missing manifests of cohorts from memberships, records and earlier manifests.

    Lists the fields without a source, and proposes combinations for drafts whose records have none.
    """
    raise typer.Exit(_upkeep().backfill(request, cohorts or [], partial=partial))


@cohort.command(epilog=_SLIM_EXITS)
def slim(request: ApplyRequest, cohorts: CohortIds = None) -> None:
    """Convert wide memberships to the slim form, if manifest and records hold all their fields.

    The original stays beside the new file as membership.wide.csv.
    """
    raise typer.Exit(_upkeep().slim(request, cohorts or []))


@cohort.command(epilog=_REHEARSE_EXITS)
def rehearse(
    cohort_id: CohortId,
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    flags: Annotated[
        str, typer.Option(help="The value of DD_DETERMINISTIC_GEN_IDS: none, draft, draft,essay, all; or each.")
    ] = "each",
    output: Output = DEFAULT_OUTPUT,
    date: Date = None,
    shown: Shown = Format.TEXT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Rehearse and show the outcome; write no file.")] = False,
) -> None:
    """Make a cohort twice on a copy of the store, offline, and compare the results with the rules of ids."""
    from genaudit.cli import rehearse_commands  # noqa: PLC0415

    found = rehearse_commands.rehearse(data_root, cohort_id, flags, shown)
    raise typer.Exit(rehearse_commands.report(found, output, date, dry_run=dry_run))


def _commands() -> ModuleType:
    """Import the implementation only when a command runs, so that help and usage errors are fast."""
    from genaudit.cli import cohort_commands  # noqa: PLC0415

    return cohort_commands


def _upkeep() -> ModuleType:
    from genaudit.cli import cohort_upkeep  # noqa: PLC0415

    return cohort_upkeep
