"""What applying and rolling back have in common: putting a file in its place, and stopping cleanly."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genaudit.errors import DDError, Err
from genaudit.migration.edits import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genaudit.migration.files import Files


def put(files: Files, source: str, swap: str, target: str, wanted: str) -> None:
    """Put a kept content in the place of a file; it stays kept.

    :param swap: the name that it has on its way.
    :param wanted: the hash that it must have.
    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``: it has another one.
    """
    if digest(files.read(source)) != wanted:
        raise DDError(Err.INVALID_CONFIG, {"reason": "workspace_damaged", "path": source, "target": target})
    if files.kind(swap) != "gone":
        # Left by a stop between the two calls below, perhaps on the way in the other direction.
        files.remove(swap)
    files.link(source, swap)
    files.replace(swap, target)


@contextmanager
def stopping(reason: str, workspace: str | None = None) -> Iterator[None]:
    """Turn what the disk refuses into an error that says where.

    :raises DDError: ``IO_ERROR`` with the given reason.
    """
    try:
        yield
    except OSError as error:
        ctx = {"reason": reason, "path": str(error.filename), "error": os.strerror(error.errno or 0)}
        if workspace:
            ctx["workspace"] = workspace
        raise DDError(Err.IO_ERROR, ctx) from error
