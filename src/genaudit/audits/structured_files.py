"""Structured files split into cells, each with its position in the bytes and the meaning of its column or key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import orjson

from genaudit.audits.file_types import FileType
from genaudit.schemas import RefKind
from genaudit.stages import STAGES, StageTable
from genaudit.store.tokens import ALPHABET, could_be_a_word

TABLES: Final = (RefKind.MEMBERSHIP, RefKind.SCORES, RefKind.TABLE)
_BOM: Final = b"\xef\xbb\xbf"
_CELL: Final = re.compile(rb'(?:"((?:[^"]++|"")*+)"|([^,\r\n"][^,\r\n]*+)?)(,|\r\n|\r|\n|\Z)')
_TAB_CELL: Final = re.compile(rb'(?:"((?:[^"]++|"")*+)"|([^\t\r\n"][^\t\r\n]*+)?)(\t|\r\n|\r|\n|\Z)')
_JSON: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"|[{}\[\],]', re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LINE: Final = re.compile(rb"[^\n]+")
_OUTPUTS: Final = "outputs"
_COPIED: Final = "copied_from"
_ENTRIES: Final = "entries"
_SHORT: Final = len(r"\n")
_ID_CHARACTERS: Final = frozenset(ALPHABET.decode())
_BETWEEN: Final = (b",", b"\t")
ESCAPED: Final = "escaped"
COLUMN_NAME: Final = "column_name"


class MalformedError(Exception):
    """A structured file that cannot be parsed; it is read as text."""

    def __init__(self, reason: str) -> None:
        """Create the error.

        :param reason: the reason, a word.
        """
        self.reason = reason
        super().__init__(reason)


class Cell(NamedTuple):
    """A cell of a table, a text or key of a JSON document, or a line of a list.

    :param start: its offset.
    :param text: its stored bytes; JSON escapes become backslashes, so that offsets hold.
    :param field: the column, the JSON pointer, or an empty text.
    :param names_ids: whether its column or key is for ids.
    :param stage: the stage given by its column, key or row.
    :param problem: the reason why no program may rewrite it: ``comment``, ``column_name``, ``no_column``,
        ``escaped``, ``notebook_source``, ``notebook_output``.
    """

    start: int
    text: bytes
    field: str
    names_ids: bool
    stage: str | None
    problem: str | None = None


def cells_of(data: bytes, place: FileType, stages: StageTable = STAGES) -> Iterator[Cell]:
    """Take a structured file apart.

    :param stages: the store's table of stages.

    :raises MalformedError: the content is malformed; raised possibly after some cells.
    """
    base = len(_BOM) if data.startswith(_BOM) else 0
    _check_utf8(data)
    if place.kind is RefKind.SELECTION:
        return _lines(data, base, place)
    if place.kind in TABLES:
        return _table(data, base, place, stages)
    if place.suffix in ("jsonl", "ndjson"):
        return _json_lines(data, base, place, stages)
    return _json(data, (base, len(data)), place, stages)


def delimiter_of(place: FileType) -> bytes:
    """Return the delimiter of a table."""
    return b"\t" if place.suffix == "tsv" else b","


def is_json(place: FileType) -> bool:
    """Return whether a structured file is read as JSON."""
    return place.kind is not RefKind.SELECTION and place.kind not in TABLES


def _check_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise MalformedError("not_utf8") from None


@lru_cache
def _id_field(stages: StageTable) -> re.Pattern[str]:
    return re.compile(rf"(?:({'|'.join(stages)})_)?(parent_)?gen_ids?")


@lru_cache(maxsize=4096)
def names_ids(field: str, own: str | None, stages: StageTable = STAGES) -> tuple[bool, str | None]:
    """Return whether a column or key is for ids, and of which stage.

    :param own: the stage of the row or record.
    """
    match = _id_field(stages).fullmatch(field)
    if not match:
        return field == _COPIED, None
    stage = match[1] or own
    return True, stages[stage].parent if match[2] and stage and not match[1] else stage


def _lines(data: bytes, base: int, place: FileType) -> Iterator[Cell]:
    for match in _LINE.finditer(data, base):
        text, mark, comment = match[0].partition(b"#")
        if text.strip():
            yield Cell(match.start(), text, "", names_ids=True, stage=place.stage)
        if mark:
            start = match.start() + len(text)
            yield Cell(start, mark + comment, "", names_ids=False, stage=place.stage, problem="comment")


def _table(data: bytes, base: int, place: FileType, stages: StageTable) -> Iterator[Cell]:
    rows = _rows(data, base, _TAB_CELL if delimiter_of(place) == b"\t" else _CELL)
    header = next(rows, [])
    names = [text.decode() for _, text in header]
    if not all(could_be_a_word(name, stages) for name in names):
        raise MalformedError("no_header")
    for (start, text), name in zip(header, names, strict=True):
        yield Cell(start, text, name, names_ids=False, stage=None, problem=COLUMN_NAME)
    stage_column = names.index("stage") if "stage" in names else len(names)
    fields = {own: [names_ids(name, own, stages) for name in names] for own in (None, *stages)}
    for row in rows:
        own = row[stage_column][1].decode().strip() if stage_column < min(len(row), len(names)) else place.stage
        known = fields.get(own, fields[None])
        for (start, text), name, (ids_here, stage) in zip(row, names, known, strict=False):
            if text:
                yield Cell(start, text, name, ids_here, stage)
        for start, text in row[len(names) :]:
            yield Cell(start, text, "", names_ids=False, stage=None, problem="no_column")


def _rows(data: bytes, base: int, pattern: re.Pattern[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    row: list[tuple[int, bytes]] = []
    last = base
    for match in pattern.finditer(data, base):
        if match.start() != last:
            raise MalformedError("not_csv")
        last = match.end()
        which = 1 if match[1] is not None else 2
        row.append((match.start(which) if match[which] else match.start(), match[which] or b""))
        if match[3] not in _BETWEEN:
            if len(row) > 1 or row[0][1]:
                yield row
            row = []
        if not match[3]:
            return
    raise MalformedError("not_csv")


class _Frame:
    """An object or array of a JSON document during the traversal.

    :param pointer: its JSON pointer.
    :param leaf: the key that its values are under.
    :param own: the stage given by a key above.
    """

    __slots__ = ("at_key", "index", "is_object", "leaf", "own", "pointer", "within_outputs")

    def __init__(self, *, is_object: bool, above: _Frame | None, stages: StageTable) -> None:
        self.is_object = self.at_key = is_object
        self.index = 0
        self.leaf: str = above.leaf if above else ""
        self.pointer = above.place() if above else ""
        self.within_outputs: bool = above is not None and (above.within_outputs or above.leaf == _OUTPUTS)
        self.own: str | None = above.own if above else None
        if above and above.leaf in stages:
            self.own = above.leaf

    def place(self) -> str:
        """Return the pointer to the current value."""
        return f"{self.pointer}/{_pointed(self.leaf) if self.is_object else self.index}"


def _pointed(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _json_lines(data: bytes, base: int, place: FileType, stages: StageTable) -> Iterator[Cell]:
    for match in _LINE.finditer(data, base):
        if match[0].strip():
            yield from _json(data, match.span(), place, stages)


def _json(data: bytes, span: tuple[int, int], place: FileType, stages: StageTable) -> Iterator[Cell]:
    try:
        orjson.loads(data[slice(*span)])
    except orjson.JSONDecodeError:
        raise MalformedError("not_json") from None
    stack: list[_Frame] = []
    for match in _JSON.finditer(data, *span):
        top = stack[-1] if stack else None
        mark = match[0][:1]
        if mark == b'"':
            is_key = top is not None and top.at_key
            yield _string(match, place, top, stages, is_key=is_key)
            if top and is_key:
                top.leaf = orjson.loads(match[0])
                top.at_key = False
        elif mark in (b"{", b"["):
            stack.append(_Frame(is_object=mark == b"{", above=top, stages=stages))
        elif mark == b",":
            if top:
                top.index += 1
                top.at_key = top.is_object
        else:
            stack.pop()


def _string(match: re.Match[bytes], place: FileType, top: _Frame | None, stages: StageTable, *, is_key: bool) -> Cell:
    text, problem = match[1], None
    if b"\\" in text:
        text, problem = _unescaped(text)
    if place.kind is RefKind.NOTEBOOK:
        problem = "notebook_output" if top and top.within_outputs else "notebook_source"
    if top is None:
        return Cell(match.start(1), text, "", names_ids=False, stage=None, problem=problem)
    if is_key:
        entry = place.kind is RefKind.STAGE_MANIFEST and top.pointer == f"/{_ENTRIES}/{top.own}"
        return Cell(match.start(1), text, top.pointer, entry, top.own if entry else None, problem)
    ids_here, stage = names_ids(top.leaf, top.own or place.stage, stages)
    return Cell(match.start(1), text, top.place(), ids_here, stage, problem)


def _unescaped(text: bytes) -> tuple[bytes, str | None]:
    """Replace the escapes of a JSON text, or decode it if an escape hides a character that an id can have."""
    if any(
        len(escape) > _SHORT and json.loads(b'"%s"' % escape) in _ID_CHARACTERS for escape in _ESCAPE.findall(text)
    ):
        return json.loads(b'"%s"' % text).encode(), ESCAPED
    return _ESCAPE.sub(lambda escape: b"\\" * len(escape[0]), text), None
