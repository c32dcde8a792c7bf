"""The migration commands and their exit codes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_id
from genaudit.cli.options import (
    DEFAULT_OUTPUT,
    DEFAULT_ROOT,
    CopyTarget,
    DataRoot,
    Format,
    NoChange,
    Outcome,
    Shown,
    Writing,
)
from genaudit.cli.quiet import Commands

_EXITS: Final = (
    "Exit codes: 0 done; 1 a check of the simulation does not hold; 2 wrong usage, or a plan that cannot be read;"
    " 3 no store there, or it cannot be read; 4 refused: the store is not what the plan was made from, something was"
    " changed or added since, or another process is at it; 5 an interrupted migration needs resuming or rolling back."
)

migrate = Commands(
    help=(
        "Give generations their deterministic ids: plan, try on a copy, apply, undo, look names up. Without --yes,"
        " apply and rollback leave the store as it is and write a report of what they would do; with --dry-run a"
        " command writes nothing at all."
    ),
    no_args_is_help=True,
)

PlanFile = Annotated[Path, typer.Argument(help="The plan, as genaudit migrate plan wrote it.")]
DagsterHome = Annotated[
    Path | None,
    typer.Option(
        envvar="DAGSTER_HOME",
        show_envvar=True,
        help="The Dagster instance whose partition keys follow; without one, only the store is changed.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only the report is written.")]


@migrate.command(epilog=_EXITS)
def plan(
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    output: Annotated[
        Path,
        typer.Option(help="The folder for the plan, migration_plan.json, and its page, .html; made when missing."),
    ] = DEFAULT_OUTPUT,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Rename this id, and what hangs below it; @FILE for a list. Repeat for several."),
    ] = None,
    excepted: Annotated[
        list[str] | None,
        typer.Option("--except", help="Keep this id whatever happens; @FILE for a list. Repeat for several."),
    ] = None,
    stages: Annotated[
        list[str] | None, typer.Option(help="Rename generations of this stage. Repeat for several.")
    ] = None,
    cohort: Annotated[str | None, typer.Option(help="Rename members of this cohort.")] = None,
    shown: Shown = Format.TEXT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, and write no file.")] = False,
) -> None:
    """Plan which generations get which new ids, and every file that changes with them; the store is only read."""
    chosen = {"only": only, "excepted": excepted, "stages": stages, "cohort": cohort}
    _commands().plan(data_root, None if dry_run else output, chosen, shown)


@migrate.command(epilog=_EXITS)
def simulate(
    plan_file: PlanFile,
    *,
    into: Annotated[Path, typer.Option(help="The folder of the copy: new or empty, outside the store.")],
    data_root: DataRoot = DEFAULT_ROOT,
    dagster_home: Annotated[
        Path | None,
        typer.Option(
            envvar="DAGSTER_HOME",
            show_envvar=True,
            help="The Dagster instance whose partition keys are tried in a sandbox; it is only read."
            " Without one, every generation of the store has a key there.",
        ),
    ] = None,
    hard_links: Annotated[
        bool,
        typer.Option(
            "--hard-links", help="Share unchanged files with the store: an edit in place of one changes both."
        ),
    ] = False,
    output: Outcome = DEFAULT_OUTPUT,
    shown: Shown = Format.TEXT,
    dry_run: NoChange = False,
) -> None:
    """Apply a plan to a copy of the store, and check what came of it."""
    copy = CopyTarget(into, hard_links)
    writing = Writing(output, apply=True, dry_run=dry_run)
    raise typer.Exit(_commands().simulate(data_root, plan_file, copy, dagster_home, writing=writing, shown=shown))


@migrate.command(epilog=_EXITS)
def apply(
    plan_file: PlanFile,
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    dagster_home: DagsterHome = None,
    yes: Yes = False,
    output: Outcome = DEFAULT_OUTPUT,
    shown: Shown = Format.TEXT,
    dry_run: NoChange = False,
) -> None:
    """Apply a plan, or resume one that was interrupted."""
    writing = Writing(output, apply=yes, dry_run=dry_run)
    _commands().apply(data_root, plan_file, dagster_home, writing, shown)


@migrate.command(epilog=_EXITS)
def rollback(
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    dagster_home: DagsterHome = None,
    yes: Yes = False,
    carry_over: Annotated[
        bool,
        typer.Option("--carry-over", help="Put the old ids into what was added since and quotes the new ones."),
    ] = False,
    output: Outcome = DEFAULT_OUTPUT,
    shown: Shown = Format.TEXT,
    dry_run: NoChange = False,
) -> None:
    """Undo the interrupted migration, or the last applied one: the old tree is restored byte for byte."""
    writing = Writing(output, apply=yes, dry_run=dry_run)
    _commands().rollback(data_root, dagster_home, writing, carry_over=carry_over, shown=shown)


@migrate.command(epilog=_EXITS)
def status(*, data_root: DataRoot = DEFAULT_ROOT, shown: Shown = Format.TEXT) -> None:
    """Show the state of the migrations, and how to continue."""
    raise typer.Exit(_commands().show_status(data_root, shown))


@migrate.command(epilog=_EXITS)
def resolve(
    gen_id: Annotated[str, typer.Argument(help="An id, of today or of any time before.", autocompletion=complete_id)],
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    shown: Shown = Format.TEXT,
) -> None:
    """Look up the earlier and current names of a generation."""
    _commands().resolve(data_root, gen_id, shown)


def _commands() -> ModuleType:
    from genaudit.cli import migrate_commands  # noqa: PLC0415

    return migrate_commands
