"""Notebooks that run as scripts: what takes the place of a click, and where the outcome goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, Protocol

import marimo as mo

from genaudit.errors import DDError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genaudit.workbench.start import Arguments


class _Button(Protocol):
    @property
    def value(self) -> bool | None: ...


def asked_to_write(started: Arguments) -> bool:
    """Return True if the notebook runs as a script with ``--write``; a served page writes on a click only."""
    return started.write and mo.app_meta().mode == "script"


def pressed(button: _Button, started: Arguments) -> bool:
    """Return True if a button was clicked, or a script has to act as if it was."""
    return bool(button.value) or asked_to_write(started)


def tell(written: Sequence[Path] | DDError, started: Arguments) -> None:
    """Print the written files of a script; end it if there are none."""
    if not asked_to_write(started):
        return
    if isinstance(written, DDError):
        fail(f"Nothing was written: {written}.")
    sys.stdout.writelines(f"wrote {path}\n" for path in written)


def fail(message: str) -> NoReturn:
    """End a script with a message on stderr, and exit code 2."""
    sys.stderr.write(f"{message}\n")
    raise SystemExit(2)
