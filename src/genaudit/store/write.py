"""Atomic writer: a reader sees the old file or the new one, never a part."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from genaudit.errors import DDError, Err, Reason


def write_atomic(path: Path, data: bytes) -> None:
    """Write a whole file: a temporary file in the same folder, fsync, rename, fsync of the folder.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``; the earlier file is unchanged, unless only the fsync of
        the folder failed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(path), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def clear_leftovers(folder: int, names: Iterable[str]) -> None:
    """Delete the leftovers of killed writers of these files.

    :param folder: the open folder, without other writers.
    :raises OSError: something cannot be deleted.
    """
    leftover = re.compile(rf"\.({'|'.join(map(re.escape, names))})\.[^.]+\.tmp")
    for name in os.listdir(folder):
        if leftover.fullmatch(name):
            os.unlink(name, dir_fd=folder)
