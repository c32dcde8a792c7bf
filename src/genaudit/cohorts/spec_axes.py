"""Axes of a spec: their names, and the levels that each of them accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from genaudit.cohorts.spec_problems import Misread, SpecProblem, SpecReport
from genaudit.ids import SEPARATOR, normal_replicate, normal_text
from genaudit.stages import REPLICATE, STAGES

Level: TypeAlias = str | int
Row: TypeAlias = tuple[Level, ...]

FILE_PREFIX: Final = "@file:"
# The word in place of a model for essays that only copy their draft, and the only axis that may hold it.
NO_MODEL: Final = "None"
NO_MODEL_AXIS: Final = "essay_llm"

ID_AXES: Final = (
    "combo_id",
    *(axis for stage in STAGES.values() for axis in (stage.old_template_field, f"{stage.name}_llm")),
)
REPLICATE_AXES: Final = tuple(f"{stage}_{REPLICATE}" for stage in STAGES)
AXES: Final = (*ID_AXES, *REPLICATE_AXES)
# Other names of the axes, as the pipeline's own specs use them.
OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "combo": "combo_id",
        "draft_model": "draft_llm",
        "generation_llm": "draft_llm",
        "evaluation_llm_replicate": f"evaluation_{REPLICATE}",
        **{f"{stage.old_template_field}_{REPLICATE}": f"{stage.name}_{REPLICATE}" for stage in STAGES.values()},
        **{f"{stage}_rep": f"{stage}_{REPLICATE}" for stage in STAGES},
    }
)


def first_name(name: str) -> str:
    """Return the first name of an axis. Every other name is its own first name."""
    return OTHER_NAMES.get(name, name)


def read_level(axis: str, raw: object, report: SpecReport) -> Level | None:
    """Read a level of an axis: an id, or a replicate from 1 up.

    :param axis: by its first name.
    :returns: an id without surrounding blanks, or a replicate as a whole number; ``None`` if a problem was reported.
    """
    if axis not in AXES:
        raw = raw.text if isinstance(raw, Misread) else str(raw) if isinstance(raw, (bool, int, float)) else raw
    elif axis not in ID_AXES:
        replicate = normal_replicate(raw)
        if replicate is None:
            report.add(SpecProblem.OUT_OF_DOMAIN, axis=axis, value=raw)
        return replicate
    if not isinstance(raw, str):
        report.add(SpecProblem.EMPTY if raw is None else SpecProblem.NOT_TEXT, axis=axis, value=raw)
        return None
    text = raw.strip()
    if not text:
        report.add(SpecProblem.EMPTY, axis=axis, value=raw)
    elif SEPARATOR in text or not text.isprintable() or text.startswith(FILE_PREFIX):
        # A separator could give two signatures the same hash.
        report.add(SpecProblem.OUT_OF_DOMAIN, axis=axis, value=raw)
    elif text == NO_MODEL and axis in ID_AXES and axis != NO_MODEL_AXIS:
        report.add(SpecProblem.OUT_OF_DOMAIN, axis=axis, value=raw)
    else:
        return text
    return None


def read_levels(axis: str, cells: Iterable[object], report: SpecReport) -> tuple[Level, ...] | None:
    """Read the levels of an axis. A repeated level counts once.

    :returns: ``None`` if problems were reported: levels that differ only in case or blanks are one of them.
    """
    before = report.count
    found: dict[Level, None] = {}
    spelt: dict[object, object] = {}
    for raw in cells:
        level = read_level(axis, raw, report)
        if level is None:
            continue
        spelling = raw if isinstance(raw, str) and isinstance(level, str) else level
        if spelt.setdefault(normal_text(level) or level, spelling) != spelling:
            report.add(SpecProblem.CASE_OR_BLANKS, axis=axis, value=raw)
        found.setdefault(level)
    return tuple(found) if report.count == before else None
