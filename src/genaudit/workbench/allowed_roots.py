"""Folders whose stores a workbench may read: a link or a page must not name any other."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason

_ALLOWED: Final[set[Path]] = set()


def allow(folder: str | Path) -> None:
    """Let the workbench read the stores below a folder; only the program that was started may name one."""
    _ALLOWED.add(Path(folder).resolve())


def check_allowed(root: Path) -> None:
    """Check that a store is below an allowed folder or the working directory.

    :raises DDError: ``INVALID_CONFIG``, reason ``root_not_allowed``, with ``path``.
    """
    real = root.resolve()
    if not any(real.is_relative_to(folder) for folder in (*_ALLOWED, Path.cwd())):
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.ROOT_NOT_ALLOWED, "path": str(root)})
