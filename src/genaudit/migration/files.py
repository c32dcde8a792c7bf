"""All file system operations of a migration, one small call each.

Paths are relative to the data root, with forward slashes. Every folder on the way is opened by its name in its
parent, and no link is followed, so nothing outside the root can be reached, whatever a store contains. A call that
fails raises ``OSError`` and has had its whole effect or none. The exceptions are :meth:`Files.write_new` and
:meth:`Files.append`, which may leave a part: their contents count only with their checksum.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.folder_of import FolderOf, PathBelow
from genaudit.store.copying import copy_file
from genaudit.store.folders import folder, kind_of, open_folder, read_file
from genaudit.store.records import UnreadableError

MAX_BYTES: Final = 1 << 32

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_RENAME_NOREPLACE: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_NOT_OFFERED: Final = frozenset({errno.ENOSYS, errno.EINVAL})


class Files:
    """The files below a data root.

    :param root: the data root, whose own path may contain links.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self._top = open_folder(os.path.realpath(root, strict=True))
        except OSError as error:
            ctx = {"reason": Reason.NO_SUCH_ROOT, "path": str(root), "error": os.strerror(error.errno or 0)}
            raise DDError(Err.DATA_MISSING, ctx) from error
        self._held: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Return the opened files."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the root and release its lock."""
        os.close(self._top)

    def lock(self) -> None:
        """Lock the data root for this process; the lock ends with the process in any case.

        :raises DDError: ``IO_ERROR``, reason ``migration_busy``.
        """
        try:
            fcntl.flock(self._top, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DDError(Err.IO_ERROR, {"reason": Reason.MIGRATION_BUSY, "path": str(self.root)}) from error

    def read(self, path: str) -> bytes:
        """Read a whole regular file."""
        with self._at(path) as (parent, name):
            try:
                return read_file(name, parent, MAX_BYTES)
            except UnreadableError as error:
                raise OSError(errno.EINVAL, error.detail, path) from error

    def names(self, path: str) -> list[str]:
        """List the entries of a folder."""
        with self._folder(path) as handle:
            return os.listdir(handle)

    def kind(self, path: str) -> str:
        """Return the file type of a path, ``gone`` if it does not exist."""
        try:
            with self._at(path) as (parent, name):
                return kind_of(name, parent)
        except (FileNotFoundError, NotADirectoryError):
            return "gone"

    def mtime(self, path: str) -> int:
        """Return the modification time of a folder, in nanoseconds; the root is the empty path."""
        if not path:
            return os.fstat(self._top).st_mtime_ns
        with self._at(path) as (parent, name):
            return os.stat(name, dir_fd=parent, follow_symlinks=False).st_mtime_ns

    def make_folder(self, path: str) -> None:
        """Create a folder at a free path."""
        with self._at(path) as (parent, name):
            os.mkdir(name, dir_fd=parent)

    def write_new(self, path: str, data: bytes, like: str | None = None) -> None:
        """Write a file at a free path; :meth:`sync` brings it to disk.

        :param like: a file whose owner and permissions it gets.
        """
        with self._at(path) as (parent, name):
            handle = os.open(name, _NEW, 0o644, dir_fd=parent)
            try:
                if like is not None:
                    self._take_after(handle, like)
                _write(handle, data)
            finally:
                os.close(handle)

    def _take_after(self, handle: int, like: str) -> None:
        with self._at(like) as (parent, name):
            wanted = os.stat(name, dir_fd=parent, follow_symlinks=False)
        present = os.fstat(handle)
        if (present.st_uid, present.st_gid) != (wanted.st_uid, wanted.st_gid):
            os.fchown(handle, wanted.st_uid, wanted.st_gid)
        os.fchmod(handle, wanted.st_mode & 0o7777)

    def append(self, path: str, data: bytes, at: int) -> None:
        """Append to a file, creating it if missing, and sync it to disk.

        :param at: the offset of the end; later bytes are cut off.
        """
        with self._at(path) as (parent, name):
            handle = os.open(name, _APPEND, 0o644, dir_fd=parent)
            try:
                os.ftruncate(handle, at)
                os.lseek(handle, at, os.SEEK_SET)
                _write(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            os.fsync(parent)

    def copy(self, path: str, target: str) -> None:
        """Copy a file with its owner, permissions, attributes and times; :meth:`sync` brings it to the disk.

        The copy shares no inode with the file, so that writing into one of them leaves the other as it is.
        """
        with self._at(path) as (parent, name), self._at(target) as (other, new):
            if os.fstat(parent).st_dev != os.fstat(other).st_dev:
                # A copy could not be renamed to its place.
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), PathBelow(path))
            copy_file(name, parent, new, other)

    def rename(self, path: str, target: str) -> None:
        """Rename a file or folder to a free path."""
        with self._at(path) as (parent, name), self._at(target) as (other, new):
            _rename_noreplace(parent, name, other, new)

    def replace(self, path: str, target: str) -> None:
        """Replace a file by another one."""
        with self._at(path) as (parent, name), self._at(target) as (other, new):
            os.replace(name, new, src_dir_fd=parent, dst_dir_fd=other)

    def set_mtime(self, path: str, mtime: int) -> None:
        """Set the modification time of a folder, in nanoseconds; the root is the empty path."""
        with self._folder(path) as handle:
            os.utime(handle, ns=(os.fstat(handle).st_atime_ns, mtime))

    def remove(self, path: str) -> None:
        """Delete a file."""
        with self._at(path) as (parent, name):
            os.unlink(name, dir_fd=parent)

    def remove_folder(self, path: str) -> None:
        """Delete an empty folder."""
        with self._at(path) as (parent, name):
            os.rmdir(name, dir_fd=parent)

    def clear(self, path: str) -> None:
        """Delete a file, or a folder with its contents, if there is one; no link is followed."""
        kind = self.kind(path)
        if kind == "folder":
            for name in self.names(path):
                self.clear(f"{path}/{name}")
            self.remove_folder(path)
        elif kind != "gone":
            self.remove(path)

    def sync_folder(self, path: str) -> None:
        """Sync the names in a folder to disk."""
        with self._folder(path) as handle:
            os.fsync(handle)

    def sync(self) -> None:
        """Sync the root's whole file system to disk.

        One call for all: syncing a hundred thousand files one by one takes minutes.
        """
        if hasattr(_LIBC, "syncfs"):
            _checked(_LIBC.syncfs(self._top), str(self.root))
        else:
            os.sync()

    @contextmanager
    def holding(self, paths: Iterable[str]) -> Iterator[None]:
        """Keep folders open for many calls, which then open only the path below them. None may be renamed meanwhile.

        :param paths: folders; a missing one is left out.
        """
        earlier, opened = self._held, dict[str, int]()
        try:
            for path in paths:
                with suppress(OSError), self._at(path) as (parent, name):
                    opened[path] = open_folder(name, parent)
            self._held = earlier | opened
            yield
        finally:
            self._held = earlier
            for handle in opened.values():
                os.close(handle)

    @contextmanager
    def _folder(self, path: str) -> Iterator[int]:
        if not path:
            try:
                yield self._top
            except OSError as error:
                error.filename = PathBelow(str(self.root))
                raise
            return
        with self._at(path) as (parent, name), folder(name, parent) as handle:
            yield handle

    def _at(self, path: str) -> FolderOf:
        """Open the folder of a path for a ``with`` block, which gets it with the last name."""
        return FolderOf(self._start, path)

    def _start(self, above: list[str]) -> tuple[int, list[str]]:
        """Return the open folder to start from, a held one if possible, and the names below it."""
        for count in range(len(above), 0, -1) if self._held else ():
            held = self._held.get("/".join(above[:count]))
            if held is not None:
                return held, above[count:]
        return self._top, above


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _rename_noreplace(parent: int, name: str, other: int, new: str) -> None:
    if hasattr(_LIBC, "renameat2"):
        try:
            _checked(_LIBC.renameat2(parent, os.fsencode(name), other, os.fsencode(new), _RENAME_NOREPLACE), new)
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
        else:
            return
    # Without support by the file system, the check and the rename are two calls; the lock covers our own processes.
    if kind_of(new, other) != "gone":
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(name, new, src_dir_fd=parent, dst_dir_fd=other)


def _checked(result: int, path: str | None = None) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
