"""The migration commands and their exit codes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_id
from genaudit.cli.options import DEFAULT_OUTPUT, DEFAULT_ROOT, ConfirmedRequest, DataRoot, Format, Shown, WriteRequest
from genaudit.cli.quiet import Commands

_STORE: Final = "2 wrong usage or configuration; 3 no store there, or it cannot be read"
_REFUSED: Final = (
    "4 refused: the store is not what the plan was made from, something was changed or added since, or another"
    " process is at it; 5 an interrupted migration needs resuming or rolling back."
)
_PLAN_EXITS: Final = f"Exit codes: 0 done; {_STORE}; 5 an interrupted migration needs resuming or rolling back."
_SIMULATE_EXITS: Final = f"Exit codes: 0 done; 1 a check of the result fails; {_STORE}; {_REFUSED}"
_WRITE_EXITS: Final = f"Exit codes: 0 done; {_STORE}; {_REFUSED}"
_STATUS_EXITS: Final = f"Exit codes: 0 shown; {_STORE}; 5 an interrupted migration needs resuming or rolling back."
_RESOLVE_EXITS: Final = (
    f"Exit codes: 0 found; 1 the id leads to no generation, and the nearest ids are named; {_STORE}."
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
        help="The Dagster instance whose partition keys are renamed too; without one, only the store is changed.",
    ),
]


@migrate.command(epilog=_PLAN_EXITS)
def plan(
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    output: Annotated[
        Path,
        typer.Option(help="The folder for migration_plan.json and its page, migration_plan.html; made when missing."),
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


@migrate.command(epilog=_SIMULATE_EXITS)
def simulate(
    request: WriteRequest,
    plan_file: PlanFile,
    *,
    into: Annotated[Path, typer.Option(help="The folder of the copy: new or empty, outside the store.")],
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
) -> None:
    """Apply a plan to a copy of the store, and check the result."""
    raise typer.Exit(_commands().simulate(request, plan_file, into, dagster_home, hard_links=hard_links))


@migrate.command(epilog=_WRITE_EXITS)
def apply(request: ConfirmedRequest, plan_file: PlanFile, *, dagster_home: DagsterHome = None) -> None:
    """Apply a plan, or resume one that was interrupted."""
    _commands().apply(request, plan_file, dagster_home)


@migrate.command(epilog=_WRITE_EXITS)
def rollback(
    request: ConfirmedRequest,
    *,
    dagster_home: DagsterHome = None,
    carry_over: Annotated[
        bool,
        typer.Option("--carry-over", help="Put the old ids into files that were added since and contain new ones."),
    ] = False,
) -> None:
    """Undo the interrupted migration, or the last applied one: the old tree is restored byte for byte."""
    _commands().rollback(request, dagster_home, carry_over=carry_over)


@migrate.command(epilog=_STATUS_EXITS)
def status(*, data_root: DataRoot = DEFAULT_ROOT, shown: Shown = Format.TEXT) -> None:
    """Show the state of the migrations, and how to continue."""
    raise typer.Exit(_commands().show_status(data_root, shown))


@migrate.command(epilog=_RESOLVE_EXITS)
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
