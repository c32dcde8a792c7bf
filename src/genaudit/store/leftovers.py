"""Files and folders that systems and tools leave behind, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_NAMES: Final = {
    name.lower(): name
    for name in (
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".ipynb_checkpoints",
        "@eaDir",
        ".Trashes",
        ".Spotlight-V100",
        ".fseventsd",
        ".TemporaryItems",
        "__pycache__",
    )
}
_PREFIXES: Final = ("._", ".nfs", ".fuse_hidden")
_SUFFIXES: Final = (".swp", ".swo", "~")

# Every one of the names above has one of these in it, and hardly any id has.
_MARKS: Final = (".", "~", "@", "__pycache__")


def may_have_leftovers(names: Sequence[str]) -> bool:
    """Return whether some of many names could be a leftover's, at a glance."""
    joined = "/".join(names).lower()
    return any(mark in joined for mark in _MARKS)


@lru_cache(maxsize=4096)
def leftover_kind(name: str) -> str | None:
    """Name the kind of a leftover; ``None`` for any other name.

    >>> leftover_kind(".DS_Store"), leftover_kind("._raw.txt"), leftover_kind("raw.txt~"), leftover_kind("raw.txt")
    ('.DS_Store', '._*', '*~', None)
    """
    if known := _NAMES.get(name.lower()):
        return known
    if prefix := next((one for one in _PREFIXES if name.startswith(one) and name != one), None):
        return f"{prefix}*"
    if suffix := next((one for one in _SUFFIXES if name.endswith(one) and name != one), None):
        return f"*{suffix}"
    return None
