"""The command that serves the workbench, with its options."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.cli.extras import load
from genaudit.cli.options import DEFAULT_OUTPUT, DEFAULT_ROOT, DataRoot, Output

WORKBENCH_EXITS: Final = (
    "Exit codes: 0 it was ended by Ctrl-C; 2 wrong usage, the extra notebooks is not installed, or the port is not"
    " free; 3 no store there, or it cannot be read."
)
_PORT: Final = 2718
_HIGHEST_PORT: Final = 65_535


# Addresses that only this machine can reach.
Host = StrEnum("Host", {"DEFAULT": "127.0.0.1", "NAME": "localhost", "IPV6": "::1"})


def workbench(
    *,
    data_root: DataRoot = DEFAULT_ROOT,
    output: Output = DEFAULT_OUTPUT,
    snapshot: Annotated[
        str | None,
        typer.Option(
            help="Open this saved snapshot (name, path or last) instead of the store.",
            show_default="the store",
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="The port; 0 for any free one.", min=0, max=_HIGHEST_PORT)] = _PORT,
    host: Annotated[Host, typer.Option(help="The address; nobody reaches it from another machine.")] = Host.DEFAULT,
    allow: Annotated[
        list[Path] | None,
        typer.Option(
            help="A further folder whose stores a page may open; repeat for several.",
            show_default="the data root and the working directory",
        ),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the link only.")] = False,
) -> None:
    """Serve the interactive notebooks for a store on this machine, until Ctrl-C."""
    serving = load("workbench.serving")
    root = data_root if snapshot is None else serving.find_given(output, snapshot)
    serving.serve(serving.Served(root, output, str(host), port, not no_browser, allow or ()))
