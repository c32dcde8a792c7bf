"""Support for notebooks that run as scripts: a substitute for clicks, and output on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol

import marimo as mo

from genaudit.errors import DDError
from genaudit.workbench.notebook_args import Arguments


class Button(Protocol):
    """A button of a page, or what a test puts in its place."""

    @property
    def value(self) -> bool | None:
        """Whether it was pressed."""


def write_requested(started: Arguments) -> bool:
    """Return True if the notebook runs as a script with ``--write``; a served page writes on a click only."""
    return started.write and mo.app_meta().mode == "script"


def pressed(button: Button, started: Arguments) -> bool:
    """Return True if a button was clicked, or a script has to act as if it was."""
    return bool(button.value) or write_requested(started)


def print_paths(written: Sequence[Path] | DDError, started: Arguments) -> None:
    """Print the files that a script wrote; exit if there are none."""
    if not write_requested(started):
        return
    if isinstance(written, DDError):
        fail(f"Nothing was written: {written}.")
    sys.stdout.writelines(f"wrote {path}\n" for path in written)


def fail(message: str) -> NoReturn:
    """Exit a script with a message on stderr and exit code 2."""
    sys.stderr.write(f"{message}\n")
    raise SystemExit(2)
