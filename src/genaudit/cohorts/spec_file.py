"""Reader for the files of a spec, for the lists that it contains or refers to, and for the levels in them.

The files are untrusted. YAML that two readers could take differently is refused: duplicate keys, tags, deep nesting.
Anchors and aliases are allowed, but the values that they expand to are counted.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from genaudit.cohorts.spec_checks import (
    AXES,
    NO_MODEL,
    NO_MODEL_AXIS,
    REPLICATE_AXES,
    Level,
    Misread,
    SpecProblem,
    SpecReport,
    first_name,
)
from genaudit.ids import SEPARATOR, normal_replicate, normal_text
from genaudit.layout import is_safe_name
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError, decode

FILE_PREFIX: Final = "@file:"
_MAX_VALUES: Final = 1_000_000
_MAX_DEPTH: Final = 12
_TEXT: Final = "tag:yaml.org,2002:str"
_WHOLE: Final = "tag:yaml.org,2002:int"
_NULL: Final = "tag:yaml.org,2002:null"
# YAML 1.1 reads 010 as eight and 1:30 as ninety. Only text that every reader takes for the same number is a number
# here.
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@contextmanager
def reporting(report: SpecReport) -> Iterator[None]:
    """Report why a file cannot be read or decoded.

    :raises ReportedError: it cannot.
    """
    try:
        yield
    except FileNotFoundError:
        report.fail(SpecProblem.FILE_MISSING)
    except UnreadableError as error:
        report.fail(SpecProblem(error.state.value), value=error.detail)
    except OSError as error:
        report.fail(SpecProblem.UNREADABLE, value=error.strerror)
    except UnicodeDecodeError as error:
        report.fail(SpecProblem.NOT_UTF8, value=f"offset {error.start}")
    except csv.Error as error:
        report.fail(SpecProblem.NOT_CSV, value=str(error))
    except orjson.JSONDecodeError as error:
        report.fail(SpecProblem.NOT_JSON, value=str(error))


def read_below(base: Path, parts: Sequence[str]) -> bytes:
    """Read a regular file of at most 1 MiB below a folder. No link is followed on the way.

    :param parts: the folders and the file's name, each a plain path component.
    :raises OSError: the file or a folder on the way is missing or cannot be entered.
    :raises UnreadableError: no regular file, too large or not readable.
    """
    with ExitStack() as stack:
        handle = stack.enter_context(folder(os.fspath(base)))
        for part in parts[:-1]:
            handle = stack.enter_context(folder(part, handle))
        return read_file(parts[-1], handle)


def decode_spec(data: bytes, suffix: str, report: SpecReport) -> dict[str, Any]:
    """Decode a spec by its file's suffix: ``.yaml``, ``.yml`` or ``.json``.

    :returns: the document with its keys in file order. Scalars that YAML takes for neither text, a plain whole number
        nor null are :class:`Misread`.
    :raises ReportedError: it cannot be decoded, or is no mapping.
    """
    with reporting(report):
        document = decode(data) if suffix == ".json" else _read_yaml(data, report)
    if document is None:
        report.fail(SpecProblem.EMPTY)
    if not isinstance(document, dict):
        report.fail(SpecProblem.NOT_OBJECT, value=document)
    return document


def read_list(
    raw: object, columns: Sequence[str], base: Path | None, report: SpecReport
) -> tuple[list[Any], SpecReport]:
    """Read a list that is written out in a spec or kept in a file below the spec's folder.

    :param raw: the list, or ``@file:`` and the path of a ``.csv``, ``.yaml``, ``.yml``, ``.json`` or ``.txt`` file.
    :param columns: first names of the columns of a CSV file, to check its header.
    :param base: the spec's folder; ``None`` for a spec without one.
    :returns: the list, which is not empty, and the report for its values.
    :raises ReportedError: there are errors.
    """
    with report.collect():
        if isinstance(raw, str) and raw.startswith(FILE_PREFIX):
            report, raw = _read_reference(raw, columns, base, report)
    if not isinstance(raw, list):
        report.fail(SpecProblem.WRONG_TYPE, value=raw)
    if not raw:
        report.fail(SpecProblem.EMPTY, axis=columns[0] if len(columns) == 1 else None)
    return raw, report


def _read_reference(
    reference: str, columns: Sequence[str], base: Path | None, report: SpecReport
) -> tuple[SpecReport, Any]:
    path = reference.removeprefix(FILE_PREFIX)
    parts = [part for part in path.split("/") if part != "."]
    suffix = PurePosixPath(path).suffix.lower()
    if not parts or not all(map(is_safe_name, parts)):
        report.fail(SpecProblem.UNSAFE_PATH, value=reference)
    if suffix not in _READERS:
        report.fail(SpecProblem.UNKNOWN_FORMAT, value=reference, among=_READERS)
    if base is None:
        report.fail(SpecProblem.NO_FOLDER, value=reference)
    inner = report.within("/".join(parts))
    with reporting(inner):
        found = _READERS[suffix](read_below(base, parts), columns, inner)
    return inner, [] if found is None else found


def read_level(axis: str, raw: object, report: SpecReport) -> Level:
    """Read a level of an axis: an id, or a replicate from 1 up.

    :param axis: by its first name.
    :returns: an id without surrounding blanks, or a replicate as a whole number.
    :raises ReportedError: it is neither.
    """
    if axis in REPLICATE_AXES:
        replicate = normal_replicate(raw)
        if replicate is None:
            report.fail(SpecProblem.OUT_OF_DOMAIN, axis=axis, value=raw)
        return replicate
    if axis not in AXES:
        raw = raw.text if isinstance(raw, Misread) else str(raw) if isinstance(raw, (bool, int, float)) else raw
    if not isinstance(raw, str):
        report.fail(SpecProblem.EMPTY if raw is None else SpecProblem.NOT_TEXT, axis=axis, value=raw)
    text = raw.strip()
    if not text:
        report.fail(SpecProblem.EMPTY, axis=axis, value=raw)
    no_model = text == NO_MODEL and axis in AXES and axis != NO_MODEL_AXIS
    # A separator could give two signatures the same hash.
    if no_model or SEPARATOR in text or not text.isprintable() or text.startswith(FILE_PREFIX):
        report.fail(SpecProblem.OUT_OF_DOMAIN, axis=axis, value=raw)
    return text


def read_levels(axis: str, cells: Iterable[object], report: SpecReport) -> tuple[Level, ...]:
    """Read the levels of an axis. A repeated level counts once.

    :raises ReportedError: there are errors: levels that differ only in case or blanks are one of them.
    """
    spelt: dict[object, object] = {}

    def read(raw: object) -> Level:
        level = read_level(axis, raw, report)
        spelling = raw if isinstance(raw, str) and isinstance(level, str) else level
        if spelt.setdefault(normal_text(level) or level, spelling) != spelling:
            report.fail(SpecProblem.CASE_OR_BLANKS, axis=axis, value=raw)
        return level

    return tuple(dict.fromkeys(report.each(read, cells)))


class _StrictYaml:
    """Reader of one YAML document as plain values.

    It refuses tags, and deep nesting before it grows, and counts the values, because aliases can multiply them.

    :param loader: PyYAML's safe loader of the document.
    """

    def __init__(self, loader: Any, report: SpecReport) -> None:  # noqa: ANN401 - YAML is imported when it is read
        self._loader = loader
        self._compose = loader.compose_node
        self._report = report
        self._depth = 0
        self._values = 0
        # PyYAML composes each node within another by this method.
        loader.compose_node = self._compose_node

    def read(self) -> Any:  # noqa: ANN401 - whatever YAML holds
        node = self._loader.get_single_node()
        return None if node is None else self._convert(node, self._report)

    def _compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - nodes of YAML
        event = self._loader.peek_event()
        if getattr(event, "tag", None) is not None:
            self._report.fail(SpecProblem.TAG, value=_place(event.start_mark))
        self._check_depth(self._depth, event.start_mark)
        self._depth += 1
        node = self._compose(parent, index)
        self._depth -= 1
        return node

    def _convert(self, node: Any, report: SpecReport, depth: int = 0) -> Any:  # noqa: ANN401 - whatever YAML holds
        self._values += 1
        if self._values > _MAX_VALUES:
            self._report.fail(SpecProblem.ALIAS, value=f"more than {_MAX_VALUES} values")
        self._check_depth(depth, node.start_mark)
        if node.id == "mapping":
            return self._mapping(node, report, depth)
        if node.id == "sequence":
            return [self._convert(part, report, depth + 1) for part in node.value]
        if node.tag == _TEXT:
            return node.value
        if node.tag == _WHOLE and _PLAIN_NUMBER.fullmatch(node.value):
            return int(node.value)
        return None if node.tag == _NULL else Misread(node.value)

    def _mapping(self, node: Any, report: SpecReport, depth: int) -> dict[str, Any]:  # noqa: ANN401 - a node of YAML
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag != _TEXT:
                shown = key.value if key.id == "scalar" else _place(key.start_mark)
                report.add(SpecProblem.NOT_TEXT, value=shown)
            elif key.value in found:
                report.add(SpecProblem.DUPLICATE_KEY, value=key.value)
            else:
                found[key.value] = self._convert(value, report.at(key.value), depth + 1)
        return found

    def _check_depth(self, depth: int, mark: Any) -> None:  # noqa: ANN401 - a mark of YAML
        if depth >= _MAX_DEPTH:
            self._report.fail(SpecProblem.TOO_DEEP, value=_place(mark))


def _place(mark: Any) -> str:  # noqa: ANN401 - a mark of YAML, or none
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1"


def _read_yaml(data: bytes, report: SpecReport) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Read a document of YAML as plain values; ``None`` if it is empty."""
    import yaml  # noqa: PLC0415 (YAML is slow to import, and few specs need it)

    try:
        return _StrictYaml(yaml.SafeLoader(data.decode("utf-8-sig")), report).read()
    except yaml.YAMLError as error:
        report.fail(SpecProblem.NOT_YAML, value=_place(getattr(error, "problem_mark", None)))


def _read_csv(data: bytes, columns: Sequence[str], report: SpecReport) -> list[Any]:
    """Read the rows below the header; the values themselves if there is one column."""
    text = data.decode("utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [cell.strip() for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if len(header) != len(columns):
        report.fail(SpecProblem.HEADER, value=header)
    names = [first_name(name.lower()) for name in header]
    if any(name in columns and columns[place] != name for place, name in enumerate(names)):
        # By position, the values would silently go to the wrong axes.
        report.fail(SpecProblem.HEADER_ORDER, value=header)
    rows: list[list[str]] = []
    for line in lines:
        cells = [cell.strip() for cell in line]
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) > len(header) or (any(cells) and len(cells) < len(header)):
            report.add(SpecProblem.WRONG_LENGTH, value=cells)
        elif any(cells):
            rows.append(cells)
    return [cell for [cell] in rows] if len(header) == 1 else rows


_READERS: Final[Mapping[str, Callable[[bytes, Sequence[str], SpecReport], Any]]] = {
    ".csv": _read_csv,
    ".yaml": lambda data, _, report: _read_yaml(data, report),
    ".yml": lambda data, _, report: _read_yaml(data, report),
    ".json": lambda data, *_: orjson.loads(data.removeprefix(b"\xef\xbb\xbf")),
    ".txt": lambda data, *_: [line.strip() for line in data.decode("utf-8-sig").splitlines() if line.strip()],
}
