"""What applying and rolling back have in common: putting a file in its place, and stopping cleanly."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.edits import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genaudit.migration.files import Files

MAX_PROBLEMS: Final = 20


def check_kept(files: Files, kept: Iterable[tuple[str, str]]) -> None:
    """Look at kept contents before the first of them is needed.

    :param kept: each one's path, and the hash that it must have.
    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``, with each ``path`` under ``problems``.
    """
    problems: list[dict[str, str]] = []
    for path, wanted in kept:
        try:
            if digest(files.read(path)) != wanted:
                problems.append({"path": path, "problem": "has another content than was kept"})
        except OSError as error:
            problems.append({"path": path, "problem": os.strerror(error.errno or 0)})
    if problems:
        ctx = {"reason": Reason.WORKSPACE_DAMAGED, "count": len(problems), "problems": problems[:MAX_PROBLEMS]}
        raise DDError(Err.INVALID_CONFIG, ctx)


class Exchange(NamedTuple):
    """A kept content that takes the place of a file.

    :param source: where it is kept.
    :param swap: the name that it has on its way.
    :param wanted: the hash that it must have.
    :param replaced: the hash of the content that it replaces.
    """

    source: str
    swap: str
    target: str
    wanted: str
    replaced: str


def put(files: Files, exchange: Exchange) -> None:
    """Put a kept content in the place of a file; it stays kept.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``: it is not what was kept; ``store_drifted``:
        somebody changed the file a moment ago, and keeps that.
    """
    source, swap, target, wanted, replaced = exchange
    if digest(files.read(source)) != wanted:
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.WORKSPACE_DAMAGED, "path": source, "target": target})
    if (present := digest(files.read(target))) != replaced:
        ctx = {"reason": Reason.STORE_DRIFTED, "path": target, "planned": replaced, "present": present}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if files.kind(swap) != "gone":
        # Left by a stop between the two calls below, perhaps on the way in the other direction.
        files.remove(swap)
    files.link(source, swap)
    files.replace(swap, target)


@contextmanager
def stopping(reason: Reason, workspace: str | None = None) -> Iterator[None]:
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
