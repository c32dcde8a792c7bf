"""The four kinds of rules: check one against the design as it stands, then apply it.

Sections run in the order of the file, and so do the rules of a section. A rule that has a problem gives up the axes
that it names (:meth:`Design.break_off`).
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from genaudit.cohorts.spec_design import TooManyRowsError
from genaudit.cohorts.spec_items import axis_named, read_level, read_levels, read_listing, report_twins
from genaudit.cohorts.spec_model import AXES, OTHER_NAMES, PairEntry, TieEntry, TupleEntry, read_entry
from genaudit.cohorts.spec_problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from genaudit.cohorts.spec_design import Design
    from genaudit.cohorts.spec_model import Level, Row
    from genaudit.cohorts.spec_problems import Report

Rule: TypeAlias = "Callable[[Design, str, object, Path | None, Report], None]"


def apply_rules(design: Design, rules: Mapping[str, object], base: Path | None, report: Report) -> None:
    """Run all rules of a spec over its declared axes.

    :param rules: the sections in file order, each a mapping of rule names (for ``subsets``: axes) to entries.
    :param base: the folder of the spec's files.
    """
    for section, entries in rules.items():
        inside = report.at(section)
        if section not in RULES:
            report.add(Problem.UNKNOWN, value=section, among=RULES)
        elif not isinstance(entries, dict):
            inside.add(Problem.WRONG_TYPE, value=entries)
        elif not entries:
            inside.add(Problem.EMPTY)
        else:
            for name, raw in entries.items():
                before = report.count
                RULES[section](design, name, raw, base, inside.at(name))
                if report.count > before:
                    design.break_off(_mentioned(name, raw))


def _mentioned(name: str, raw: object) -> list[str]:
    """The axes that a rule names, as far as its entry can be read at all."""
    values = [name, raw, *(raw.values() if isinstance(raw, dict) else ())]
    words = [word for value in values for word in (value if isinstance(value, list) else [value])]
    axes = [OTHER_NAMES.get(word, word) for word in words if isinstance(word, str)]
    return [axis for axis in axes if axis in AXES]


def apply_subset(design: Design, name: str, raw: object, base: Path | None, report: Report) -> None:
    """Keep only the listed levels of an axis, in the axis's own order.

    :param name: the axis.
    """
    axis = _standing(name, design, report)
    if axis is None:
        return
    levels = read_levels(axis, raw, base, report)
    if levels is None or axis in design.broken:
        return
    present = design.levels(axis)
    if _are_levels(axis, levels, present, report):
        design.keep(axis, levels)


def apply_tie(design: Design, name: str, raw: object, _base: Path | None, report: Report) -> None:
    """Let axes share one value: of their levels those that they all have, in the order of the axis that stands first.

    :param raw: the axes, or a mapping that has them under ``axes``.
    """
    entry = read_entry(TieEntry, {"axes": raw} if isinstance(raw, list) else raw, report)
    axes = _all_standing(entry.axes, design, report) if entry else None
    if axes is None or _is_broken(axes, design):
        return
    try:
        if not design.tie(axes):
            report.add(Problem.NO_COMMON_VALUE, axis=axes[0], value=[*axes])
    except TooManyRowsError:
        report.add(Problem.TOO_MANY, axis=axes[0], value=name)


def apply_pair(design: Design, name: str, raw: object, base: Path | None, report: Report) -> None:
    """Leave only the allowed pairs of two axes, in the order in which they are listed."""
    entry = read_entry(PairEntry, raw, report)
    axes = _all_standing((entry.left, entry.right), design, report) if entry else None
    if entry is None or axes is None:
        return
    before = {axis: design.levels(axis) for axis in axes}
    pairs = _bind(design, name, axes, entry.allowed, base=base, report=report.at("allowed"))
    for axis, side in zip(axes, ("left", "right"), strict=True):
        if pairs and entry.balance in (side, "both"):
            counts = Counter(dict.fromkeys(before[axis], 0))
            counts.update(pair[axes.index(axis)] for pair in pairs)
            if len(set(counts.values())) > 1:
                report.add(Problem.UNBALANCED, axis=axis, value=dict(counts))


def apply_tuple(design: Design, name: str, raw: object, base: Path | None, report: Report) -> None:
    """Leave only the listed combinations of axes; those that do not stand yet get their levels from the items."""
    entry = read_entry(TupleEntry, raw, report)
    axes = _all_named(entry.axes, report.at("axes")) if entry else None
    if entry and axes:
        _bind(design, name, axes, entry.items, base=base, report=report.at("items"))


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {"subsets": apply_subset, "ties": apply_tie, "pairs": apply_pair, "tuples": apply_tuple}
)


def _standing(name: str, design: Design, report: Report) -> str | None:
    """Find an axis that a rule takes for declared."""
    axis = axis_named(name, report)
    if axis is None or axis in design.broken or axis in design.axes:
        return axis
    report.add(Problem.UNDECLARED, axis=axis, value=name, among=design.axes)
    return None


def _all_standing(names: Sequence[str], design: Design, report: Report) -> tuple[str, ...] | None:
    axes = _all_named(names, report)
    standing = [_standing(name, design, report) for name in axes or ()]
    return axes if axes and None not in standing else None


def _all_named(names: Sequence[str], report: Report) -> tuple[str, ...] | None:
    """Find the axes of a rule, each of them once."""
    axes = [axis for name in names if (axis := axis_named(name, report))]
    twice = [axis for axis, count in Counter(axes).items() if count > 1]
    for axis in twice:
        report.add(Problem.DUPLICATE, axis=axis, value=axis)
    return None if twice or len(axes) < len(names) else tuple(axes)


def _is_broken(axes: Sequence[str], design: Design) -> bool:
    """Say whether a rule has nothing sound to work on; its other axes then have nothing sound to say either."""
    if design.broken.isdisjoint(axes):
        return False
    design.break_off(axes)
    return True


def _bind(
    design: Design, rule: str, axes: tuple[str, ...], raw: object, *, base: Path | None, report: Report
) -> list[Row] | None:
    """Check the items of a pair or a tuple and bind its axes.

    :returns: the items; ``None`` when there were problems, or nothing sound to check them against.
    """
    before = report.count
    listing = read_listing(raw, axes, base, report)
    report = listing.report
    cells = [[read_level(axis, cell, report) for axis, cell in zip(axes, row, strict=True)] for row in listing.rows]
    items = [tuple(level for level in row if level is not None) for row in cells if None not in row]
    for item in (item for item, count in Counter(items).items() if count > 1):
        report.add(Problem.DUPLICATE, value=item)
    for axis, column in zip(axes, zip(*items, strict=True), strict=False):
        _check_column(design, axis, tuple(dict.fromkeys(column)), report)
    _check_ties(design, axes, items, report)
    if report.count > before or not items or _is_broken(axes, design):
        return None
    design.bind(axes, items, rule)
    return items


def _check_column(design: Design, axis: str, levels: Sequence[Level], report: Report) -> None:
    factor = design.factor_of(axis)
    if factor is None:
        report_twins(axis, levels, report)
    elif factor.bound_by:
        report.add(Problem.OVERLAP, axis=axis, value=factor.bound_by)
    else:
        _are_levels(axis, levels, factor.levels(axis), report)


def _are_levels(axis: str, levels: Sequence[Level], present: Sequence[Level], report: Report) -> bool:
    known = set(present)
    strange = [level for level in levels if level not in known]
    for level in strange:
        report.add(Problem.NOT_A_LEVEL, axis=axis, value=level, among=present)
    return not strange


def _check_ties(design: Design, axes: Sequence[str], items: Sequence[Row], report: Report) -> None:
    """Check that items give axes the same level that a tie has bound to one another."""
    for factor in design.factors:
        places = [place for place, axis in enumerate(axes) if axis in factor.axes and not factor.bound_by]
        for item in items if len(places) > 1 else ():
            if len({item[place] for place in places}) > 1:
                report.add(Problem.TIED, axis=axes[places[0]], value=item)
