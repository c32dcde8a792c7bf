"""Shared steps of apply and rollback: replacing a file, and stopping cleanly."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.edits import digest
from genaudit.migration.files import Files

MAX_PROBLEMS: Final = 20


def check_kept(files: Files, kept: Iterable[tuple[str, str]]) -> None:
    """Check kept contents before the first of them is needed.

    :param kept: each one's path and expected hash.
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
    """A kept content that replaces a file.

    :param source: the path of the kept content.
    :param swap: its temporary name during the replacement.
    :param wanted: its expected hash.
    :param replaced: the hash of the replaced content.
    """

    source: str
    swap: str
    target: str
    wanted: str
    replaced: str


def put(files: Files, exchange: Exchange) -> None:
    """Replace a file by a kept content, which stays kept.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``: the kept content has changed;
        ``store_drifted``: another program changed the file a moment ago, and its version stays.
    """
    source, swap, target, wanted, replaced = exchange
    if digest(files.read(source)) != wanted:
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.WORKSPACE_DAMAGED, "path": source, "target": target})
    if (present := digest(files.read(target))) != replaced:
        ctx = {"reason": Reason.STORE_DRIFTED, "path": target, "planned": replaced, "present": present}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if files.kind(swap) != "gone":
        # A leftover of a stop between the two calls below, perhaps in the other direction.
        files.remove(swap)
    files.link(source, swap)
    files.replace(swap, target)


@contextmanager
def stopping(reason: Reason, workspace: str | None = None) -> Iterator[None]:
    """Convert a system error to an error with its location.

    :raises DDError: ``IO_ERROR`` with the given reason.
    """
    try:
        yield
    except OSError as error:
        ctx = {"reason": reason, "path": str(error.filename), "error": os.strerror(error.errno or 0)}
        if workspace:
            ctx["workspace"] = workspace
        raise DDError(Err.IO_ERROR, ctx) from error
