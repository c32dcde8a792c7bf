"""Reader for the files of a spec: the spec itself and the lists that it refers to.

The files are untrusted. YAML that two readers could take differently is refused: duplicate keys, tags, deep nesting.
Anchors and aliases are allowed, but the values that they expand to are counted.
"""

from __future__ import annotations

import csv
import io
import os
import re
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import orjson
import yaml

from genaudit.cohorts.spec_axes import FILE_PREFIX, first_name
from genaudit.cohorts.spec_problems import Misread, Problem, Report
from genaudit.layout import is_safe_name
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MAX_VALUES: Final = 1_000_000
_MAX_DEPTH: Final = 12
_TEXT: Final = "tag:yaml.org,2002:str"
_WHOLE: Final = "tag:yaml.org,2002:int"
_NULL: Final = "tag:yaml.org,2002:null"
# YAML 1.1 reads 010 as eight and 1:30 as ninety. Only what every reader takes for the same number is a number here.
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


class _RefusedError(Exception):
    """Well-formed contents that a spec must not have."""

    def __init__(self, problem: Problem, value: object) -> None:
        self.problem = problem
        self.value = value
        super().__init__(problem, value)


class _StrictLoader(yaml.SafeLoader):
    """Composer of YAML nodes that refuses tags and deep nesting before they grow."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave its types out
        if getattr(event, "tag", None) is not None:
            raise _RefusedError(Problem.TAG, _place(event.start_mark))
        if self._depth == _MAX_DEPTH:
            raise _RefusedError(Problem.TOO_DEEP, _place(event.start_mark))
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Values:
    """Converter of YAML nodes to plain values. It counts the values, because aliases can multiply them."""

    def __init__(self) -> None:
        self._count = 0

    def convert(self, node: yaml.Node, report: Report, depth: int = 0) -> Any:  # noqa: ANN401 - whatever YAML holds
        self._count += 1
        if self._count > MAX_VALUES:
            raise _RefusedError(Problem.ALIAS, f"more than {MAX_VALUES} values")
        if depth >= _MAX_DEPTH:
            raise _RefusedError(Problem.TOO_DEEP, _place(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, report, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(part, report, depth + 1) for part in node.value]
        if node.tag == _TEXT:
            return node.value
        if node.tag == _WHOLE and _PLAIN_NUMBER.fullmatch(node.value):
            return int(node.value)
        return None if node.tag == _NULL else Misread(node.value)

    def _mapping(self, node: yaml.MappingNode, report: Report, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag != _TEXT:
                shown = key.value if isinstance(key, yaml.ScalarNode) else _place(key.start_mark)
                report.add(Problem.NOT_TEXT, value=shown)
            elif key.value in found:
                report.add(Problem.DUPLICATE_KEY, value=key.value)
            else:
                found[key.value] = self.convert(value, report.at(key.value), depth + 1)
        return found


def _place(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1"


def _read_yaml(data: bytes, report: Report) -> Any:  # noqa: ANN401 - whatever YAML holds
    loader = _StrictLoader(data.decode("utf-8-sig"))
    try:
        node = loader.get_single_node()
        return None if node is None else _Values().convert(node, report)
    finally:
        loader.dispose()


def _guarded(read: Callable[[], Any], report: Report) -> Any:  # noqa: ANN401 - whatever a file holds
    """Read something, and report a failure as a problem.

    :returns: ``None`` after a failure.
    """
    try:
        return read()
    except FileNotFoundError:
        report.add(Problem.FILE_MISSING)
    except _RefusedError as error:
        report.add(error.problem, value=error.value)
    except UnreadableError as error:
        report.add(Problem(error.state.value), value=error.detail)
    except OSError as error:
        report.add(Problem.UNREADABLE, value=error.strerror)
    except UnicodeDecodeError as error:
        report.add(Problem.NOT_UTF8, value=f"offset {error.start}")
    except csv.Error as error:
        report.add(Problem.NOT_CSV, value=str(error))
    except orjson.JSONDecodeError as error:
        report.add(Problem.NOT_JSON, value=str(error))
    except yaml.YAMLError as error:
        report.add(Problem.NOT_YAML, value=_place(getattr(error, "problem_mark", None)))
    return None


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


def decode_spec(data: bytes, suffix: str, report: Report) -> dict[str, Any] | None:
    """Decode a spec by its file's suffix: ``.yaml``, ``.yml`` or ``.json``.

    :returns: the document with its keys in file order; ``None`` if a problem was reported instead. Scalars that YAML
        takes for neither text, a plain whole number nor null are :class:`Misread`.
    """
    if suffix == ".json":
        document = _guarded(lambda: decode(data), report)
    else:
        before = report.count
        document = _guarded(lambda: _read_yaml(data, report), report)
        if document is None and report.count == before:
            report.add(Problem.EMPTY)
    if document is None or isinstance(document, dict):
        return document
    report.add(Problem.NOT_OBJECT, value=document)
    return None


def has_length(row: object, length: int, report: Report) -> bool:
    """Check that a value is a list of some length, or report it."""
    if not isinstance(row, list):
        report.add(Problem.WRONG_TYPE, value=row)
    elif len(row) != length:
        report.add(Problem.WRONG_LENGTH, value=row)
    else:
        return True
    return False


def read_entry(
    raw: object, report: Report, required: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, Any] | None:
    """Check the keys of a mapping.

    :returns: ``None`` if problems were reported.
    """
    if not isinstance(raw, dict):
        report.add(Problem.WRONG_TYPE, value=raw)
        return None
    before = report.count
    for key in raw:
        if key not in required and key not in optional:
            report.add(Problem.UNKNOWN, value=key, among=(*required, *optional))
    for key in required:
        if key not in raw:
            report.at(key).add(Problem.MISSING)
    return raw if report.count == before else None


def read_names(raw: object, report: Report) -> list[str] | None:
    """Check a list of names.

    :returns: ``None`` if problems were reported.
    """
    if not isinstance(raw, list):
        report.add(Problem.WRONG_TYPE, value=raw)
    elif not raw:
        report.add(Problem.EMPTY, value=raw)
    elif wrong := [name for name in raw if not isinstance(name, str)]:
        report.add(Problem.NOT_TEXT, value=wrong[0])
    else:
        return raw
    return None


def read_list(raw: object, columns: Sequence[str], base: Path | None, report: Report) -> tuple[list[Any], Report]:
    """Read a list that is written out in a spec or kept in a file below the spec's folder.

    :param raw: the list, or ``@file:`` and the path of a ``.csv``, ``.yaml``, ``.yml``, ``.json`` or ``.txt`` file.
    :param columns: first names of the columns of a CSV file, to check its header.
    :param base: the spec's folder; ``None`` for a spec without one.
    :returns: the list and the report for its values; the list is empty only if a problem was reported.
    """
    before = report.count
    if isinstance(raw, str) and raw.startswith(FILE_PREFIX):
        report, raw = _read_reference(raw, columns, base, report)
        raw = [] if raw is None else raw
    if report.count > before:
        return [], report
    if not isinstance(raw, list):
        report.add(Problem.WRONG_TYPE, value=raw)
        return [], report
    if not raw:
        report.add(Problem.EMPTY, axis=columns[0] if len(columns) == 1 else None)
    return raw, report


def _read_reference(
    reference: str, columns: Sequence[str], base: Path | None, report: Report
) -> tuple[Report, list[Any] | None]:
    path = reference.removeprefix(FILE_PREFIX)
    parts = [part for part in path.split("/") if part != "."]
    suffix = PurePosixPath(path).suffix.lower()
    if not parts or not all(map(is_safe_name, parts)):
        report.add(Problem.UNSAFE_PATH, value=reference)
    elif suffix not in _READERS:
        report.add(Problem.UNKNOWN_FORMAT, value=reference, among=_READERS)
    elif base is None:
        report.add(Problem.NO_FOLDER, value=reference)
    else:
        inner = report.within("/".join(parts))
        return inner, _guarded(lambda: _READERS[suffix](read_below(base, parts), columns, inner), inner)
    return report, None


def _read_csv(data: bytes, columns: Sequence[str], report: Report) -> list[Any]:
    """Read the rows below the header; the values themselves if there is one column."""
    text = data.decode("utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [cell.strip() for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if len(header) != len(columns):
        raise _RefusedError(Problem.HEADER, header)
    names = [first_name(name.lower()) for name in header]
    if any(name in columns and columns[place] != name for place, name in enumerate(names)):
        # By position, the values would silently go to the wrong axes.
        raise _RefusedError(Problem.HEADER_ORDER, header)
    rows: list[list[str]] = []
    for line in lines:
        cells = [cell.strip() for cell in line]
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) > len(header) or (any(cells) and len(cells) < len(header)):
            report.add(Problem.WRONG_LENGTH, value=cells)
        elif any(cells):
            rows.append(cells)
    return [cell for [cell] in rows] if len(header) == 1 else rows


_READERS: Final[Mapping[str, Callable[[bytes, Sequence[str], Report], Any]]] = {
    ".csv": _read_csv,
    ".yaml": lambda data, _, report: _read_yaml(data, report),
    ".yml": lambda data, _, report: _read_yaml(data, report),
    ".json": lambda data, *_: orjson.loads(data.removeprefix(b"\xef\xbb\xbf")),
    ".txt": lambda data, *_: [line.strip() for line in data.decode("utf-8-sig").splitlines() if line.strip()],
}
