"""Rules of a spec: subsets, ties, pairs and tuples, run over the nodes of a design.

A node is an axis, or the axes that a tie, pair or tuple has joined. Rules run in file order. After an error, later
rules skip the names that the failed rule mentions, so that one mistake is reported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from genaudit.cohorts.spec_axes import AXES, Level, Row, first_name, read_level, read_levels
from genaudit.cohorts.spec_file import has_length, read_entry, read_list, read_names
from genaudit.cohorts.spec_problems import SpecProblem, SpecReport
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

    def find(self, name: str, report: SpecReport, *, tied: bool = True) -> Node | None:
        """Find a node by its name or by one of its tied axes.

        :param tied: whether the name of a tied axis finds its tie.
        :returns: ``None`` if a problem was reported.
        """
        axis = first_name(name)
        rule = axis if axis in self.joined else name
        while rule in self.joined:
            rule = self.joined[rule]
        for node in self.nodes:
            if node.name in {name, axis} or (node.name == rule and tied and not node.parts):
                return node
            if node.name == rule:
                report.add(SpecProblem.BOUND if node.parts else SpecProblem.TIED, axis=axis, value=rule)
                return None
        report.add(SpecProblem.UNDECLARED, axis=axis, value=name, among=self.names)
        return None

    def find_all(self, names: Sequence[str], report: SpecReport) -> list[Node] | None:
        """Find several nodes, as :meth:`find` does."""
        found = [self.find(name, report) for name in names]
        nodes = [node for node in found if node is not None]
        return nodes if len(nodes) == len(found) else None

    def replace(self, old: Collection[Node], new: Node, *, at: int | None = None) -> None:
        """Replace nodes by the node that joins them, by default at the earliest of their positions."""
        places = [place for place, node in enumerate(self.nodes) if any(node is one for one in old)]
        place = min(places) if at is None else at
        behind = [node for index, node in enumerate(self.nodes) if index > place and index not in places]
        self.nodes = [*(node for index, node in enumerate(self.nodes[:place]) if index not in places), new, *behind]
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
                axes = raw.get("axes") if isinstance(raw, dict) else raw
                own = (
                    {first_name(axis) for axis in axes if isinstance(axis, str)} if isinstance(axes, list) else set()
                )
                ties |= {first_name(name)} - own
            elif section == "tuples":
                before = report.count
                _derive(design, name, raw, (ties, declared), report.at(section, name))
                if report.count > before:
                    design.broken.update(_mentioned(name, raw))


def _derive(design: Design, rule: str, raw: object, known: tuple[set[str], set[str]], report: SpecReport) -> None:
    """Append the axes of one tuple.

    :param known: the names of earlier ties, and the declared axes.
    """
    ties, declared = known
    entry = read_entry(raw, report, ("axes", "items"))
    names = read_names(entry["axes"], report.at("axes")) if entry else None
    if entry is None or names is None:
        return
    axes = [first_name(name) for name in names]
    for axis, count in Counter(axes).items():
        if count > 1:
            report.at("axes").add(SpecProblem.DUPLICATE, axis=axis, value=axis)
        elif axis in declared:
            report.at("axes").add(SpecProblem.DECLARED, axis=axis, value=axis)
    cells, inner = read_list(entry["items"], axes, design.base, report.at("items"))
    rows = [row for row in cells if has_length(row, len(axes), inner)]
    design.items[rule] = (rows, inner)
    for place, axis in enumerate(axes):
        if axis not in {*ties, *declared, *design.names}:
            levels = read_levels(axis, (row[place] for row in rows), inner)
            if levels:
                design.add_axis(axis, levels)


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
                mentioned = _mentioned(name, raw)
                before = report.count
                if design.broken.isdisjoint(mentioned):
                    RULES[section](design, name, raw, inside.at(name))
                if report.count > before or not design.broken.isdisjoint(mentioned):
                    design.broken.update(mentioned)


def _mentioned(name: str, raw: object) -> set[str]:
    """Return the names in a rule, as far as its entry is readable."""
    parts = [raw.get(key) for key in ("left", "right", "axes")] if isinstance(raw, dict) else [raw]
    words = [name, *(word for part in parts for word in (part if isinstance(part, list) else [part]))]
    return {first_name(word) for word in words if isinstance(word, str)}


def _is_free(design: Design, name: str, own: Collection[str], report: SpecReport) -> bool:
    """Check that the name of a rule is neither an axis, except its own, nor the name of an earlier rule."""
    if first_name(name) not in own and (first_name(name) in {*AXES, *design.names} or name in design.names):
        report.add(SpecProblem.NAME_TAKEN, axis=first_name(name), value=name)
        return False
    return True


def apply_subset(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Keep some levels of an axis or tie, in its own order.

    :param name: the axis or the tie.
    """
    node = design.find(name, report, tied=False)
    if node is None:
        return
    if node.parts:
        report.add(SpecProblem.BOUND, axis=name, value=name)
        return
    cells, inner = read_list(raw, node.axes[:1], design.base, report)
    levels = read_levels(node.axes[0], cells, inner)
    if levels and _no_lookalikes(node, cells, inner):
        for level in levels:
            if level not in node.rows:
                inner.warn("value_ignored", axis=node.name, value=level, among=node.rows)
        rows = {value: row for value, row in node.rows.items() if value in set(levels)}
        if not rows:
            inner.add(SpecProblem.NOTHING_LEFT, axis=node.name, value=list(levels), among=node.rows)
        design.nodes[design.nodes.index(node)] = Node(node.name, node.axes, rows)


def _no_lookalikes(node: Node, raw: Iterable[object], report: SpecReport) -> bool:
    """Report values that differ from a level of the node only in case or blanks."""
    known = {normal_text(value) for value in node.rows} - {None}
    found = [value for value in raw if normal_text(value) in known and value not in node.rows]
    for value in found:
        report.add(SpecProblem.CASE_OR_BLANKS, axis=node.axes[0], value=value, among=node.rows)
    return not found


def apply_tie(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Let axes share one value: their common levels, in the order of the first-named axis.

    :param raw: the axes, or a mapping with them under ``axes``.
    """
    entry = read_entry({"axes": raw} if isinstance(raw, list) else raw, report, ("axes",))
    names = read_names(entry["axes"], report.at("axes")) if entry else None
    nodes = design.find_all(names, report) if names else None
    if not names or not nodes or not _is_free(design, name, {first_name(word) for word in names}, report):
        return
    nodes = [node for place, node in enumerate(nodes) if not any(node is other for other in nodes[:place])]
    first = nodes[0]
    if bound := [node.name for node in nodes if node.parts]:
        report.add(SpecProblem.BOUND, axis=bound[0], value=bound[0])
    elif all(_no_lookalikes(first, node.rows, report) for node in nodes[1:]):
        axes = tuple(axis for node in nodes for axis in node.axes)
        common = [value for value in first.rows if all(value in node.rows for node in nodes[1:])]
        if not common:
            report.add(SpecProblem.NO_COMMON_VALUE, axis=first.axes[0], value=names)
            return
        own = first_name(name) if first_name(name) in axes else name
        place = next((index for index, node in enumerate(design.nodes) if node.name == own), None)
        design.replace(nodes, Node(own, axes, {value: (value,) * len(axes) for value in common}), at=place)


def apply_pair(design: Design, name: str, raw: object, report: SpecReport) -> None:
    """Keep the allowed pairs of two nodes, in the order of the list."""
    entry = read_entry(raw, report, ("left", "right", "allowed"), ("balance",))
    names = read_names([entry["left"], entry["right"]], report) if entry else None
    nodes = design.find_all(names, report) if names else None
    if entry is None or names is None or nodes is None or not _is_free(design, name, (), report):
        return
    balance = entry.get("balance")
    if first_name(names[0]) == first_name(names[1]):
        report.add(SpecProblem.DUPLICATE, axis=first_name(names[0]), value=names[1])
    elif balance is not None and balance not in _BALANCE:
        report.at("balance").add(SpecProblem.UNKNOWN, value=balance, among=_BALANCE)
    else:
        cells, inner = read_list(
            entry["allowed"], [first_name(each) for each in names], design.base, report.at("allowed")
        )
        rows = [row for row in cells if has_length(row, 2, inner)]
        pairs = _bind(design, name, nodes, rows, inner)
        for place, side in enumerate(("left", "right")):
            counts = Counter(pair[place] for pair in pairs)
            if balance in {side, "both"} and len(set(counts.values())) > 1:
                shown = {_shown(value): count for value, count in counts.items()}
                report.add(SpecProblem.UNBALANCED, axis=first_name(names[place]), value=shown)


def _shown(value: Value) -> str:
    return ", ".join(map(_shown, value)) if isinstance(value, tuple) else str(value)


def apply_tuple(design: Design, name: str, raw: Mapping[str, Any], report: SpecReport) -> None:
    """Keep the listed combinations of axes, in the order of the list. :func:`derive_axes` has checked the entry."""
    nodes = design.find_all(raw["axes"], report.at("axes"))
    if nodes and _is_free(design, name, (), report):
        _bind(design, name, nodes, *design.items[name])


RULES: Final[Mapping[str, Callable[[Design, str, Any, SpecReport], None]]] = MappingProxyType(
    {"subsets": apply_subset, "ties": apply_tie, "pairs": apply_pair, "tuples": apply_tuple}
)


def _bind(
    design: Design, rule: str, nodes: Sequence[Node], items: Iterable[Sequence[object]], report: SpecReport
) -> list[tuple[Value, ...]]:
    """Join nodes, and keep only some combinations of their values. A repeated combination counts once.

    :param items: a raw value for each of the nodes; two axes of one tie are the same node twice.
    :returns: the combinations; none if a problem was reported.
    """
    before = report.count
    rows: dict[tuple[Value, ...], Row] = {}
    distinct = list({id(node): node for node in nodes}.values())
    for item in items:
        values = tuple(_read_value(node, raw, report) for node, raw in zip(nodes, item, strict=True))
        if None in values:
            continue
        chosen = {id(node): value for node, value in reversed(list(zip(nodes, values, strict=True)))}
        if any(chosen[id(node)] != value for node, value in zip(nodes, values, strict=True)):
            report.add(SpecProblem.TIED, axis=nodes[0].axes[0], value=item)
        rows[values] = tuple(level for node in distinct for level in node.rows[chosen[id(node)]])
    if report.count > before or not rows:
        return []
    axes = tuple(axis for node in distinct for axis in node.axes)
    design.replace(distinct, Node(rule, axes, rows, tuple(nodes)))
    return list(rows)


def _read_value(node: Node, raw: Any, report: SpecReport) -> Value | None:  # noqa: ANN401 - whatever a list holds
    """Read a value of a node: a level, or for a pair or tuple a list with a value for each part."""
    before = report.count
    if not node.parts:
        value: Value | None = read_level(node.axes[0], raw, report)
        if value in node.rows and (raw == value or not isinstance(raw, str) or not isinstance(value, str)):
            return value
    elif has_length(raw, len(node.parts), report):
        value = tuple(_read_value(part, cell, report) for part, cell in zip(node.parts, raw, strict=True))
        if value in node.rows:
            return value
    if report.count == before and (node.parts or _no_lookalikes(node, [raw], report)):
        among = () if node.parts else node.rows
        report.add(SpecProblem.NOT_A_LEVEL, axis=node.name if node.parts else node.axes[0], value=raw, among=among)
    return None
