"""Local copies of files of an object store, so that one reader serves both kinds of store.

Only files whose contents are read get them; the others are sparse, of the right size.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.store.bucket import BULK, Bucket, Stored

# A link that leads nowhere: links of a store are reported, and never followed.
_NOWHERE: Final = "/dev/null/not-followed"
_LARGEST_SPARSE: Final = 1 << 40
_BULK_BYTES: Final = 1 << 26


def lay_out(bucket: Bucket, files: Mapping[str, tuple[str, Stored]], folder: Path, limit: int) -> None:
    """Copy files into a folder, or only their sizes; files that are gone are left out.

    :param files: by path in the folder, the key of a file and its facts; folders on the way are made.
    :param limit: the largest file in bytes whose contents are copied.
    :raises DDError: as :meth:`genaudit.store.bucket.Bucket.read`; ``IO_ERROR``, reason ``not_copied``: the temporary
        folder cannot be written.
    """
    try:
        _lay_out(bucket, files, folder, limit)
    except OSError as error:
        ctx = {"reason": Reason.NOT_COPIED, "path": str(folder), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def _lay_out(bucket: Bucket, files: Mapping[str, tuple[str, Stored]], folder: Path, limit: int) -> None:
    _make_folders(folder, files)
    read: dict[str, tuple[str, Stored]] = {}
    for path, (key, facts) in files.items():
        if facts.kind == "file" and 0 < facts.size <= limit:
            read[path] = (key, facts)
        else:
            _make(folder / path, facts)
    for some in _bulks(read):
        contents = bucket.read([key for key, _ in some.values()])
        for path, (key, _) in some.items():
            if (data := contents.get(key)) is not None:
                with open(os.path.join(folder, path), "wb", buffering=0) as file:  # noqa: PTH118, PTH123 (very many)
                    file.write(data)


def _make(place: Path, facts: Stored) -> None:
    if facts.kind == "symbolic link":
        place.symlink_to(_NOWHERE)
    elif facts.kind == "file":
        with place.open("wb") as file:
            file.truncate(min(facts.size, _LARGEST_SPARSE))
    else:
        os.mkfifo(place)


def _bulks(files: Mapping[str, tuple[str, Stored]]) -> Iterator[dict[str, tuple[str, Stored]]]:
    """Cut files into those of one bulk read, which is held in memory."""
    some: dict[str, tuple[str, Stored]] = {}
    size = 0
    for path, (key, facts) in files.items():
        if some and (len(some) == BULK or size + facts.size > _BULK_BYTES):
            yield some
            some, size = {}, 0
        some[path] = (key, facts)
        size += facts.size
    if some:
        yield some


def lay_out_sizes(files: Mapping[str, Stored], folder: Path) -> None:
    """Make files of the right kind and size without contents."""
    lay_out(Bucket(""), {path: (path, facts) for path, facts in files.items()}, folder, -1)


def _make_folders(folder: Path, paths: Iterable[str]) -> None:
    for parent in {path.rpartition("/")[0] for path in paths}:
        os.makedirs(folder / parent, exist_ok=True)  # noqa: PTH103
