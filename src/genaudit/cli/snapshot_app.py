"""Commands for snapshots."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Final

import rich_click as click

from genaudit.cli.command_group import Commands
from genaudit.cli.options import DATE, DRY_RUN, OUTPUT, SHOWN, STORE_ROOT, Format, switch

_SAVE_EXITS: Final = (
    "Exit codes: 0 the snapshot was saved, whatever was found; 2 wrong usage or configuration, or the name is taken;"
    " 3 no store there, or it cannot be read."
)
_SHOW_EXITS: Final = "Exit codes: 0 done; 2 wrong usage, or a damaged snapshot; 3 no such snapshot."

snapshot = Commands(
    name="snapshot",
    help=(
        "Save the data that audits read of a store, to audit it later without the store, or to compare two days."
        " Snapshots lie below snapshots/ of the output folder. Saving reads the store and changes nothing in it."
    ),
)


@snapshot.command(epilog=_SAVE_EXITS)
@click.argument("name", required=False, help="Its name; the date if none is given.")
@STORE_ROOT
@switch("--with-references", help="Search for references too, and save them.")
@OUTPUT
@DATE
@SHOWN
@DRY_RUN
def save(
    name: str | None,
    *,
    data_root: str,
    output: Path,
    date: str | None,
    shown: Format,
    with_references: bool,
    dry_run: bool,
) -> None:
    """Scan and audit a store, and save it as a snapshot."""
    _commands().save_snapshot(data_root, name, output, date, shown, with_references=with_references, dry_run=dry_run)


@snapshot.command("list", epilog=_SHOW_EXITS)
@OUTPUT
@SHOWN
def list_(output: Path, shown: Format) -> None:
    """List the snapshots in the order in which they were saved."""
    _commands().list_(output, shown)


@snapshot.command(epilog=_SHOW_EXITS)
@click.argument("name", help="The snapshot: its name, its path, or last.")
@OUTPUT
@SHOWN
def show(name: str, output: Path, shown: Format) -> None:
    """Check the files of a snapshot against their digests, and print its manifest."""
    _commands().show(output, name, shown)


def _commands() -> ModuleType:
    from genaudit.cli import snapshot_commands  # noqa: PLC0415 (help and usage errors come at once)

    return snapshot_commands
