"""Room for new files: replaced files move to ``replaced/<n>/`` inside the generation's folder.

They first move into a folder with a temporary name. An interrupted run loses nothing: the next run moves the rest, or
gives the folder its number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.generating.folder import GenerationFolder
from genaudit.layout import MOVING, REPLACED, REPORTS
from genaudit.store.folders import folder as opened_folder
from genaudit.store.folders import kind_of, read_file
from genaudit.store.records import UnreadableError
from genaudit.store.written import record_written

_FIRST: Final = 1


def make_room(generation: GenerationFolder, names: Iterable[str]) -> None:
    """Move files to the next numbered folder below ``replaced/``.

    :param names: files of the generation; missing files are skipped.
    :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_path``; ``IO_ERROR``, reason ``not_writable``.
    """
    present = [name for name in names if generation.has(name)]
    if not present and kind_of(MOVING, generation.handle) == "gone":
        return
    try:
        if present:
            with suppress(FileExistsError):
                os.mkdir(MOVING, dir_fd=generation.handle)
            _record_leaving(generation, present)
            with opened_folder(MOVING, generation.handle) as target:
                for name in present:
                    os.rename(name, name, src_dir_fd=generation.handle, dst_dir_fd=target)
                os.fsync(target)
        _number(generation)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(generation.path / REPLACED), "error": error.strerror}
        raise DDError(Err.IO_ERROR, ctx) from error


def _number(generation: GenerationFolder) -> None:
    """Give the folder of moved files its number."""
    with suppress(FileExistsError):
        os.mkdir(REPLACED, dir_fd=generation.handle)
    with opened_folder(REPLACED, generation.handle) as kept:
        taken = [int(name) for name in os.listdir(kept) if name.isdecimal()]
        number = max(taken, default=_FIRST - 1) + 1
        _record_numbered(generation, f"{REPLACED}/{number}")
        os.rename(MOVING, str(number), src_dir_fd=generation.handle, dst_dir_fd=kept)
        os.fsync(kept)
    os.fsync(generation.handle)


def _record_leaving(generation: GenerationFolder, names: Iterable[str]) -> None:
    """Record the reports that are about to leave their places: a rollback neither misses nor mistakes them."""
    files: dict[Path, bytes | None] = {}
    for name in names:
        if name in REPORTS and (data := _content(name, generation.handle)) is not None:
            files[generation.path / name] = None
            files[generation.path / MOVING / name] = data
    record_written(generation.root, files)


def _record_numbered(generation: GenerationFolder, numbered: str) -> None:
    """Record the reports that are about to get their numbered folder."""
    with opened_folder(MOVING, generation.handle) as moving:
        found = {name: _content(name, moving) for name in REPORTS if kind_of(name, moving) == "file"}
    files: dict[Path, bytes | None] = {generation.path / MOVING / name: None for name in found}
    files |= {generation.path / numbered / name: data for name, data in found.items() if data is not None}
    record_written(generation.root, files)


def _content(name: str, parent: int) -> bytes | None:
    try:
        return read_file(name, parent)
    except UnreadableError:
        return None
