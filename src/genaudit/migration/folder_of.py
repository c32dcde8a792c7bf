"""The folder of a path below a data root, opened name by name; no link is followed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final

from genaudit.store.folders import open_folder

_OUTSIDE: Final = frozenset({"", ".", ".."})


class PathBelow(str):
    """The path of a failed call, relative to the data root."""

    __slots__ = ()


class FolderOf:
    """The open folder of a path. A class, because a generator takes longer than the calls in the block.

    :param start: returns the open folder to start from, and the names below it.
    """

    __slots__ = ("_opened", "_path", "_start")

    def __init__(self, start: Callable[[list[str]], tuple[int, list[str]]], path: str) -> None:
        self._start = start
        self._path = path
        self._opened: list[int] = []

    def __enter__(self) -> tuple[int, str]:
        """Return the folder's descriptor and the last name."""
        *above, name = self._path.split("/")
        if not _OUTSIDE.isdisjoint((*above, name)):
            raise OSError(errno.EINVAL, "does not name its folders one by one", self._path)
        try:
            handle, below = self._start(above)
            for part in below:
                handle = open_folder(part, handle)
                self._opened.append(handle)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return handle, name

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the folders, and give an error the path."""
        # A call on a descriptor names no file, and one on an entry of a folder only the entry.
        if isinstance(error, OSError) and not isinstance(error.filename, PathBelow):
            error.filename = PathBelow(self._path)
        for each in reversed(self._opened):
            os.close(each)
