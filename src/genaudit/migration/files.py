"""Everything that a migration does to the disk, one small call each.

Paths are relative to the data root, with forward slashes. Every folder on the way is opened by its name in the one
before, and no link is followed, so that nothing outside the root is reached whatever a store contains. A call that
fails raises ``OSError`` and has had its whole effect or none, but for :meth:`Files.write_new` and
:meth:`Files.append`, which may leave a part: what they write is only believed with its checksum.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from genaudit.errors import DDError, Err, Reason
from genaudit.store.folders import folder, kind_of, open_folder, read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

MAX_BYTES: Final = 1 << 32

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_OUTSIDE: Final = frozenset({"", ".", ".."})
_RENAME_NOREPLACE: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_NOT_OFFERED: Final = frozenset({errno.ENOSYS, errno.EINVAL})


class Files:
    """The files below a data root.

    :param root: may be reached through links itself.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self._top = open_folder(os.path.realpath(root, strict=True))
        except OSError as error:
            ctx = {"reason": Reason.NO_SUCH_ROOT, "path": str(root), "error": os.strerror(error.errno or 0)}
            raise DDError(Err.DATA_MISSING, ctx) from error

    def __enter__(self) -> Self:
        """Hold the root open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let the root go, and the lock with it."""
        os.close(self._top)

    def lock(self) -> None:
        """Take the data root for this process; the lock ends with it, however it ends.

        :raises DDError: ``IO_ERROR``, reason ``migration_busy``.
        """
        try:
            fcntl.flock(self._top, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DDError(Err.IO_ERROR, {"reason": Reason.MIGRATION_BUSY, "path": str(self.root)}) from error

    def read(self, path: str) -> bytes:
        """Read a regular file whole."""
        with self._at(path) as (parent, name):
            try:
                return read_file(name, parent, MAX_BYTES)
            except UnreadableError as error:
                raise OSError(errno.EINVAL, error.detail, path) from error

    def names(self, path: str) -> list[str]:
        """List what a folder holds."""
        with self._folder(path) as handle:
            return os.listdir(handle)

    def kind(self, path: str) -> str:
        """Name the kind of what stands at a path, ``gone`` where nothing does."""
        try:
            with self._at(path) as (parent, name):
                return kind_of(name, parent)
        except (FileNotFoundError, NotADirectoryError):
            return "gone"

    def mtime(self, path: str) -> int:
        """The modification time of a folder, in nanoseconds; the root is the empty path."""
        with self._folder(path) as handle:
            return os.fstat(handle).st_mtime_ns

    def make_folder(self, path: str) -> None:
        """Make a folder where nothing stands."""
        with self._at(path) as (parent, name):
            os.mkdir(name, dir_fd=parent)

    def write_new(self, path: str, data: bytes, like: str | None = None) -> None:
        """Write a file where nothing stands; :meth:`sync` brings it to the disk.

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
        """Write to the end of a file, made if need be, and bring it to the disk.

        :param at: where the end is; what stands behind it is cut off.
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

    def link(self, path: str, target: str) -> None:
        """Give a file a second name, where nothing stands."""
        with self._at(path) as (parent, name), self._at(target) as (other, new):
            os.link(name, new, src_dir_fd=parent, dst_dir_fd=other, follow_symlinks=False)

    def rename(self, path: str, target: str) -> None:
        """Give a file or folder another name, where nothing stands."""
        with self._at(path) as (parent, name), self._at(target) as (other, new):
            _rename_noreplace(parent, name, other, new)

    def replace(self, path: str, target: str) -> None:
        """Put a file in the place of another one."""
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

    def sync_folder(self, path: str) -> None:
        """Bring the names in a folder to the disk."""
        with self._folder(path) as handle:
            os.fsync(handle)

    def sync(self) -> None:
        """Bring everything on the root's file system to the disk.

        One call for all: a hundred thousand files synced one by one take minutes.
        """
        if hasattr(_LIBC, "syncfs"):
            _checked(_LIBC.syncfs(self._top))
        else:
            os.sync()

    @contextmanager
    def _folder(self, path: str) -> Iterator[int]:
        if not path:
            yield self._top
            return
        with self._at(path) as (parent, name), folder(name, parent) as handle:
            yield handle

    @contextmanager
    def _at(self, path: str) -> Iterator[tuple[int, str]]:
        """Hold the folder of a path open, and name what it leads to."""
        *above, name = path.split("/")
        if not _OUTSIDE.isdisjoint((*above, name)):
            raise OSError(errno.EINVAL, "does not name its folders one by one", path)
        opened: list[int] = []
        try:
            for part in above:
                opened.append(open_folder(part, opened[-1] if opened else self._top))
            yield (opened[-1] if opened else self._top), name
        finally:
            for handle in reversed(opened):
                os.close(handle)


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
    # Without help from the file system there is a moment between the look and the rename; the lock covers our own.
    if kind_of(new, other) != "gone":
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(name, new, src_dir_fd=parent, dst_dir_fd=other)


def _checked(result: int, path: str | None = None) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
