"""Cohort specs: reader, and expansion into the rows of the design.

A spec has three sections. ``axes`` maps names to levels, the first axis the slowest. ``rules`` bind axes to one
another and run in file order. ``output.field_order`` names the leading columns of the rows.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any, Final

from genaudit.cohorts.design_size import check_size
from genaudit.cohorts.spec_checks import (
    AXES,
    OTHER_NAMES,
    Level,
    ReportedError,
    SpecProblem,
    SpecReport,
    first_name,
)
from genaudit.cohorts.spec_file import decode_spec, read_below, read_levels, read_list, reporting
from genaudit.cohorts.spec_rules import Design, Node, apply_rules, derive_axes
from genaudit.errors import DDError, Err, Reason
from genaudit.limits import MAX_MEMBERS

SUFFIXES: Final = (".yaml", ".yml", ".json")
_SECTIONS: Final = ("axes", "rules", "output")


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """A spec after reading, checking and running its rules.

    :param source: the name of the spec in errors.
    :param field_order: the leading columns of a row, as the spec spells them.
    :param factors: the factors of the Cartesian product, the slowest first.
    :param warnings: parts of the spec that were ignored, as plain mappings.
    """

    source: str
    field_order: tuple[str, ...]
    factors: tuple[Node, ...]
    warnings: tuple[Mapping[str, Any], ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """All axes of the design by their first names, in the order of the factors."""
        return tuple(axis for factor in self.factors for axis in factor.axes)

    @property
    def row_count(self) -> int:
        """The number of rows of the design, computed without expanding it."""
        return math.prod(len(factor.rows) for factor in self.factors)


def load_spec(path: Path, max_members: int = MAX_MEMBERS) -> CohortSpec:
    """Read a spec from a YAML or JSON file of at most 1 MiB, and the files beside it that it refers to.

    No link is followed, and no file outside of the spec's folder is read.

    :param path: ends in ``.yaml``, ``.yml`` or ``.json``.
    :param max_members: the largest number of rows.
    :raises DDError: ``DATA_MISSING``, reason ``spec_not_found``; ``INVALID_CONFIG`` as for :func:`parse_spec`.
    """
    report = SpecReport(str(path), str(path))
    if path.suffix not in SUFFIXES:
        report.add(SpecProblem.UNKNOWN_FORMAT, value=path.suffix, among=SUFFIXES)
        raise report.error()
    base = Path(os.path.realpath(path.parent))
    try:
        document = decode_spec(_read(path, base, report), path.suffix, report)
    except ReportedError:
        raise report.error() from None
    return _build(document, base, report, max_members)


def parse_spec(
    mapping: Mapping[str, Any], *, source: str = "spec", base: Path | None = None, max_members: int = MAX_MEMBERS
) -> CohortSpec:
    """Read a spec from a mapping.

    :param mapping: the contents of a spec file; lists may be tuples.
    :param source: the name of the spec in errors.
    :param base: the folder of the files that the spec refers to; without one it may not refer to any.
    :raises DDError: ``INVALID_CONFIG`` with ``file``: reason ``invalid_spec``, or ``invalid_constraint`` if only
        rules have errors, with all errors under ``problems`` (see
        :meth:`~genaudit.cohorts.spec_checks.SpecReport.error`); as
        :func:`~genaudit.cohorts.design_size.check_size`.
    """
    report = SpecReport(source, source)
    raw = _plain(mapping)
    if not isinstance(raw, dict):
        report.add(SpecProblem.NOT_OBJECT, value=raw)
        raise report.error()
    return _build(raw, base, report, max_members)


def _read(path: Path, base: Path, report: SpecReport) -> bytes:
    with reporting(report):
        try:
            return read_below(base, [path.name])
        except (FileNotFoundError, NotADirectoryError):
            raise DDError(Err.DATA_MISSING, {"reason": Reason.SPEC_NOT_FOUND, "path": str(path)}) from None


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def _build(raw: Mapping[str, Any], base: Path | None, report: SpecReport, max_members: int) -> CohortSpec:
    _warn_of_unknown(raw, _SECTIONS, report)
    design = Design(base)
    for name, levels in _section(raw, "axes", report).items():
        _declare(design, name, levels, report.at("axes"))
    rules = {} if raw.get("rules") is None else _section(raw, "rules", report)
    derive_axes(design, rules, report.at("rules"))
    apply_rules(design, rules, report.at("rules"))
    order: list[str] = []
    with suppress(ReportedError):
        order = _field_order(raw, design, report)
    if not design.nodes and not report.count:
        report.at("axes").add(SpecProblem.MISSING)
    report.raise_any()
    spec = CohortSpec(report.source, tuple(order), tuple(design.nodes), tuple(report.gathered.warnings))
    check_size(spec.source, {" + ".join(factor.axes): len(factor.rows) for factor in spec.factors}, max_members)
    return spec


def _warn_of_unknown(raw: Mapping[str, Any], known: Sequence[str], report: SpecReport) -> None:
    for key in raw:
        if key not in known:
            report.warn("key_ignored", value=key, among=known)


def _section(raw: Mapping[str, Any], name: str, report: SpecReport) -> Mapping[str, Any]:
    section = raw.get(name, {})
    if isinstance(section, dict):
        return section
    report.at(name).add(SpecProblem.WRONG_TYPE, value=section)
    return {}


def _declare(design: Design, name: str, raw: object, report: SpecReport) -> None:
    axis = first_name(name)
    others = (*AXES, *OTHER_NAMES, *design.names)
    if axis in design.names or axis in design.broken:
        report.add(SpecProblem.DUPLICATE, axis=axis, value=name)
    elif not name.strip():
        report.add(SpecProblem.EMPTY, value=name)
    elif axis not in AXES and name.strip().lower() in {other.strip().lower() for other in others}:
        report.add(SpecProblem.CASE_OR_BLANKS, axis=name, value=name, among=others)
        design.broken.add(axis)
    else:
        if axis not in AXES:
            report.warn("axis_ignored", axis=name, value=name, among=others)
        with design.breaking({axis}, report):
            cells, inner = read_list(raw, (axis,), design.base, report.at(name))
            design.add_axis(axis, read_levels(axis, cells, inner))


def _field_order(raw: Mapping[str, Any], design: Design, report: SpecReport) -> list[str]:
    """Check the section ``output`` and take the order of the columns from it."""
    inside = report.at("output")
    output = raw.get("output")
    if not isinstance(output, dict):
        inside.fail(SpecProblem.WRONG_TYPE if "output" in raw else SpecProblem.MISSING, value=output)
    _warn_of_unknown(output, ("field_order",), inside)
    inside = report.at("output", "field_order")
    if "field_order" not in output:
        inside.fail(SpecProblem.MISSING)
    names = inside.names(output["field_order"])
    axes = {axis for node in design.nodes for axis in node.axes}
    seen: set[str] = set()
    for name in names:
        axis = first_name(name)
        if axis in seen:
            inside.add(SpecProblem.DUPLICATE, axis=axis, value=name)
        elif (axes or design.broken) and axis not in {*axes, *design.broken}:
            inside.add(SpecProblem.UNDECLARED, axis=axis, value=name, among=sorted(axes))
        seen.add(axis)
    return names


def expand(spec: CohortSpec) -> Iterator[dict[str, Level]]:
    """Yield the rows of a design: the Cartesian product of its factors, the first one slowest.

    :returns: one mapping per row, first the columns of ``field_order``, then all other axes by their first names.
        Replicates are whole numbers.
    """
    spelt = {first_name(name): name for name in spec.field_order}
    axes = spec.axes
    order = [*spelt, *(axis for axis in axes if axis not in spelt)]
    columns = [(spelt.get(axis, axis), axes.index(axis)) for axis in order]
    for parts in product(*(factor.rows.values() for factor in spec.factors)):
        levels = tuple(chain.from_iterable(parts))
        yield {name: levels[place] for name, place in columns}
