"""What applying and rolling back have in common: putting a file in its place, and stopping cleanly."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from genaudit.errors import DDError, Err
from genaudit.migration.edits import digest
from genaudit.store.damage import damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
        first = problems[0]
        raise damaged(first["path"], first["problem"], count=len(problems), problems=problems[:MAX_PROBLEMS])


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
            raise DDError(Err.INVALID_CONFIG, {"reason": "store_drifted", **ctx})
        files.replace(exchange.swap, exchange.target)


@contextmanager
def stopping(reason: str, workspace: str | None = None) -> Iterator[None]:
    """Turn what the disk refuses into an error that says where.

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
