"""Looks at whole folder trees."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def contents(root: Path) -> dict[str, bytes]:
    """Read every file below a folder, by its path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


def fingerprint(root: Path) -> dict[str, tuple[int, int, str]]:
    """Take mode, modification time and content hash (or link target) of a folder and everything below it."""
    found = {}
    for path in [root, *sorted(root.rglob("*"))]:
        status = path.lstat()
        if path.is_symlink():
            content = os.readlink(path)  # noqa: PTH115 (the text of the link, not a path)
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            content = ""
        found[path.relative_to(root).as_posix()] = (status.st_mode, status.st_mtime_ns, content)
    return found
