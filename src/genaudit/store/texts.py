"""Reader for the files beside a record: a generation's texts and its JSON reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

from genaudit.schemas import RecordState
from genaudit.store.folders import folder, read_file
from genaudit.store.records import MAX_RECORD_BYTES, UnreadableError, decode

MAX_TEXT_BYTES: Final = 1 << 24


def read_text(base: int, parts: Sequence[str], limit: int = MAX_TEXT_BYTES) -> str:
    """Read a UTF-8 text below an open folder, following no link and leaving access times unchanged.

    :param base: the descriptor of the folder.
    :param parts: the folders on the way and the file, each a plain path component.
    :param limit: the largest accepted size in bytes.
    :raises FileNotFoundError: the file, or a folder on the way, is missing.
    :raises UnreadableError: ``unreadable``, ``too_large`` or ``not_utf8``.
    """
    data = _read(base, parts, limit)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        detail = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise UnreadableError(RecordState.NOT_UTF8, detail) from None


def read_report(base: int, parts: Sequence[str]) -> dict[str, Any]:
    """Read a JSON object below an open folder as :func:`read_text` reads a text, and as strictly as a record.

    :raises FileNotFoundError: as :func:`read_text` does.
    :raises UnreadableError: also as :func:`~genaudit.store.records.decode` does.
    """
    return decode(_read(base, parts, MAX_RECORD_BYTES))


def _read(base: int, parts: Sequence[str], limit: int) -> bytes:
    name, *rest = parts
    if not rest:
        return read_file(name, base, limit)
    try:
        with folder(name, base) as inner:
            return _read(inner, rest, limit)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(RecordState.UNREADABLE, os.strerror(error.errno or 0)) from None
