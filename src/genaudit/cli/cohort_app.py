"""The commands for cohorts and their exit codes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Final

import rich_click as click

from genaudit.cli.command_group import Commands, options_of
from genaudit.cli.completion import complete_cohort
from genaudit.cli.options import DATA_ROOT, DATE, MEMBER_LIMIT, OUTPUT, SHOWN, ApplyRequest, Format, switch
from genaudit.errors import ExitCode

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
    name="cohort",
    help=(
        "Plan, write, show, complete and convert cohorts. Without --apply a command leaves the store as it is and"
        " writes a report of what it would do; with --dry-run it writes nothing at all."
    ),
)

_COHORT: Final = click.argument(
    "cohort_id", help="The cohort: the name of its folder below cohorts/.", shell_complete=complete_cohort
)
_COHORTS: Final = click.argument(
    "cohorts",
    nargs=-1,
    metavar="[COHORT]...",
    help="The cohorts, by the names of their folders; all if none is given.",
    shell_complete=complete_cohort,
)


@cohort.command(epilog=_EXITS)
@options_of(ApplyRequest)
@_COHORT
@click.option(
    "--preview", type=click.IntRange(min=0), metavar="INTEGER", default=10, help="How many members to show."
)
@MEMBER_LIMIT
def build(request: ApplyRequest, cohort_id: str, preview: int, max_members: int) -> None:
    """Plan a cohort's membership, check it, and with --apply write it with its manifest and records."""
    _commands().build(request, cohort_id, preview=preview, max_members=max_members)


@cohort.command(epilog=_EXITS)
@_COHORT
@DATA_ROOT
@SHOWN
def show(cohort_id: str, data_root: Path, shown: Format) -> None:
    """Print the fields of each member of a cohort, and their source."""
    _commands().show(data_root, cohort_id, shown)


@cohort.command("backfill-manifest", epilog=_BACKFILL_EXITS)
@options_of(ApplyRequest)
@_COHORTS
@switch("--partial", help="Accept partial manifests: leave unknown fields empty; the record wins over a cell.")
def backfill_manifest(request: ApplyRequest, cohorts: tuple[str, ...], *, partial: bool) -> ExitCode:
    """Create the missing manifests of cohorts from memberships, records and earlier manifests.

    Lists the fields without a source, and proposes combinations for drafts whose records have none.
    """
    return ExitCode(_upkeep().backfill(request, cohorts, partial=partial))


@cohort.command(epilog=_SLIM_EXITS)
@options_of(ApplyRequest)
@_COHORTS
def slim(request: ApplyRequest, cohorts: tuple[str, ...]) -> ExitCode:
    """Convert wide memberships to the slim form, if manifest and records hold all their fields.

    The original stays beside the new file as membership.wide.csv.
    """
    return ExitCode(_upkeep().slim(request, cohorts))


@cohort.command(epilog=_REHEARSE_EXITS)
@_COHORT
@DATA_ROOT
@click.option(
    "--flags",
    default="each",
    help="The value of DD_DETERMINISTIC_GEN_IDS: none, draft, draft,essay, all; or each.",
)
@OUTPUT
@DATE
@SHOWN
@switch("--dry-run", help="Rehearse and show the outcome; write no file.")
def rehearse(
    cohort_id: str, *, data_root: Path, flags: str, output: Path, date: str | None, shown: Format, dry_run: bool
) -> ExitCode:
    """Make a cohort twice on a copy of the store, offline, and compare the results with the rules of ids."""
    from genaudit.cli import rehearse_commands  # noqa: PLC0415

    found = rehearse_commands.rehearse(data_root, cohort_id, flags, shown)
    return rehearse_commands.report(found, output, date, dry_run=dry_run)


def _commands() -> ModuleType:
    """Import the implementation only when a command runs, so that help and usage errors are fast."""
    from genaudit.cli import cohort_commands  # noqa: PLC0415

    return cohort_commands


def _upkeep() -> ModuleType:
    from genaudit.cli import cohort_upkeep  # noqa: PLC0415

    return cohort_upkeep
