"""Contents of files in chunks: UTF-8 unchanged, UTF-16 and gzip converted to it, everything else rejected.

Memory stays bounded, however large a file is or however much a compressed file expands.
"""

from __future__ import annotations

import codecs
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from genaudit.store.tokens import ALPHABET, CONTEXT, MAX_RUN, Hit, IdIndex

_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD: Final = 4
_FIRST: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes: of a chunk, of the largest file parsed as a whole, and of the largest unpacked content."""

    chunk: int = 1 << 18
    whole: int = 1 << 26
    unpacked: int = 1 << 28


class UnscannedError(Exception):
    """A file that was not, or not completely, searched: the reason as a word, and details."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        """Create the error.

        :param reason: the reason, a word.
        :param detail: details for the report.
        """
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


@dataclass(slots=True)
class Content:
    """A file's content as UTF-8.

    :param chunks: the content; raises :class:`UnscannedError` if it turns out not to be text.
    :param form: ``plain`` if the bytes are the file's own, else the conversion: ``gzip``, ``utf-16``.
    :param read: number of bytes read from the file so far.
    """

    chunks: Iterator[bytes]
    form: str = "plain"
    read: int = 0

    def whole(self, limit: int) -> bytes | None:
        """Return the whole content if it is within a limit; otherwise ``chunks`` still yields all of it."""
        taken: list[bytes] = []
        size = 0
        for chunk in self.chunks:
            taken.append(chunk)
            size += len(chunk)
            if size > limit:
                self.chunks = chain(taken, self.chunks)
                return None
        return b"".join(taken)


def is_plain(data: bytes) -> bool:
    """Return whether the whole content of a file is its bytes, and text."""
    return b"\0" not in data and not data.startswith((_GZIP, *_UTF16))


def content_of(handle: int | None, limits: Limits, begin: bytes = b"") -> Content:
    """Start to read an open file.

    :param handle: its descriptor; ``None`` if it was read whole.
    :param begin: what was read of the file already.
    :raises UnscannedError: ``unreadable``.
    """
    content = Content(iter(()), read=len(begin))
    if handle is not None and not begin and limits.chunk >= _FIRST:
        begin = read_begin(handle, _FIRST - 1)
        content.read = len(begin)
        if begin and len(begin) < _FIRST and not begin.startswith((_GZIP, *_UTF16)):
            # Nearly all files: read whole, and no iterator for each step.
            content.chunks = _checked(iter((begin,)))
            return content
    begun = (begin[start : start + limits.chunk] for start in range(0, len(begin), limits.chunk))
    head, chunks = _peek(begun if handle is None else chain(begun, _read(handle, limits.chunk, content)))
    forms = []
    if head.startswith(_GZIP):
        forms.append("gzip")
        head, chunks = _peek(_unpacked(chunks, limits))
    if head.startswith(_UTF16):
        forms.append("utf-16")
        chunks = _recoded(chunks)
    content.form = "+".join(forms) or "plain"
    content.chunks = _checked(chunks)
    return content


def read_begin(handle: int, limit: int) -> bytes:
    """Read an open file from its start, and stop after a limit.

    :raises UnscannedError: ``unreadable``.
    """
    chunks = [_chunk(handle, _FIRST)]
    size = len(chunks[0])
    while chunks[-1] and size <= limit:
        chunks.append(_chunk(handle, _FIRST if len(chunks) == 1 else limit))
        size += len(chunks[-1])
    return b"".join(chunks)


def _read(handle: int, size: int, content: Content) -> Iterator[bytes]:
    # A large buffer costs more than a small file.
    chunk = _chunk(handle, min(_FIRST, size))
    while chunk:
        content.read += len(chunk)
        yield chunk
        chunk = _chunk(handle, size)


def _chunk(handle: int, size: int) -> bytes:
    try:
        return os.read(handle, size)
    except OSError as error:
        raise UnscannedError("unreadable", os.strerror(error.errno or 0)) from None


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    head = b""
    while len(head) < _HEAD:
        more = next(chunks, b"")
        if not more:
            break
        head += more
    return head, chain((head,), chunks) if head else chunks


def _unpacked(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Unpack gzip, member by member, and stop at the limit: a small file can expand without bound."""
    total = 0
    unpack = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        data = chunk
        while data:
            if unpack.eof:
                # Padding or another member may follow a member.
                data = data.lstrip(b"\0")
                if not data:
                    break
                unpack = zlib.decompressobj(wbits=31)
            try:
                made = unpack.decompress(data, limits.chunk)
            except zlib.error as error:
                raise UnscannedError("gzip_damaged", str(error)) from None
            total += len(made)
            if total > limits.unpacked:
                raise UnscannedError("gzip_too_large", f"unpacks to more than {limits.unpacked:,} bytes")
            if made:
                yield made
            data = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if not unpack.eof:
        raise UnscannedError("gzip_damaged", "ends too early")


def _recoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise UnscannedError("not_utf16", str(error)) from None


def _checked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if b"\0" in chunk:
            raise UnscannedError("binary")
        yield chunk


class Cursor:
    """Converter from offsets to lines and columns, both from 1; offsets must not decrease."""

    def __init__(self) -> None:
        self._offset = 0
        self._line = 1
        self._column = 1

    def at(self, data: bytes, base: int, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset.

        :param data: bytes that include everything from the last offset to this one.
        :param base: the offset of the data's first byte.
        :returns: line and column; a column counts characters.
        """
        piece = data[self._offset - base : offset - base]
        lines = piece.count(b"\n")
        if lines:
            self._line += lines
            self._column = 1
            piece = piece[piece.rindex(b"\n") + 1 :]
        self._column += characters(piece)
        self._offset = offset
        return self._line, self._column


# Bytes that continue a UTF-8 character; an invisible byte-order mark counts as one character.
_CONTINUING: Final = bytes(range(0x80, 0xC0))


def characters(piece: bytes) -> int:
    """Count the characters of a piece of UTF-8."""
    return len(piece.translate(None, _CONTINUING))


def find_in_chunks(chunks: Iterable[bytes], index: IdIndex) -> Iterator[tuple[Hit, int, int, bytes]]:
    """Find ids in a content of any length, including those that straddle chunks.

    :returns: each hit with offsets in the content, its line, its column, and its bytes.
    """
    cursor = Cursor()
    kept, base = b"", 0
    skip = 0
    for chunk in chain(chunks, (None,)):
        data = kept if chunk is None else kept + chunk
        end = len(data)
        if chunk is not None:
            # The last run may continue in the next chunk; bytes that were cut off already may not.
            end = max(len(data.rstrip(ALPHABET)), skip)
            end += (len(data) - end) // MAX_RUN * MAX_RUN
        for hit in index.find(data[:end], skip):
            line, column = cursor.at(data, base, base + hit.start)
            placed = hit._replace(start=base + hit.start, end=base + hit.end)
            yield placed, line, column, data[hit.start : hit.end]
        cursor.at(data, base, base + end)
        keep = max(0, end - CONTEXT)
        kept, base, skip = data[keep:], base + keep, end - keep
