"""What a spec is made of: the names of its axes, the shape of its entries, and the design that comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, ValidationError

from genaudit.cohorts.spec_problems import Problem
from genaudit.stages import REPLICATE, STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.cohorts.spec_problems import Report

Level: TypeAlias = str | int
Row: TypeAlias = tuple[Level, ...]

# The word in place of a model for essays that only copy their draft, and the one axis where it may stand.
NO_MODEL: Final = "None"
NO_MODEL_AXIS: Final = "essay_llm"

ID_AXES: Final = (
    "combo_id",
    *(axis for stage in STAGES.values() for axis in (stage.old_template_field, f"{stage.name}_llm")),
)
REPLICATE_AXES: Final = tuple(f"{stage}_{REPLICATE}" for stage in STAGES)
AXES: Final = (*ID_AXES, *REPLICATE_AXES)
# The other name of each replicate axis, as the pipeline's own specs have it.
OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {f"{stage.old_template_field}_{REPLICATE}": f"{stage.name}_{REPLICATE}" for stage in STAGES.values()}
)


class _Entry(BaseModel):
    """A mapping of the file: exactly these keys, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Entries: TypeAlias = Annotated[dict[str, Any], Field(min_length=1)]


class Document(_Entry):
    """The top level of a spec; what an axis and a rule consist of depends on its kind."""

    axes: Entries = Field(default_factory=dict)
    rules: Entries = Field(default_factory=dict)
    output: dict[str, Any]


class OutputEntry(_Entry):
    """The section ``output``: the columns of the design, in order."""

    field_order: Annotated[list[str], Field(min_length=1)]


class TieEntry(_Entry):
    """A rule by which axes share one value."""

    axes: Annotated[list[str], Field(min_length=2)]


class PairEntry(_Entry):
    """A rule that leaves only the allowed pairs of two axes.

    :param allowed: a list of pairs, or a file of them.
    :param balance: the side whose levels must all occur equally often among the pairs.
    """

    left: str
    right: str
    allowed: Any
    balance: Literal["left", "right", "both"] | None = None


class TupleEntry(_Entry):
    """A rule that leaves only the listed combinations of some axes.

    :param items: a list of combinations, or a file of them.
    """

    axes: Annotated[list[str], Field(min_length=2)]
    items: Any


AnEntry = TypeVar("AnEntry", bound=_Entry)


def read_entry(model: type[AnEntry], raw: object, report: Report) -> AnEntry | None:
    """Check the shape of an entry.

    :returns: ``None`` when problems were reported instead.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=True):
            _report_shape(model, details, report)
        return None


def _report_shape(model: type[_Entry], details: Mapping[str, Any], report: Report) -> None:
    *above, last = details["loc"] or ("",)
    match details["type"]:
        case "missing":
            report.at(*above, last).add(Problem.MISSING)
        case "extra_forbidden":
            report.at(*above).add(Problem.UNKNOWN, value=last, among=model.model_fields)
        case "literal_error":
            report.at(*above, last).add(Problem.UNKNOWN, value=details["input"], among=("left", "right", "both"))
        case "too_short":
            problem = Problem.WRONG_LENGTH if details["input"] else Problem.EMPTY
            report.at(*above, last).add(problem, value=details["input"])
        case _:
            report.at(*above, last).add(Problem.WRONG_TYPE, value=details["input"])


@dataclass(frozen=True, slots=True)
class Factor:
    """Axes that vary together: one axis, or several that rules have bound.

    :param axes: the columns of the rows.
    :param rows: the combinations of levels that may occur, in order.
    :param bound_by: the names of the pairs and tuples that bound the axes, if any.
    """

    axes: tuple[str, ...]
    rows: tuple[Row, ...]
    bound_by: tuple[str, ...] = ()

    def levels(self, axis: str) -> tuple[Level, ...]:
        """The distinct levels of one of the axes, in the order in which they first occur."""
        column = self.axes.index(axis)
        return tuple(dict.fromkeys(row[column] for row in self.rows))


class CohortSpec(BaseModel):
    """A spec that was read, checked and brought into the form of a design.

    :param source: where it came from, as errors name it.
    :param field_order: the columns of the design's rows, as the spec spells them.
    :param factors: what the rows are the Cartesian product of, the slowest first.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    field_order: tuple[str, ...]
    factors: SkipValidation[tuple[Factor, ...]]

    @property
    def levels(self) -> dict[str, tuple[Level, ...]]:
        """The levels of every axis that are left after all rules, by the axis's first name."""
        return {axis: factor.levels(axis) for factor in self.factors for axis in factor.axes}

    @property
    def row_count(self) -> int:
        """The number of rows of the design, without making them."""
        return math.prod(len(factor.rows) for factor in self.factors)
