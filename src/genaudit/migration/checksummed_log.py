"""Checksummed logs below a data root, read and extended by a migration (:mod:`genaudit.store.checksummed_log`)."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from genaudit.migration.files import Files
from genaudit.store.checksummed_log import Lines, parse_lines, render_line
from genaudit.store.damage import damaged


def read_lines(files: Files, path: str) -> Lines:
    """Read a log below a data root; a missing file is an empty log.

    :raises DDError: as :func:`genaudit.store.checksummed_log.parse_lines` does.
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
    """Append a line, and sync it to disk.

    :raises DDError: as :func:`read_lines` does.
    """
    files.append(path, render_line(entry), read_lines(files, path).end)
