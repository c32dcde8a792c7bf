"""Append-only logs: each line is a checksum, a blank and a JSON object.

An interrupted writer leaves a partial last line; readers ignore it, and the next writer cuts it off. Blocks of a line
may reach the disk out of order: a missing block reads as zeros. Any other difference from the checksum is damage,
even on the last line, and nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from genaudit.store.damage import damaged

_SUM_LENGTH: Final = 16
_UNWRITTEN: Final = b"\0"


class Lines(NamedTuple):
    """The contents of a log.

    :param entries: the objects of its valid lines.
    :param end: the offset of the end of the last one, in bytes.
    """

    entries: list[dict[str, Any]]
    end: int


def render_line(entry: Mapping[str, Any]) -> bytes:
    """Render an object as a line."""
    text = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    return f"{_sum(text)} ".encode() + text + b"\n"


def _sum(text: bytes) -> str:
    return sha256(text).hexdigest()[:_SUM_LENGTH]


def parse_lines(data: bytes, path: str) -> Lines:
    """Parse a log.

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
