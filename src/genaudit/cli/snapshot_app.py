"""Commands for snapshots."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit.cli.options import DEFAULT_OUTPUT, DEFAULT_STORE, Date, DryRun, Format, Output, Shown, StoreRoot
from genaudit.cli.quiet import Commands

_SAVE_EXITS: Final = (
    "Exit codes: 0 the snapshot was saved, whatever was found; 2 wrong usage or configuration, or the name is taken;"
    " 3 no store there, or it cannot be read."
)
_SHOW_EXITS: Final = "Exit codes: 0 done; 2 wrong usage, or a damaged snapshot; 3 no such snapshot."

snapshot = Commands(
    help=(
        "Save what audits read of a store, to audit it again later without the store, or to compare two days."
        " Snapshots lie below snapshots/ of the output folder. Saving reads the store and changes nothing in it."
    ),
    no_args_is_help=True,
)


@snapshot.command(epilog=_SAVE_EXITS)
def save(
    name: Annotated[str | None, typer.Argument(help="Its name.", show_default="the date")] = None,
    *,
    data_root: StoreRoot = DEFAULT_STORE,
    with_references: Annotated[
        bool, typer.Option("--with-references", help="Search for references too, and save what is found.")
    ] = False,
    output: Output = DEFAULT_OUTPUT,
    date: Date = None,
    shown: Shown = Format.TEXT,
    dry_run: DryRun = False,
) -> None:
    """Scan and audit a store, and save it as a snapshot."""
    _commands().save_snapshot(data_root, name, output, date, shown, with_references=with_references, dry_run=dry_run)


@snapshot.command("list", epilog=_SHOW_EXITS)
def list_(*, output: Output = DEFAULT_OUTPUT, shown: Shown = Format.TEXT) -> None:
    """List the snapshots in the order in which they were saved."""
    _commands().list_(output, shown)


@snapshot.command(epilog=_SHOW_EXITS)
def show(
    name: Annotated[str, typer.Argument(help="The snapshot: its name, its path, or last.")],
    *,
    output: Output = DEFAULT_OUTPUT,
    shown: Shown = Format.TEXT,
) -> None:
    """Check the files of a snapshot against their digests, and print its manifest."""
    _commands().show(output, name, shown)


def _commands() -> ModuleType:
    from genaudit.cli import snapshot_commands  # noqa: PLC0415 (help and usage errors come at once)

    return snapshot_commands
