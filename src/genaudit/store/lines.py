"""Files of lines that are only ever added to: each line is a checksum, a blank and a JSON object.

A writer that is stopped leaves the last line in part; a reader does not take it for one, and the next writer cuts it
off. Blocks of a line need not reach the disk in order: one that is missing reads as zeros. Any other difference from
the checksum is damage, on the last line too, and nothing is cut off.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from genaudit.store.damage import damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUM_LENGTH: Final = 16
_UNWRITTEN: Final = b"\0"


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

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``, with ``path`` and ``line``: a line does not
        match its checksum or is no object, and is not merely the unfinished last one.
    """
    entries: list[dict[str, Any]] = []
    end = 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        checksum, _, text = line.partition(b" ")
        entry = _object(text) if checksum == _sum(text).encode() else None
        if entry is None:
            if number == len(lines) - 1 and not lines[-1] and _UNWRITTEN in line:
                break
            raise damaged(path, "does not have its checksum, or is no object", line=number)
        entries.append(entry)
        end += len(line) + 1
    return Lines(entries, end)


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        entry = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None
