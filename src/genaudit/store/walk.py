"""Walk over every file below some folders, once, without following a link."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
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


def walk(root: Root, but: Mapping[str, Container[str]] = MappingProxyType({})) -> Iterator[FileEntry]:
    """Yield everything below a root, sorted by name in each folder; excluded folders go to its ``skipped``.

    :param but: by stage, the generations of a data root whose folders are left out.
    :raises DDError: ``IO_ERROR``, reason ``not_readable``: the root itself cannot be entered.
    """
    try:
        with folder(str(root.real)) as handle:
            yield from _walk(root, handle, (), but)
    except OSError as error:
        ctx = {"reason": Reason.NOT_READABLE, "path": str(root.given), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def generations(root: Root, stage: str, names: Iterable[str]) -> Iterator[tuple[FileEntry, int | None]]:
    """Open the folders of generations of a data root; those that are no folders any more are left out.

    :param names: names that can be paths.
    :returns: each folder with its descriptor, which is open until the next one; ``None`` if it is refused.
    """
    with ExitStack() as stack:
        opened = stack.enter_context(folder(str(root.real)))
        for inner in (GENS, stage):
            try:
                opened = stack.enter_context(folder(inner, opened))
            except OSError:
                return
        for name in names:
            parts = (GENS, stage, name)
            if _skips(root, parts):
                continue
            for entry, handle in _entered(opened, parts):
                if handle is not None or kind_of(name, opened) == "folder":
                    yield entry, handle


def below(root: Root, handle: int, parts: tuple[str, ...]) -> Iterator[FileEntry]:
    """Yield everything below an open folder, as :func:`walk` does."""
    return _walk(root, handle, parts, {})


def _walk(root: Root, handle: int, parts: tuple[str, ...], but: Mapping[str, Container[str]]) -> Iterator[FileEntry]:
    with os.scandir(handle) as entries:
        kinds = sorted((entry.name, _kind(entry)) for entry in entries)
    left_out = but.get(parts[1], ()) if len(parts) == _STAGE_DEPTH and parts[0] == GENS else ()
    for name, kind in kinds:
        inner = (*parts, name)
        if kind != "folder":
            yield FileEntry(shown("/".join(inner)), name, handle, None if kind == "file" else kind, parts=inner)
        elif name not in left_out and not _skips(root, inner):
            for entry, opened in _entered(handle, inner):
                yield entry
                if opened is not None:
                    yield from _walk(root, opened, inner, but)


def _skips(root: Root, parts: tuple[str, ...]) -> bool:
    """Return whether a folder is excluded, and note it if no other root has it."""
    real = root.real.joinpath(*parts) if root.left_out or root.others else None
    if parts[-1] in LEFT_OUT or real in root.left_out:
        root.skipped[parts] = shown("/".join(parts))
        return True
    return real in root.others


def _entered(parent: int, parts: tuple[str, ...]) -> Iterator[tuple[FileEntry, int | None]]:
    """Open a folder while it is looked at."""
    name, path = parts[-1], shown("/".join(parts))
    entry = FileEntry(path, name, parent, is_folder=True, parts=parts)
    if len(parts) > MAX_DEPTH:
        yield entry._replace(refused="too_deep", detail=f"more than {MAX_DEPTH} folders deep"), None
        return
    try:
        handle = open_folder(name, parent)
    except OSError as error:
        reason = "symbolic_link" if kind_of(name, parent) == "symbolic link" else "unreadable"
        yield entry._replace(refused=reason, detail=os.strerror(error.errno or 0)), None
        return
    try:
        yield entry, handle
    finally:
        os.close(handle)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symbolic_link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special_file"
