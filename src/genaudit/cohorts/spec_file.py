"""Reader for the files of a spec: the spec itself and the lists that it refers to.

The files are untrusted. YAML that two readers could take differently is refused: duplicate keys, tags, deep nesting.
Anchors and aliases are allowed, but the values that they expand to are counted.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from genaudit.cohorts.spec_axes import FILE_PREFIX, first_name
from genaudit.cohorts.spec_problems import RefusedError, SpecProblem, SpecReport
from genaudit.layout import is_safe_name
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError, decode


def _guarded(read: Callable[[], Any], report: SpecReport) -> Any:  # noqa: ANN401 - whatever a file holds
    """Run a reader, and report a failure as a problem.

    :returns: ``None`` after a failure.
    """
    try:
        return read()
    except FileNotFoundError:
        report.add(SpecProblem.FILE_MISSING)
    except RefusedError as error:
        report.add(error.problem, value=error.value)
    except UnreadableError as error:
        report.add(SpecProblem(error.state.value), value=error.detail)
    except OSError as error:
        report.add(SpecProblem.UNREADABLE, value=error.strerror)
    except UnicodeDecodeError as error:
        report.add(SpecProblem.NOT_UTF8, value=f"offset {error.start}")
    except csv.Error as error:
        report.add(SpecProblem.NOT_CSV, value=str(error))
    except orjson.JSONDecodeError as error:
        report.add(SpecProblem.NOT_JSON, value=str(error))
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


def _read_yaml(data: bytes, report: SpecReport) -> Any:  # noqa: ANN401 - whatever YAML holds
    from genaudit.cohorts.spec_yaml import read_yaml  # noqa: PLC0415 (YAML is slow to import, and few specs need it)

    return read_yaml(data, report)


def decode_spec(data: bytes, suffix: str, report: SpecReport) -> dict[str, Any] | None:
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
            report.add(SpecProblem.EMPTY)
    if document is None or isinstance(document, dict):
        return document
    report.add(SpecProblem.NOT_OBJECT, value=document)
    return None


def has_length(row: object, length: int, report: SpecReport) -> bool:
    """Check that a value is a list of some length, or report it."""
    if not isinstance(row, list):
        report.add(SpecProblem.WRONG_TYPE, value=row)
    elif len(row) != length:
        report.add(SpecProblem.WRONG_LENGTH, value=row)
    else:
        return True
    return False


def read_entry(
    raw: object, report: SpecReport, required: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, Any] | None:
    """Check the keys of a mapping.

    :returns: ``None`` if problems were reported.
    """
    if not isinstance(raw, dict):
        report.add(SpecProblem.WRONG_TYPE, value=raw)
        return None
    before = report.count
    for key in raw:
        if key not in required and key not in optional:
            report.add(SpecProblem.UNKNOWN, value=key, among=(*required, *optional))
    for key in required:
        if key not in raw:
            report.at(key).add(SpecProblem.MISSING)
    return raw if report.count == before else None


def read_names(raw: object, report: SpecReport) -> list[str] | None:
    """Check a list of names.

    :returns: ``None`` if problems were reported.
    """
    if not isinstance(raw, list):
        report.add(SpecProblem.WRONG_TYPE, value=raw)
    elif not raw:
        report.add(SpecProblem.EMPTY, value=raw)
    elif wrong := [name for name in raw if not isinstance(name, str)]:
        report.add(SpecProblem.NOT_TEXT, value=wrong[0])
    else:
        return raw
    return None


def read_list(
    raw: object, columns: Sequence[str], base: Path | None, report: SpecReport
) -> tuple[list[Any], SpecReport]:
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
        report.add(SpecProblem.WRONG_TYPE, value=raw)
        return [], report
    if not raw:
        report.add(SpecProblem.EMPTY, axis=columns[0] if len(columns) == 1 else None)
    return raw, report


def _read_reference(
    reference: str, columns: Sequence[str], base: Path | None, report: SpecReport
) -> tuple[SpecReport, list[Any] | None]:
    path = reference.removeprefix(FILE_PREFIX)
    parts = [part for part in path.split("/") if part != "."]
    suffix = PurePosixPath(path).suffix.lower()
    if not parts or not all(map(is_safe_name, parts)):
        report.add(SpecProblem.UNSAFE_PATH, value=reference)
    elif suffix not in _READERS:
        report.add(SpecProblem.UNKNOWN_FORMAT, value=reference, among=_READERS)
    elif base is None:
        report.add(SpecProblem.NO_FOLDER, value=reference)
    else:
        inner = report.within("/".join(parts))
        return inner, _guarded(lambda: _READERS[suffix](read_below(base, parts), columns, inner), inner)
    return report, None


def _read_csv(data: bytes, columns: Sequence[str], report: SpecReport) -> list[Any]:
    """Read the rows below the header; the values themselves if there is one column."""
    text = data.decode("utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [cell.strip() for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if len(header) != len(columns):
        raise RefusedError(SpecProblem.HEADER, header)
    names = [first_name(name.lower()) for name in header]
    if any(name in columns and columns[place] != name for place, name in enumerate(names)):
        # By position, the values would silently go to the wrong axes.
        raise RefusedError(SpecProblem.HEADER_ORDER, header)
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
