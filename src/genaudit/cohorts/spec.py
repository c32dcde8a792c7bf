"""Reading a cohort spec: from a file or a mapping to a design that can be expanded.

A spec has three sections. ``axes`` maps names to levels, in the order in which they vary, the first the slowest.
``rules`` bind axes to one another and run in the order in which their sections stand. ``output.field_order`` names
every axis of the design once; a replicate axis that only stands there has the level 1.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.spec_design import Design
from genaudit.cohorts.spec_items import axis_named, read_levels
from genaudit.cohorts.spec_model import REPLICATE_AXES, CohortSpec, Document, Factor, OutputEntry, read_entry
from genaudit.cohorts.spec_problems import Problem, Report
from genaudit.cohorts.spec_rules import apply_rules
from genaudit.cohorts.spec_source import decode_spec, read_below
from genaudit.errors import DDError, Err
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SUFFIXES: Final = (".yaml", ".yml", ".json")


def load_spec(path: Path) -> CohortSpec:
    """Read a spec from a YAML or JSON file of at most 1 MiB, and the CSV files beside it that it refers to.

    No link is followed, and no file outside of the spec's folder is read.

    :param path: ends in ``.yaml``, ``.yml`` or ``.json``.
    :raises DDError: ``DATA_MISSING``, reason ``spec_not_found``; ``INVALID_CONFIG`` as for :func:`parse_spec`.
    """
    report = Report(str(path), str(path))
    if path.suffix not in SUFFIXES:
        report.add(Problem.UNKNOWN_FORMAT, value=path.suffix, among=SUFFIXES)
        raise report.error()
    base = Path(os.path.realpath(path.parent))
    document = decode_spec(_read(path, base, report), path.suffix, report)
    if document is None:
        raise report.error()
    return _build(document, base, report)


def parse_spec(mapping: Mapping[str, Any], *, source: str = "spec", base: Path | None = None) -> CohortSpec:
    """Check a spec that comes as a mapping.

    :param mapping: as the file would give it; mappings keep their order, lists may be tuples.
    :param source: what errors call it.
    :param base: the folder of the CSV files that it refers to; without one it may not refer to any.
    :raises DDError: ``INVALID_CONFIG`` with ``file``, and everything that is wrong under ``problems`` (see
        :meth:`~genaudit.cohorts.spec_problems.Report.raise_any`); reason ``invalid_spec``, or ``invalid_constraint``
        when only rules are.
    """
    report = Report(source, source)
    raw = _plain(mapping)
    if not isinstance(raw, dict):
        report.add(Problem.NOT_OBJECT, value=raw)
        raise report.error()
    return _build(raw, base, report)


def _read(path: Path, base: Path, report: Report) -> bytes:
    try:
        return read_below(base, [path.name])
    except (FileNotFoundError, NotADirectoryError):
        raise DDError(Err.DATA_MISSING, {"reason": "spec_not_found", "path": str(path)}) from None
    except UnreadableError as error:
        report.add(Problem(error.state.value), value=error.detail)
    except OSError as error:
        report.add(Problem.UNREADABLE, value=error.strerror)
    raise report.error()


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def _build(raw: Mapping[str, Any], base: Path | None, report: Report) -> CohortSpec:
    read_entry(Document, raw, report)
    design = Design()
    for name, levels in _section(raw, "axes").items():
        _declare(design, name, levels, base, report.at("axes"))
    declared = {*design.axes, *design.broken}
    apply_rules(design, _section(raw, "rules"), base, report.at("rules"))
    output = raw.get("output")
    order = read_entry(OutputEntry, output, report.at("output")) if isinstance(output, dict) else None
    if order and (design.axes or design.broken):
        _check_columns(design, order.field_order, declared, report.at("output", "field_order"))
    if not design.factors and not report.count:
        report.at("axes").add(Problem.MISSING)
    if order is None or report.count:
        raise report.error()
    return CohortSpec(source=report.source, field_order=tuple(order.field_order), factors=tuple(design.factors))


def _section(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Take a section of which the document's shape says already whether it is one."""
    section = raw.get(name)
    return section if isinstance(section, dict) else {}


def _declare(design: Design, name: str, raw: object, base: Path | None, report: Report) -> None:
    axis = axis_named(name, report)
    if axis is None:
        return
    if axis in design.axes or axis in design.broken:
        report.add(Problem.DUPLICATE, axis=axis, value=name)
        return
    levels = read_levels(axis, raw, base, report.at(name))
    if levels is None:
        design.broken.add(axis)
    else:
        design.factors.append(Factor((axis,), tuple((level,) for level in levels)))


def _check_columns(design: Design, names: Sequence[str], declared: Collection[str], report: Report) -> None:
    """Hold the columns against the axes: each of them once, no others; a replicate that only stands here is 1."""
    seen: set[str] = set()
    for name in names:
        axis = axis_named(name, report)
        if axis is None:
            continue
        if axis in seen:
            report.add(Problem.DUPLICATE, axis=axis, value=name)
        elif axis not in design.axes and axis not in design.broken:
            if axis in REPLICATE_AXES:
                design.factors.append(Factor((axis,), ((1,),)))
            else:
                report.add(Problem.UNDECLARED, axis=axis, value=name, among=design.axes)
        seen.add(axis)
    for axis in dict.fromkeys((*design.axes, *sorted(declared))):
        if axis not in seen:
            report.add(Problem.MISSING, axis=axis)
