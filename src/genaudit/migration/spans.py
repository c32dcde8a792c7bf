"""Positions of values in the bytes of JSON, CSV and lines, so that an id can be replaced and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from genaudit.layout import GENS

_TOKENS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]:,]', re.DOTALL)
# A pair of an object whose value is no object and no list; most records consist of these alone.
_PAIR: Final = re.compile(
    rb'\s*"((?:[^"\\]++|\\.)*+)"\s*:\s*(?:"((?:[^"\\]++|\\.)*+)"|[^"{}\[\],]++)\s*([,}])', re.DOTALL
)
_CELL: Final = re.compile(rb'(?:"((?:[^"]|"")*+)"|([^,\r\n]*+))(,|\r\n|\r|\n|\Z)')
_BOM: Final = b"\xef\xbb\xbf"


class Span(NamedTuple):
    """A position of an id in a file, with the old and the new id."""

    offset: int
    old: str
    new: str


class ValueRange(NamedTuple):
    """The position of a value, without surrounding quotes."""

    start: int
    end: int


def rewritten(data: bytes, spans: Iterable[Span]) -> bytes:
    """Replace the ids at the given positions.

    :param spans: sorted by offset.
    :raises ValueError: another text is at one of the positions, or two of them overlap.
    """
    pieces: list[bytes] = []
    end = 0
    for offset, old, new in spans:
        was = old.encode()
        if offset < end or data[offset : offset + len(was)] != was:
            raise ValueError(f"{old!r} is not at {offset}")
        pieces += [data[end:offset], new.encode()]
        end = offset + len(was)
    return b"".join([*pieces, data[end:]])


def text_values(data: bytes) -> dict[str, ValueRange]:
    """Find the text values of an object's own keys, in valid JSON.

    The time is in proportion to the length: each byte is matched once, or twice if a value is an object or a list.
    """
    found: dict[str, ValueRange] = {}
    place = data.find(b"{") + 1
    while pair := _PAIR.match(data, place):
        if pair[2] is not None:
            found[_key(pair[1])] = trimmed(data, ValueRange(*pair.span(2)))
        if pair[3] == b"}":
            return found
        place = pair.end()
    return _nested_text_values(data)


def _key(written: bytes) -> str:
    """Decode a key without its quotes."""
    return json.loads(b'"%s"' % written) if b"\\" in written else written.decode(errors="surrogatepass")


def _nested_text_values(data: bytes) -> dict[str, ValueRange]:
    """Find the same in an object with nested values, token by token."""
    found: dict[str, ValueRange] = {}
    depth, key = 0, None
    last: re.Match[bytes] | None = None
    for token in _TOKENS.finditer(data):
        mark = token[0]
        if mark in (b"{", b"["):
            depth, key = depth + 1, None
        elif mark in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and mark == b":" and last:
            key = json.loads(last[0])
        elif depth == 1 and mark == b",":
            key = None
        elif depth == 1 and key is not None:
            found[key] = trimmed(data, ValueRange(token.start() + 1, token.end() - 1))
        last = token if mark[:1] == b'"' else None
    return found


def trimmed(data: bytes, place: ValueRange) -> ValueRange:
    """Leave out the blanks around a value."""
    value = data[place.start : place.end]
    if value == value.strip():
        return place
    return ValueRange(place.end - len(value.lstrip()), place.start + len(value.rstrip()))


def csv_rows(data: bytes) -> Iterator[list[ValueRange]]:
    """Yield the records of a CSV file, its header first, skipping blank ones as the reader of memberships does."""
    place = len(_BOM) if data.startswith(_BOM) else 0
    row: list[ValueRange] = []
    while place < len(data) or row:
        cell = _CELL.match(data, place)
        if cell is None:
            return
        row.append(ValueRange(*cell.span(1 if cell[1] is not None else 2)))
        place = cell.end()
        if cell[3] != b",":
            if any(text_at(data, cell).strip() for cell in row):
                yield row
            row = []
            if place >= len(data):
                return


def csv_rows_with(data: bytes, cells: Collection[bytes]) -> Iterator[list[ValueRange]]:
    """Yield the header of a CSV file, and at least the records that contain one of some cells."""
    if b'"' in data or b"\r" in data:
        yield from csv_rows(data)
        return
    place, wanted, is_header = len(_BOM) if data.startswith(_BOM) else 0, frozenset(cells), True
    for line in data[place:].split(b"\n"):
        parts = line.split(b",")
        is_kept = _has_text(line) if is_header else not wanted.isdisjoint(map(bytes.strip, parts))
        if is_kept:
            starts = accumulate([place, *(len(part) + 1 for part in parts)])
            yield [ValueRange(start, start + len(part)) for start, part in zip(starts, parts, strict=False)]
            is_header = False
        place += len(line) + 1


def _has_text(line: bytes) -> bool:
    return bool(line.decode(errors="replace").replace(",", " ").strip())


def text_at(data: bytes, place: ValueRange) -> str:
    """Return the text at a position; invalid UTF-8 is never an id."""
    return data[place.start : place.end].decode(errors="replace")


@lru_cache
def _path(stages: tuple[str, ...]) -> re.Pattern[bytes]:
    """Compile a path that leads through a generation's folder, with slashes as JSON may write them."""
    return re.compile(rf"(?:^|\\?/){GENS}\\?/({'|'.join(stages)})\\?/([A-Za-z0-9_.-]+)(?=\\?/|$)".encode())


def may_name(data: bytes, ids: Mapping[str, Mapping[str, str]]) -> bool:
    """Return whether bytes contain what looks like a path through a renamed generation's folder."""
    return any(match[2].decode() in ids[match[1].decode()] for match in _anywhere(tuple(ids)).finditer(data))


@lru_cache
def _anywhere(stages: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(rf"{GENS}\\?/({'|'.join(stages)})\\?/([A-Za-z0-9_.-]+)".encode())


def path_spans(data: bytes, place: ValueRange, ids: Mapping[str, Mapping[str, str]]) -> Iterator[Span]:
    """Find the renamed generations in a path of the store.

    :param ids: the new id of each renamed generation, by stage and old id.
    """
    for match in _path(tuple(ids)).finditer(data[place.start : place.end]):
        old = match[2].decode()
        new = ids[match[1].decode()].get(old)
        if new is not None:
            yield Span(place.start + match.start(2), old, new)


def column_places(row: Sequence[ValueRange], header: Sequence[str]) -> dict[str, ValueRange]:
    """Map the cells of a row to their columns; a row of another length gives none."""
    return dict(zip(header, row, strict=True)) if len(row) == len(header) else {}
