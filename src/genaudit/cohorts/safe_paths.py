"""Access to folders below a data root by name, following no link that could lead out of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from genaudit import layout
from genaudit.errors import DDError, Err, Reason
from genaudit.store.folders import folder, kind_of
from genaudit.store.ledger import unfinished_migrations
from genaudit.store.source import fetch_generation


@contextmanager
def open_below(root: Path, *parts: str, make: bool = False) -> Iterator[int]:
    """Open a folder below a data root.

    :param root: the data root, whose own path may contain links.
    :param parts: the folders on the way, each a plain path component.
    :param make: whether to create missing folders.
    :returns: the folder's descriptor.
    :raises FileNotFoundError: a folder on the way is missing.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; ``INVALID_CONFIG``, reason ``unsafe_path``: a part is
        not a folder, with its ``kind``; ``IO_ERROR``, reason ``not_readable`` or ``not_writable``.
    """
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(folder(os.path.realpath(root, strict=True)))
        except OSError as error:
            ctx = {"reason": Reason.NO_SUCH_ROOT, "path": str(root), "error": os.strerror(error.errno or 0)}
            raise DDError(Err.DATA_MISSING, ctx) from error
        base = root
        match parts:
            case (layout.GENS, stage, name, *_):
                fetch_generation(root, stage, name)
        for part in parts:
            if make:
                _make(part, handle, base)
            handle = stack.enter_context(open_in(handle, part, base))
            base /= part
        yield handle


def _make(name: str, parent: int, base: Path) -> None:
    try:
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)
    except FileExistsError:
        pass
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(base / name), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


@contextmanager
def open_in(parent: int, name: str, base: Path) -> Iterator[int]:
    """Open a folder by its name in an open folder.

    :param base: the path of the open folder, for errors.
    :raises FileNotFoundError: it is missing.
    :raises DDError: as :func:`open_below` does.
    """
    # Convert only errors of opening; errors while the folder is open belong to the caller.
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(folder(name, parent))
        except FileNotFoundError:
            raise
        except NotADirectoryError as error:
            ctx = {"reason": Reason.UNSAFE_PATH, "path": str(base / name), "kind": kind_of(name, parent)}
            raise DDError(Err.INVALID_CONFIG, ctx) from error
        except OSError as error:
            ctx = {"reason": Reason.NOT_READABLE, "path": str(base / name), "error": os.strerror(error.errno or 0)}
            raise DDError(Err.IO_ERROR, ctx) from error
        yield handle


@contextmanager
def no_migration(root: Path) -> Iterator[None]:
    """Keep migrations out of a data root while it changes.

    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; ``IO_ERROR``, reason ``migration_busy`` (one is
        running) or ``migration_interrupted``; as :func:`~genaudit.store.ledger.read_ledger`, if there is a ledger.
    """
    with open_below(root) as top:
        try:
            fcntl.flock(top, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DDError(Err.IO_ERROR, {"reason": Reason.MIGRATION_BUSY, "path": str(root)}) from error
        if waiting := unfinished_migrations(root):
            raise DDError(Err.IO_ERROR, {"reason": Reason.MIGRATION_INTERRUPTED, "path": str(root / waiting[0])})
        yield


def hold_alone(handle: int, path: Path, reason: Reason) -> None:
    """Lock an open folder for this process; the lock ends when the folder is closed, or with the process.

    :param path: the folder, for the error.
    :raises DDError: ``IO_ERROR`` with the given reason: another process holds the lock.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DDError(Err.IO_ERROR, {"reason": reason, "path": str(path)}) from error
