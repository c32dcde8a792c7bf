"""Reader for the YAML of specs."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from genaudit.cohorts.spec_problems import Misread, RefusedError, SpecProblem, SpecReport

MAX_VALUES: Final = 1_000_000
_MAX_DEPTH: Final = 12
_TEXT: Final = "tag:yaml.org,2002:str"
_WHOLE: Final = "tag:yaml.org,2002:int"
_NULL: Final = "tag:yaml.org,2002:null"
# YAML 1.1 reads 010 as eight and 1:30 as ninety. Only text that every reader takes for the same number is a number
# here.
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


class _StrictLoader(yaml.SafeLoader):
    """Composer of YAML nodes that refuses tags and deep nesting before they grow."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave its types out
        if getattr(event, "tag", None) is not None:
            raise RefusedError(SpecProblem.TAG, _place(event.start_mark))
        if self._depth == _MAX_DEPTH:
            raise RefusedError(SpecProblem.TOO_DEEP, _place(event.start_mark))
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Values:
    """Converter of YAML nodes to plain values. It counts the values, because aliases can multiply them."""

    def __init__(self) -> None:
        self._count = 0

    def convert(self, node: yaml.Node, report: SpecReport, depth: int = 0) -> Any:  # noqa: ANN401 - whatever YAML holds
        self._count += 1
        if self._count > MAX_VALUES:
            raise RefusedError(SpecProblem.ALIAS, f"more than {MAX_VALUES} values")
        if depth >= _MAX_DEPTH:
            raise RefusedError(SpecProblem.TOO_DEEP, _place(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, report, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(part, report, depth + 1) for part in node.value]
        if node.tag == _TEXT:
            return node.value
        if node.tag == _WHOLE and _PLAIN_NUMBER.fullmatch(node.value):
            return int(node.value)
        return None if node.tag == _NULL else Misread(node.value)

    def _mapping(self, node: yaml.MappingNode, report: SpecReport, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag != _TEXT:
                shown = key.value if isinstance(key, yaml.ScalarNode) else _place(key.start_mark)
                report.add(SpecProblem.NOT_TEXT, value=shown)
            elif key.value in found:
                report.add(SpecProblem.DUPLICATE_KEY, value=key.value)
            else:
                found[key.value] = self.convert(value, report.at(key.value), depth + 1)
        return found


def _place(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1"


def read_yaml(data: bytes, report: SpecReport) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Read a document of YAML as plain values; ``None`` if it is empty.

    :raises RefusedError: it is malformed, or has contents that a spec must not have.
    :raises UnicodeDecodeError: it is not UTF-8.
    """
    text = data.decode("utf-8-sig")
    try:
        loader = _StrictLoader(text)
        try:
            node = loader.get_single_node()
            return None if node is None else _Values().convert(node, report)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise RefusedError(SpecProblem.NOT_YAML, _place(getattr(error, "problem_mark", None))) from error
