"""Files of lines below a data root that a migration reads and adds to (:mod:`genaudit.store.lines`)."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from genaudit.store.damage import damaged
from genaudit.store.lines import Lines, parse_lines, render_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.migration.files import Files


def read_lines(files: Files, path: str) -> Lines:
    """Read a file of lines below a data root; one that is not there has none.

    :raises DDError: as :func:`genaudit.store.lines.parse_lines` does.
    """
    try:
        return parse_lines(files.read(path), path)
    except FileNotFoundError:
        return Lines([], 0)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise damaged(path, error.strerror or str(error)) from error


def append_line(files: Files, path: str, entry: Mapping[str, Any]) -> None:
    """Add a line, and bring it to the disk.

    :raises DDError: as :func:`read_lines` does.
    """
    files.append(path, render_line(entry), read_lines(files, path).end)
