"""Copies of files that share no inode with their originals."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from typing import Final

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# The request of Linux that lets two files share their blocks until one of them is written to.
_REFLINK: Final = 0x40049409
_CHUNK: Final = 1 << 20


def copy_file(name: str, parent: int, new: str, other: int) -> None:
    """Copy a regular file with its owner, permissions, extended attributes and times.

    The copy shares the blocks of the original if the file system supports it.

    :param parent: the open folder of the original.
    :param other: the open folder of the copy, in which the new name is free.
    :raises OSError: the original is no regular file, or the system refuses.
    """
    source = os.open(name, _OLD, dir_fd=parent)
    try:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "is no regular file", name)
        target = os.open(new, _NEW, 0o600, dir_fd=other)
        try:
            try:
                fcntl.ioctl(target, _REFLINK, source)
            except OSError:
                _copy_bytes(source, target)
            _take_attributes(source, target, status)
        finally:
            os.close(target)
    finally:
        os.close(source)


def _copy_bytes(source: int, target: int) -> None:
    while rest := memoryview(os.read(source, _CHUNK)):
        while rest:
            rest = rest[os.write(target, rest) :]


def _take_attributes(source: int, target: int, status: os.stat_result) -> None:
    present = os.fstat(target)
    if (present.st_uid, present.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(target, status.st_uid, status.st_gid)
    os.fchmod(target, status.st_mode & 0o7777)
    with suppress(OSError):
        for attribute in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(target, attribute, os.getxattr(source, attribute))
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
