"""Shared steps of apply and rollback: replacing a file, and stopping cleanly."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.edits import digest
from genaudit.migration.files import Files
from genaudit.store.damage import damaged

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
        first = problems[0]
        raise damaged(first["path"], first["problem"], count=len(problems), problems=problems[:MAX_PROBLEMS])


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


def put_all(files: Files, exchanges: Sequence[Exchange]) -> None:
    """Put copies of kept contents in the places of files; the contents stay kept.

    All copies are on the disk before the first of them takes its place.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``: a content is not what was kept;
        ``store_drifted``: a file was changed a moment ago, and stays as it is.
    """
    for exchange in exchanges:
        if digest(files.read(exchange.source)) != exchange.wanted:
            raise damaged(exchange.source, "has another content than was kept", target=exchange.target)
        # Left by a stop, perhaps on the way in the other direction.
        files.clear(exchange.swap)
        files.copy(exchange.source, exchange.swap)
    files.sync()
    for exchange in exchanges:
        if (present := digest(files.read(exchange.target))) != exchange.replaced:
            ctx = {"path": exchange.target, "planned": exchange.replaced, "present": present}
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.STORE_DRIFTED, **ctx})
        files.replace(exchange.swap, exchange.target)


@contextmanager
def stopping(reason: Reason, workspace: str | None = None) -> Iterator[None]:
    """Convert a system error to an error with its location.

    :raises DDError: ``IO_ERROR`` with the given reason.
    """
    try:
        yield
    except OSError as error:
        path = workspace if error.filename is None else str(error.filename)
        ctx = {"reason": reason, "path": path, "error": os.strerror(error.errno or 0)}
        if workspace:
            ctx["workspace"] = workspace
        raise DDError(Err.IO_ERROR, ctx) from error
