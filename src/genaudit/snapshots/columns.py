"""Frames as compressed CSV without loss: missing values, blank texts and line breaks come back as they were."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.schemas import frame
from genaudit.stages import STAGES, StageTable

# A cell that begins with it has the value of the rest; an empty cell is a missing value.
_ESCAPE: Final = "\\"
_LEVEL: Final = 6
_MAX_CELL: Final = 1 << 30
_ROWS: Final = 1 << 14
# Keys may be members of an enum of texts.
_LINES: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS


def pack(table: pd.DataFrame) -> bytes:
    """Write a frame as CSV; the same frame gives the same bytes."""
    columns = [_texts(table[name]) for name in table.columns]
    text = io.StringIO(newline="")
    # Both characters of the line end make the writer quote a cell that holds one of them.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8", "surrogatepass")


def _texts(values: pd.Series[Any]) -> list[str]:
    missing = values.isna().tolist()
    if values.dtype == bool:
        return ["1" if value else "0" for value in values.tolist()]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return ["" if gone else repr(value) for value, gone in zip(values.tolist(), missing, strict=True)]
    return ["" if gone else _escaped(str(value)) for value, gone in zip(values.tolist(), missing, strict=True)]


def _escaped(text: str) -> str:
    return _ESCAPE + text if not text or text.startswith(_ESCAPE) else text


def unpack(data: bytes, schema: Mapping[str, str], stages: StageTable = STAGES) -> pd.DataFrame:
    """Read a frame that :func:`pack` wrote.

    :param schema: columns with their dtypes, as in :mod:`genaudit.schemas`.
    :param stages: the store's table of stages.
    :raises ValueError: the data is no such table.
    """
    # The limit holds for every reader of the process.
    usual = csv.field_size_limit(_MAX_CELL)
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8", "surrogatepass"), newline=""), strict=True)
        if next(reader, None) != list(schema):
            raise ValueError("other columns")
        columns: dict[str, list[Any]] = {name: [] for name in schema}
        # Rows of a few thousand lines at a time: all of a large table at once would take gigabytes.
        while rows := list(islice(reader, _ROWS)):
            cells = zip(*rows, strict=True)
            for (name, dtype), texts in zip(schema.items(), cells, strict=True):
                columns[name] += _values(texts, dtype)
    finally:
        csv.field_size_limit(usual)
    return frame(schema, columns, stages)


def _values(texts: Sequence[str], dtype: str) -> list[Any]:
    parse = _PARSERS.get(dtype, _unescaped)
    return [parse(text) if text else None for text in texts]


def _unescaped(text: str) -> str:
    return text[1:] if text.startswith(_ESCAPE) else text


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "bool": "1".__eq__,
    "float64": float,
    "int64": int,
    "Int32": int,
    "Int64": int,
}


def pack_lines(values: Iterable[Any]) -> bytes:
    """Write plain values as lines of JSON."""
    return b"".join(orjson.dumps(value, option=_LINES) for value in values)


def unpack_lines(data: bytes) -> list[Any]:
    """Read lines of JSON.

    :raises ValueError: a line is no JSON.
    """
    return [orjson.loads(line) for line in data.splitlines()]


def compress(data: bytes) -> bytes:
    """Compress with gzip; the same data gives the same bytes."""
    return gzip.compress(data, _LEVEL, mtime=0)


def decompress(data: bytes, size: int) -> bytes:
    """Undo :func:`compress`.

    :param size: the number of bytes that come out.
    :raises ValueError: another number comes out, or the data is damaged.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        try:
            # One byte more than expected shows that there are too many, however many there are.
            found = file.read(size + 1)
        except (OSError, EOFError) as error:
            raise ValueError(str(error)) from error
    if len(found) != size:
        raise ValueError(f"{len(found)} bytes or more, expected {size}")
    return found
