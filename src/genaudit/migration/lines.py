"""Files of lines that are only ever added to: each line is a checksum, a blank and a JSON object.

A writer that is stopped leaves the last line in part; a reader does not take it for one, and the next writer cuts it
off.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from genaudit.errors import DDError, Err

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.migration.files import Files

_SUM_LENGTH: Final = 16


class Lines(NamedTuple):
    """What a file of lines says.

    :param entries: the objects of its sound lines.
    :param end: where the last of them ends, in bytes.
    """

    entries: list[dict[str, Any]]
    end: int


def render_line(entry: Mapping[str, Any]) -> bytes:
    """Write an object as a line."""
    text = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    return f"{_sum(text)} ".encode() + text + b"\n"


def _sum(text: bytes) -> str:
    return sha256(text).hexdigest()[:_SUM_LENGTH]


def parse_lines(data: bytes, path: str) -> Lines:
    """Read a file of lines.

    :raises DDError: ``INVALID_CONFIG``, reason ``lines_damaged``, with ``path`` and ``line``: a line that does not
        have its checksum, and is not merely the unfinished last one.
    """
    entries: list[dict[str, Any]] = []
    end = 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        checksum, _, text = line.partition(b" ")
        if checksum != _sum(text).encode():
            if number == len(lines) - 1 and not lines[-1]:
                break
            raise DDError(Err.INVALID_CONFIG, {"reason": "lines_damaged", "path": path, "line": number})
        entries.append(orjson.loads(text))
        end += len(line) + 1
    return Lines(entries, end)


def read_lines(files: Files, path: str) -> Lines:
    """Read a file of lines below a data root; one that is not there has none.

    :raises DDError: as :func:`parse_lines` does.
    """
    try:
        return parse_lines(files.read(path), path)
    except FileNotFoundError:
        return Lines([], 0)


def append_line(files: Files, path: str, entry: Mapping[str, Any]) -> None:
    """Add a line, and bring it to the disk.

    :raises DDError: as :func:`parse_lines` does.
    """
    files.append(path, render_line(entry), read_lines(files, path).end)
