"""List of a store's files with the facts that show whether one has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from genaudit.store.source import Source
from genaudit.store.walk import roots_to_walk, walk


class File(NamedTuple):
    """A file below a data root.

    :param inode: its number; 0 for an object, -1 for an entry that is no file.
    :param etag: the entity tag of an object; blank for a local file.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    etag: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file that can be read."""
        return self.inode >= 0


def files_of(source: Source, left_out: Sequence[Path]) -> Iterator[File]:
    """List everything below a data root, links and other entries that are no files included.

    :param left_out: folders that are not listed.
    """
    listed = source.listed()
    if listed is not None:
        for path, one in listed:
            inode = 0 if one.kind == "file" else -1
            yield File(path, one.size, one.mtime_ns, one.mtime_ns, inode, one.etag)
        return
    for root in roots_to_walk([source.root], left_out):
        for entry in walk(root):
            if entry.refused or entry.is_folder:
                if entry.refused or entry.path.count("/") > 2:  # noqa: PLR2004 (below gens/<stage>/<id>/)
                    yield File(entry.path, 0, 0, 0, -1)
                continue
            try:
                status = os.stat(entry.name, dir_fd=entry.parent, follow_symlinks=False)
            except OSError:
                continue
            yield File(entry.path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
