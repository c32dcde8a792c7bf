"""Walk over every file below some folders, once, without following a link."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, STATE
from genaudit.store.folders import folder, kind_of, open_folder
from genaudit.store.scan import shown

# Folders that tools keep for themselves.
LEFT_OUT: Final = frozenset(
    {
        STATE,
        ".git",
        ".venv",
        "__pycache__",
        "node_modules",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
    }
)
MAX_DEPTH: Final = 100
_STAGE_DEPTH: Final = 2


class FileEntry(NamedTuple):
    """A file or folder below a root.

    :param path: relative to the root, with forward slashes; control characters are escaped.
    :param name: its name in the open folder ``parent``, which stays open only until the next entry.
    :param refused: the reason why it cannot be read as a file: ``symbolic_link``, ``special_file``, ``unreadable``,
        ``too_deep``; ``None`` for a file.
    :param is_folder: whether it is a folder, which precedes its entries, and counts only if it is refused.
    :param parts: the names on the way to it, unescaped, which entries are sorted by.
    """

    path: str
    name: str
    parent: int
    refused: str | None = None
    detail: str | None = None
    is_folder: bool = False
    parts: tuple[str, ...] = ()


class Share(NamedTuple):
    """One of several equal parts of a data root: a slice of the folders of each stage.

    The first part also has everything else.
    """

    number: int
    of: int

    def kept(self, parts: tuple[str, ...], kinds: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the entries of a folder that belong to the part, or lead to what does.

        :param parts: the folder's path.
        :param kinds: names with their kinds, sorted.
        """
        if len(parts) == _STAGE_DEPTH and parts[0] == GENS:
            place = len(kinds) * self.number
            return kinds[place // self.of : (place + len(kinds)) // self.of]
        if self.number == 0 or len(parts) > _STAGE_DEPTH:
            return kinds
        return [(name, kind) for name, kind in kinds if kind == "folder" and (name == GENS or parts == (GENS,))]

    def is_way(self, parts: tuple[str, ...]) -> bool:
        """Return whether a folder only leads to the part; the first part has it."""
        return self.number > 0 and len(parts) <= _STAGE_DEPTH


WHOLE: Final = Share(0, 1)


@dataclass(frozen=True, slots=True)
class Root:
    """A folder to walk through.

    :param given: its path as given.
    :param real: its absolute path without links.
    :param left_out: folders below it that are not entered.
    :param others: folders below it that are roots of their own.
    :param skipped: by their names, the paths of folders that the walk did not enter.
    """

    given: Path
    real: Path
    left_out: frozenset[Path] = frozenset()
    others: frozenset[Path] = frozenset()
    skipped: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)


def roots_to_walk(given: Sequence[Path], left_out: Sequence[Path] = ()) -> list[Root]:
    """Convert folders to roots without common files, in the given order.

    :param left_out: further folders that are not entered.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root`` or ``root_is_no_folder``.
    """
    found: list[Root] = []
    skipped = {Path(os.path.realpath(path)) for path in left_out}
    for path in given:
        real = Path(os.path.realpath(path))
        if not real.is_dir():
            reason = Reason.ROOT_IS_NO_FOLDER if real.exists() else Reason.NO_SUCH_ROOT
            raise DDError(Err.DATA_MISSING, {"reason": reason, "path": str(path)})
        if any(_covers(other, real) for other in found):
            continue
        inside = frozenset(one for one in skipped if _is_below(one, real))
        others = frozenset(other.real for other in found if _is_below(other.real, real))
        found.append(Root(path, real, inside - others, others))
    return found


def _covers(other: Root, real: Path) -> bool:
    if not real.is_relative_to(other.real):
        return False
    between = real.relative_to(other.real).parts
    entered = (other.real.joinpath(*between[: depth + 1]) for depth in range(len(between)))
    return LEFT_OUT.isdisjoint(between) and other.left_out.isdisjoint(entered)


def _is_below(path: Path, other: Path) -> bool:
    return path != other and path.is_relative_to(other)


def walk(root: Root, share: Share = WHOLE) -> Iterator[FileEntry]:
    """Yield everything below a root, sorted by name in each folder; excluded folders go to its ``skipped``.

    :param share: the part of a data root to walk through.
    :raises DDError: ``IO_ERROR``, reason ``not_readable``: the root itself cannot be entered.
    """
    try:
        with folder(str(root.real)) as handle:
            yield from _walk(root, share, handle, ())
    except OSError as error:
        ctx = {"reason": Reason.NOT_READABLE, "path": str(root.given), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def _walk(root: Root, share: Share, handle: int, parts: tuple[str, ...]) -> Iterator[FileEntry]:
    with os.scandir(handle) as entries:
        kinds = sorted((entry.name, _kind(entry)) for entry in entries)
    for name, kind in kinds if share == WHOLE else share.kept(parts, kinds):
        inner = (*parts, name)
        path = shown("/".join(inner))
        if kind == "folder":
            real = root.real.joinpath(*inner) if root.left_out or root.others else None
            if name in LEFT_OUT or real in root.left_out:
                root.skipped[inner] = path
            elif real not in root.others:
                yield from _enter(root, share, handle, inner, path)
        else:
            yield FileEntry(path, name, handle, None if kind == "file" else kind, parts=inner)


def _enter(root: Root, share: Share, parent: int, parts: tuple[str, ...], path: str) -> Iterator[FileEntry]:
    name = parts[-1]
    if len(parts) > MAX_DEPTH:
        detail = f"more than {MAX_DEPTH} folders deep"
        yield FileEntry(path, name, parent, "too_deep", detail, is_folder=True, parts=parts)
        return
    try:
        handle = open_folder(name, parent)
    except OSError as error:
        reason = "symbolic_link" if kind_of(name, parent) == "symbolic link" else "unreadable"
        if not share.is_way(parts):
            detail = os.strerror(error.errno or 0)
            yield FileEntry(path, name, parent, reason, detail, is_folder=True, parts=parts)
        return
    try:
        if not share.is_way(parts):
            yield FileEntry(path, name, parent, is_folder=True, parts=parts)
        yield from _walk(root, share, handle, parts)
    finally:
        os.close(handle)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symbolic_link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special_file"
