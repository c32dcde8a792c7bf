"""The command that serves the workbench, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rich_click as click

from genaudit.cli.extras import load
from genaudit.cli.options import DATA_ROOT, OUTPUT, PATH, switch

WORKBENCH_EXITS: Final = (
    "Exit codes: 0 it was ended by Ctrl-C; 2 wrong usage, the extra notebooks is not installed, or the port is not"
    " free; 3 no store there, or it cannot be read."
)
_PORT: Final = 2718
_HIGHEST_PORT: Final = 65_535
# Addresses that only this machine can reach.
HOSTS: Final = ("127.0.0.1", "localhost", "::1")


@DATA_ROOT
@OUTPUT
@click.option(
    "--snapshot",
    help="Open this saved snapshot (name, path or last) instead of the store.",
    show_default="the store",
)
@click.option(
    "--port",
    type=click.IntRange(0, _HIGHEST_PORT),
    metavar="INTEGER",
    default=_PORT,
    help="The port; 0 for any free one.",
)
@click.option(
    "--host",
    type=click.Choice(HOSTS),
    default=HOSTS[0],
    help="The address; nobody reaches it from another machine.",
)
@click.option(
    "--allow",
    type=PATH,
    multiple=True,
    help="A further folder whose stores a page may open; repeat for several.",
    show_default="the data root and the working directory",
)
@switch("--no-browser", help="Print the link only.")
def workbench(
    *,
    data_root: Path,
    output: Path,
    snapshot: str | None,
    port: int,
    host: str,
    allow: tuple[Path, ...],
    no_browser: bool,
) -> None:
    """Serve the interactive notebooks for a store on this machine, until Ctrl-C."""
    serving = load("workbench.serving")
    root = data_root if snapshot is None else serving.find_given(output, snapshot)
    serving.serve(serving.Served(root, output, host, port, not no_browser, allow))
