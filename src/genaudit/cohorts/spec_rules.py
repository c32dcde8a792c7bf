"""Rules of a spec: subsets, ties, pairs and tuples, run over the nodes of a design.

A node is an axis, or the axes that a tie, pair or tuple has joined. Rules run in file order. After an error, later
rules skip the names that the failed rule mentions, so that one mistake is reported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from genaudit.cohorts.spec_checks import (
    AXES,
    Level,
    ReportedError,
    Row,
    SpecProblem,
    SpecReport,
    first_name,
)
from genaudit.cohorts.spec_file import read_level, read_levels, read_list
from genaudit.ids import normal_text

# A level of an axis or tie; for a pair or tuple one value for each of its parts.
Value: TypeAlias = Any
_BALANCE: Final = ("left", "right", "both")


@dataclass(frozen=True, slots=True)
class Node:
    """An axis, or axes that vary together.

    :param name: the axis, or the name of the rule.
    :param axes: the columns of its rows.
    :param rows: the row for each value, in order.
    :param parts: the nodes that a pair or tuple has joined.
    """

    name: str
    axes: tuple[str, ...]
    rows: Mapping[Value, Row]
    parts: tuple[Node, ...] = ()


@dataclass(slots=True)
class Design:
    """Nodes in the order in which they vary, the slowest first.

    :param base: the folder of the spec's files.
    :param items: rows of the tuples, by rule, from :func:`derive_axes`.
    :param joined: the rule that took each name away: axes and rules within a tie, pair or tuple.
    :param broken: names with an error.
    """

    base: Path | None
    nodes: list[Node] = field(default_factory=list)
    items: dict[str, tuple[list[Any], SpecReport]] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        """All names in use: of axes, including the joined ones, and of rules."""
        return [*(node.name for node in self.nodes), *self.joined]

    def add_axis(self, axis: str, levels: Iterable[Level]) -> None:
        """Append an axis, the fastest so far."""
        self.nodes.append(Node(axis, (axis,), {level: (level,) for level in levels}))

    @contextmanager
    def breaking(self, names: Collection[str], report: SpecReport) -> Iterator[None]:
        """Mark names as broken if a block reports errors."""
        try:
            with report.collect():
                yield
        except ReportedError:
            self.broken.update(names)

    def find(self, name: str, report: SpecReport, *, tied: bool = True) -> Node:
        """Find a node by its name or by one of its tied axes.

        :param tied: whether the name of a tied axis finds its tie.
        :raises ReportedError: there is none.
        """
        axis = first_name(name)
        rule = axis if axis in self.joined else name
        while rule in self.joined:
            rule = self.joined[rule]
        node = next((node for node in self.nodes if node.name in {name, axis, rule}), None)
        if node is None:
            report.fail(SpecProblem.UNDECLARED, axis=axis, value=name, among=self.names)
        if node.name not in {name, axis} and (node.parts or not tied):
            report.fail(SpecProblem.BOUND if node.parts else SpecProblem.TIED, axis=axis, value=rule)
        return node

    def find_all(self, names: Sequence[str], report: SpecReport) -> list[Node]:
        """Find several nodes, as :meth:`find` does."""
        return report.each(lambda name: self.find(name, report), names)

    def join(self, old: Collection[Node], new: Node) -> None:
        """Replace nodes by one: at the position of the node with its name, or at the earliest of their positions."""
        places = [place for place, node in enumerate(self.nodes) if node in old]
        named = [place for place in places if self.nodes[place].name == new.name]
        self.nodes[(named or places)[0]] = new
        self.nodes = [node for node in self.nodes if node is new or node not in old]
        lost = {name for node in old for name in (node.name, *node.axes)} - {new.name}
        self.joined.update(dict.fromkeys(sorted(lost), new.name))
        self.joined.pop(new.name, None)


def derive_axes(design: Design, rules: Mapping[str, Any], report: SpecReport) -> None:
    """Append the axes that tuples bring, with the levels from their items.

    :param rules: the sections in file order.
    """
    ties: set[str] = set()
    declared = {node.name for node in design.nodes} | design.broken
    for section, entries in rules.items():
        for name, raw in entries.items() if isinstance(entries, dict) else ():
            if section == "ties":
                ties |= {first_name(name)} - _mentioned(raw)
            elif section == "tuples":
                inside = report.at(section, name)
                with design.breaking({first_name(name), *_mentioned(raw)}, inside):
                    _derive(design, name, raw, (ties, declared), inside)


def _derive(design: Design, rule: str, raw: object, known: tuple[set[str], set[str]], report: SpecReport) -> None:
    """Append the axes of one tuple.

    :param known: the names of earlier ties, and the declared axes.
    """
    ties, declared = known
    entry = report.entry(raw, ("axes", "items"))
    axes = [first_name(name) for name in report.at("axes").names(entry["axes"])]
    for axis, count in Counter(axes).items():
        if count > 1:
            report.at("axes").add(SpecProblem.DUPLICATE, axis=axis, value=axis)
        elif axis in declared:
            report.at("axes").add(SpecProblem.DECLARED, axis=axis, value=axis)
    cells, inner = read_list(entry["items"], axes, design.base, report.at("items"))
    rows = [row for row in cells if inner.has_length(row, len(axes))]
    design.items[rule] = (rows, inner)
    for place, axis in enumerate(axes):
        if rows and axis not in {*ties, *declared, *design.names}:
            with suppress(ReportedError):
                design.add_axis(axis, read_levels(axis, (row[place] for row in rows), inner))


def apply_rules(design: Design, rules: Mapping[str, Any], report: SpecReport) -> None:
    """Run the rules of a spec.

    :param rules: the sections in file order, each a mapping of rule names (for ``subsets``: axes) to entries.
    """
    for section, entries in rules.items():
        inside = report.at(section)
        if section not in RULES:
            report.add(SpecProblem.UNKNOWN, value=section, among=RULES)
        elif not isinstance(entries, dict):
            inside.add(SpecProblem.WRONG_TYPE, value=entries)
        else:
            for name, raw in entries.items():
                mentioned = {first_name(name), *_mentioned(raw)}
                if design.broken.isdisjoint(mentioned):
                    with design.breaking(mentioned, inside):
                        RULES[section](design, name, raw, inside.at(name))
                else:
                    design.broken.update(mentioned)


def _mentioned(raw: object) -> set[str]:
    """Return the names in the entry of a rule, as far as it is readable."""
    parts = [raw.get(key) for key in ("left", "right", "axes")] if isinstance(raw, dict) else [raw]
    words = [word for part in parts for word in (part if isinstance(part, list) else [part])]
    return {first_name(word) for word in words if isinstance(word, str)}


def _check_free(design: Design, name: str, own: Collection[str], report: SpecReport) -> None:
    """Check that the name of a rule is neither an axis, except its own, nor the name of an earlier rule."""
    if first_name(name) not in own and (first_name(name) in {*AXES, *design.names} or name in design.names):
        report.fail(SpecProblem.NAME_TAKEN, axis=first_name(name), value=name)


def apply_subset(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Keep some levels of an axis or tie, in its own order.

    :param name: the axis or the tie.
    """
    node = design.find(name, report, tied=False)
    if node.parts:
        report.fail(SpecProblem.BOUND, axis=name, value=name)
    cells, inner = read_list(raw, node.axes[:1], design.base, report)
    levels = read_levels(node.axes[0], cells, inner)
    _refuse_lookalikes(node, cells, inner)
    for level in levels:
        if level not in node.rows:
            inner.warn("value_ignored", axis=node.name, value=level, among=node.rows)
    kept = set(levels)
    rows = {value: row for value, row in node.rows.items() if value in kept}
    if not rows:
        inner.fail(SpecProblem.NOTHING_LEFT, axis=node.name, value=list(levels), among=node.rows)
    design.nodes[design.nodes.index(node)] = replace(node, rows=rows)


def _refuse_lookalikes(node: Node, raw: Iterable[object], report: SpecReport) -> None:
    """Report values that differ from a level of the node only in case or blanks."""
    known = {normal_text(value) for value in node.rows} - {None}
    with report.collect():
        for value in raw:
            if normal_text(value) in known and value not in node.rows:
                report.add(SpecProblem.CASE_OR_BLANKS, axis=node.axes[0], value=value, among=node.rows)


def apply_tie(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Let axes share one value: their common levels, in the order of the first-named axis.

    :param raw: the axes, or a mapping with them under ``axes``.
    """
    entry = report.entry({"axes": raw} if isinstance(raw, list) else raw, ("axes",))
    names = report.at("axes").names(entry["axes"])
    first, *others = _distinct(design.find_all(names, report))
    _check_free(design, name, {first_name(word) for word in names}, report)
    if bound := [node.name for node in (first, *others) if node.parts]:
        report.fail(SpecProblem.BOUND, axis=bound[0], value=bound[0])
    for node in others:
        _refuse_lookalikes(first, node.rows, report)
    axes = tuple(axis for node in (first, *others) for axis in node.axes)
    common = [value for value in first.rows if all(value in node.rows for node in others)]
    if not common:
        report.fail(SpecProblem.NO_COMMON_VALUE, axis=first.axes[0], value=names)
    own = first_name(name) if first_name(name) in axes else name
    design.join((first, *others), Node(own, axes, {value: (value,) * len(axes) for value in common}))


def _distinct(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes once each: two axes of one tie find the same node."""
    return list({node.name: node for node in nodes}.values())


def apply_pair(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Keep the allowed pairs of two nodes, in the order of the list."""
    entry = report.entry(raw, ("left", "right", "allowed"), ("balance",))
    names = report.names([entry["left"], entry["right"]])
    nodes = design.find_all(names, report)
    _check_free(design, name, (), report)
    axes = [first_name(each) for each in names]
    balance = entry.get("balance")
    if axes[0] == axes[1]:
        report.fail(SpecProblem.DUPLICATE, axis=axes[0], value=names[1])
    if balance is not None and balance not in _BALANCE:
        report.at("balance").fail(SpecProblem.UNKNOWN, value=balance, among=_BALANCE)
    cells, inner = read_list(entry["allowed"], axes, design.base, report.at("allowed"))
    pairs = _bind(design, name, nodes, [row for row in cells if inner.has_length(row, 2)], inner)
    for place, side in enumerate(("left", "right")):
        counts = Counter(pair[place] for pair in pairs)
        if balance in {side, "both"} and len(set(counts.values())) > 1:
            shown = {_shown(value): count for value, count in counts.items()}
            report.add(SpecProblem.UNBALANCED, axis=axes[place], value=shown)


def _shown(value: Value) -> str:
    return ", ".join(map(_shown, value)) if isinstance(value, tuple) else str(value)


def apply_tuple(design: Design, name: str, raw: Mapping[str, Any], report: SpecReport) -> None:
    """Keep the listed combinations of axes, in the order of the list. :func:`derive_axes` has checked the entry."""
    nodes = design.find_all(raw["axes"], report.at("axes"))
    _check_free(design, name, (), report)
    _bind(design, name, nodes, *design.items[name])


RULES: Final[Mapping[str, Callable[[Design, str, Any, SpecReport], None]]] = MappingProxyType(
    {"subsets": apply_subset, "ties": apply_tie, "pairs": apply_pair, "tuples": apply_tuple}
)


def _bind(
    design: Design, rule: str, nodes: Sequence[Node], items: Iterable[Sequence[object]], report: SpecReport
) -> list[tuple[Value, ...]]:
    """Join nodes, and keep only some combinations of their values. A repeated combination counts once.

    :param items: a raw value for each of the nodes.
    :returns: the combinations.
    :raises ReportedError: there are errors.
    """
    rows: dict[tuple[Value, ...], Row] = {}
    distinct = _distinct(nodes)
    with report.collect():
        for item in items:
            with suppress(ReportedError):
                values = _read_values(nodes, item, report)
                chosen = {node.name: value for node, value in zip(nodes, values, strict=True)}
                if any(chosen[node.name] != value for node, value in zip(nodes, values, strict=True)):
                    report.fail(SpecProblem.TIED, axis=nodes[0].axes[0], value=item)
                rows[values] = tuple(level for node in distinct for level in node.rows[chosen[node.name]])
    if not rows:
        # Every item has a wrong length, which was reported.
        raise ReportedError
    axes = tuple(axis for node in distinct for axis in node.axes)
    design.join(distinct, Node(rule, axes, rows, tuple(nodes)))
    return list(rows)


def _read_values(nodes: Sequence[Node], raw: Sequence[object], report: SpecReport) -> tuple[Value, ...]:
    return tuple(report.each(lambda pair: _read_value(*pair, report), zip(nodes, raw, strict=True)))


def _read_value(node: Node, raw: Any, report: SpecReport) -> Value:  # noqa: ANN401 - whatever a list holds
    """Read a value of a node: a level, or for a pair or tuple a list with a value for each part."""
    if node.parts:
        if not report.has_length(raw, len(node.parts)):
            raise ReportedError
        value = _read_values(node.parts, raw, report)
        if value not in node.rows:
            report.fail(SpecProblem.NOT_A_LEVEL, axis=node.name, value=raw)
        return value
    level = read_level(node.axes[0], raw, report)
    if level not in node.rows or (isinstance(level, str) and isinstance(raw, str) and raw != level):
        _refuse_lookalikes(node, [raw], report)
        report.fail(SpecProblem.NOT_A_LEVEL, axis=node.axes[0], value=raw, among=node.rows)
    return level
