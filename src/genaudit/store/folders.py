"""Access to files and folders of a store without following links, changing access times, or blocking on a pipe."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from genaudit.schemas import RecordState
from genaudit.store.records import MAX_RECORD_BYTES, UnreadableError

# O_NOATIME is Linux only, and the kernel grants it to a file's owner alone.
_NO_ATIME: Final = getattr(os, "O_NOATIME", 0)
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | _NO_ATIME
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | _NO_ATIME
_CHUNK: Final = 8192


def open_folder(name: str, parent: int | None = None) -> int:
    """Open a folder by its name in an open parent folder.

    :returns: a file descriptor that the caller closes.
    :raises OSError: it is missing, not a folder, a symbolic link, or may not be entered.
    """
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        return os.open(name, _FOLDER & ~_NO_ATIME, dir_fd=parent)


def _open_file(name: str, folder: int | None) -> int:
    try:
        return os.open(name, _FILE, dir_fd=folder)
    except PermissionError:
        return os.open(name, _FILE & ~_NO_ATIME, dir_fd=folder)


@contextmanager
def folder(name: str, parent: int | None = None) -> Iterator[int]:
    """Open a folder for a ``with`` block, as :func:`open_folder` does."""
    handle = open_folder(name, parent)
    try:
        yield handle
    finally:
        os.close(handle)


def open_file(name: str, parent: int) -> int:
    """Open a regular file by its name in an open folder.

    :returns: a file descriptor that the caller closes.
    :raises OSError: it is missing, a symbolic link, or may not be read.
    :raises UnreadableError: ``unreadable``: it is not a file.
    """
    handle = _open_file(name, parent)
    status = os.fstat(handle)
    if stat.S_ISREG(status.st_mode):
        return handle
    os.close(handle)
    raise UnreadableError(RecordState.UNREADABLE, f"is a {_kind(status.st_mode)}")


def read_file(name: str, folder: int | None = None, limit: int = MAX_RECORD_BYTES) -> bytes:
    """Read a whole regular file.

    :param folder: the open folder with the file; without one, the name is a path.
    :param limit: the largest accepted size in bytes.
    :raises FileNotFoundError: it is missing.
    :raises UnreadableError: ``unreadable`` or ``too_large``.
    """
    try:
        handle = _open_file(name, folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        kind = kind_of(name, folder)
        detail = os.strerror(error.errno or 0) if kind in ("file", "unreachable") else f"is a {kind}"
        raise UnreadableError(RecordState.UNREADABLE, detail) from None
    try:
        data = os.read(handle, _CHUNK)
        if not data or len(data) == _CHUNK:
            data = _read_on(handle, data, limit)
    except OSError as error:
        raise UnreadableError(RecordState.UNREADABLE, os.strerror(error.errno or 0)) from None
    finally:
        os.close(handle)
    return data


def _read_on(handle: int, data: bytes, limit: int) -> bytes:
    """Read the rest after the first chunk, once this is known to be a regular file of an acceptable size."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(RecordState.UNREADABLE, f"is a {_kind(status.st_mode)}")
    chunks = [data]
    while chunks[-1]:
        if sum(map(len, chunks)) > limit:
            detail = f"{status.st_size} bytes; the limit is {limit}"
            raise UnreadableError(RecordState.TOO_LARGE, detail)
        chunks.append(os.read(handle, MAX_RECORD_BYTES))
    return b"".join(chunks)


def read_small(folder: int, names: Collection[str], limit: int) -> dict[str, bytes] | None:
    """Read all files of an open folder.

    :returns: ``None`` if there is anything but readable files of these names, each smaller than the limit in bytes.
    """
    files: dict[str, bytes] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name not in names or not entry.is_file(follow_symlinks=False):
                    return None
                files[entry.name] = data = _small(entry.name, folder, limit)
                if len(data) >= limit:
                    return None
    except OSError:
        return None
    return files


def _small(name: str, folder: int, limit: int) -> bytes:
    handle = _open_file(name, folder)
    try:
        data = os.read(handle, _CHUNK)
        while len(data) >= _CHUNK and len(data) < limit and (more := os.read(handle, limit)):
            data += more
    finally:
        os.close(handle)
    return data


def kind_of(name: str, folder: int | None = None) -> str:
    """Return the type of a folder's entry: file, folder, symbolic link, special file, ``gone`` or ``unreachable``."""
    try:
        return _kind(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return "gone"
    except OSError:
        return "unreachable"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "symbolic link"}
    return kinds.get(stat.S_IFMT(mode), "special file")
