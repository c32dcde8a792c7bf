"""From the file of a spec to a plain mapping, as strictly as both formats allow.

A spec is untrusted and read by more than one program, so whatever two YAML readers could take differently is
refused: keys that stand twice, anchors and aliases (which can also blow up a small file), tags, deep nesting.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import yaml

from genaudit.cohorts.spec_problems import Misread, Problem, Report
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError, decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MAX_DEPTH: Final = 12
_TEXT: Final = "tag:yaml.org,2002:str"
_WHOLE: Final = "tag:yaml.org,2002:int"
# 010 is eight and 1:30 is ninety to YAML 1.1; only what every reader takes for the same number is one here.
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


class _RefusedError(yaml.YAMLError):
    """YAML that is well formed, and still no spec."""

    def __init__(self, problem: Problem, value: str) -> None:
        self.problem = problem
        self.value = value
        super().__init__(problem, value)


class _StrictLoader(yaml.SafeLoader):
    """Composes the nodes of a document; what a spec must not contain stops it before it grows."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave its types out
        place = _place(event.start_mark)
        if event.anchor is not None:
            raise _RefusedError(Problem.ALIAS, place)
        if getattr(event, "tag", None) is not None:
            raise _RefusedError(Problem.TAG, place)
        if self._depth == _MAX_DEPTH:
            raise _RefusedError(Problem.TOO_DEEP, place)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def read_below(base: Path, parts: Sequence[str]) -> bytes:
    """Read a regular file of at most 1 MiB below a folder; no link is followed on the way.

    :param parts: the folders and the file's name, each a plain path component.
    :raises OSError: the file or a folder on the way is gone or cannot be entered.
    :raises UnreadableError: it is no regular file, too large or not readable.
    """
    with ExitStack() as stack:
        handle = stack.enter_context(folder(os.fspath(base)))
        for part in parts[:-1]:
            handle = stack.enter_context(folder(part, handle))
        return read_file(parts[-1], handle)


def decode_spec(data: bytes, suffix: str, report: Report) -> dict[str, Any] | None:
    """Decode a spec by its file's suffix: ``.yaml``, ``.yml`` or ``.json``.

    :returns: the document with its keys in file order; ``None`` when a problem was reported instead. Scalars that
        YAML does not take for text are :class:`Misread`, but for plain whole numbers.
    """
    try:
        if suffix == ".json":
            return decode(data)
        return _decode_yaml(data.decode("utf-8-sig"), report)
    except UnicodeDecodeError as error:
        report.add(Problem.NOT_UTF8, value=f"offset {error.start}")
    except UnreadableError as error:
        report.add(Problem(error.state.value), value=error.detail)
    except _RefusedError as error:
        report.add(error.problem, value=error.value)
    except yaml.YAMLError as error:
        report.add(Problem.NOT_YAML, value=_place(getattr(error, "problem_mark", None)))
    return None


def _decode_yaml(text: str, report: Report) -> dict[str, Any]:
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    if node is None:
        raise _RefusedError(Problem.EMPTY, "")
    if not isinstance(node, yaml.MappingNode):
        raise _RefusedError(Problem.NOT_OBJECT, _place(node.start_mark))
    return _mapping(node, report)


def _mapping(node: yaml.MappingNode, report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if key.tag != _TEXT:
            report.add(
                Problem.NOT_TEXT, value=key.value if isinstance(key, yaml.ScalarNode) else _place(key.start_mark)
            )
        elif key.value in found:
            report.add(Problem.DUPLICATE_KEY, value=key.value)
        else:
            found[key.value] = _value(value, report.at(key.value))
    return found


def _value(node: yaml.Node, report: Report) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, report)
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, report) for part in node.value]
    if node.tag == _TEXT:
        return node.value
    if node.tag == _WHOLE and _PLAIN_NUMBER.fullmatch(node.value):
        return int(node.value)
    return Misread(node.value)


def _place(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1"
