"""The migration commands and their exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import rich_click as click

from genaudit.cli.command_group import Commands, options_of
from genaudit.cli.completion import complete_id
from genaudit.cli.options import (
    DATA_ROOT,
    DEFAULT_OUTPUT,
    PATH,
    SHOWN,
    ConfirmedRequest,
    Format,
    WriteRequest,
    switch,
)
from genaudit.errors import ExitCode

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
    name="migrate",
    help=(
        "Give generations their deterministic ids: plan, try on a copy, apply, undo, look names up. Without --yes,"
        " apply and rollback leave the store as it is and write a report of what they would do; with --dry-run a"
        " command writes nothing at all."
    ),
)

_PLAN_FILE: Final = click.argument("plan_file", type=PATH, help="The plan, as genaudit migrate plan wrote it.")


def _dagster_home(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option("--dagster-home", type=PATH, envvar="DAGSTER_HOME", show_envvar=True, help=text)


_DAGSTER_HOME: Final = _dagster_home(
    "The Dagster instance whose partition keys are renamed too; without one, only the store is changed."
)


@migrate.command(epilog=_PLAN_EXITS)
@DATA_ROOT
@click.option(
    "--output",
    type=PATH,
    default=DEFAULT_OUTPUT,
    help="The folder for migration_plan.json and its page, migration_plan.html; made when missing.",
)
@click.option(
    "--only", multiple=True, help="Rename this id and its descendants; @FILE for a list. Repeat for several."
)
@click.option(
    "--except",
    "excepted",
    multiple=True,
    help="Keep this id whatever happens; @FILE for a list. Repeat for several.",
)
@click.option("--stages", multiple=True, help="Rename generations of this stage. Repeat for several.")
@click.option("--cohort", help="Rename members of this cohort.")
@SHOWN
@switch("--dry-run", help="Show the plan, and write no file.")
def plan(data_root: Path, output: Path, shown: Format, *, dry_run: bool, **chosen: Any) -> None:  # noqa: ANN401 (as above)
    """Plan which generations get which new ids, and every file that changes with them; the store is only read."""
    _commands().plan(data_root, None if dry_run else output, chosen, shown)


@migrate.command(epilog=_SIMULATE_EXITS)
@options_of(WriteRequest)
@_PLAN_FILE
@click.option("--into", type=PATH, required=True, help="The folder of the copy: new or empty, outside the store.")
@_dagster_home(
    "The Dagster instance whose partition keys are tried in a sandbox; it is only read."
    " Without one, every generation of the store has a key there."
)
@switch("--hard-links", help="Share unchanged files with the store: an edit in place of one changes both.")
def simulate(
    request: WriteRequest, plan_file: Path, into: Path, dagster_home: Path | None, *, hard_links: bool
) -> ExitCode:
    """Apply a plan to a copy of the store, and check the result."""
    return ExitCode(_commands().simulate(request, plan_file, into, dagster_home, hard_links=hard_links))


@migrate.command(epilog=_WRITE_EXITS)
@options_of(ConfirmedRequest)
@_PLAN_FILE
@_DAGSTER_HOME
def apply(request: ConfirmedRequest, plan_file: Path, dagster_home: Path | None) -> None:
    """Apply a plan, or resume one that was interrupted."""
    _commands().apply(request, plan_file, dagster_home)


@migrate.command(epilog=_WRITE_EXITS)
@options_of(ConfirmedRequest)
@_DAGSTER_HOME
@switch("--carry-over", help="Put the old ids into files that were added since and contain new ones.")
def rollback(request: ConfirmedRequest, dagster_home: Path | None, *, carry_over: bool) -> None:
    """Undo the interrupted migration, or the last applied one: the old tree is restored byte for byte."""
    _commands().rollback(request, dagster_home, carry_over=carry_over)


@migrate.command(epilog=_STATUS_EXITS)
@DATA_ROOT
@SHOWN
def status(data_root: Path, shown: Format) -> ExitCode:
    """Show the state of the migrations, and how to continue."""
    return ExitCode(_commands().show_status(data_root, shown))


@migrate.command(epilog=_RESOLVE_EXITS)
@click.argument("gen_id", help="An id, of today or of any time before.", shell_complete=complete_id)
@DATA_ROOT
@SHOWN
def resolve(gen_id: str, data_root: Path, shown: Format) -> None:
    """Look up the earlier and current names of a generation."""
    _commands().resolve(data_root, gen_id, shown)


def _commands() -> ModuleType:
    from genaudit.cli import migrate_commands  # noqa: PLC0415

    return migrate_commands
