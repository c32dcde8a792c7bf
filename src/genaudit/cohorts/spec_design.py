"""The design while rules run over it: axes, and what has bound them to one another so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.spec_model import Factor, Level, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# Ties between pairs and tuples multiply; the product of the factors is lazy, but the rows of one factor are not.
MAX_ROWS: Final = 1_000_000


class TooManyRowsError(Exception):
    """Binding the axes would give one factor more than :data:`MAX_ROWS` rows."""


@dataclass(slots=True)
class Design:
    """Factors in the order in which they vary, the slowest first.

    :param factors: each axis stands in one of them.
    :param broken: axes of which something is wrong already; nothing that depends on their levels is checked, so that
        one mistake is one problem.
    """

    factors: list[Factor] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    @property
    def axes(self) -> tuple[str, ...]:
        """All axes that stand, as far as they are not broken."""
        return tuple(axis for factor in self.factors for axis in factor.axes)

    def factor_of(self, axis: str) -> Factor | None:
        """The factor that an axis stands in."""
        return next((factor for factor in self.factors if axis in factor.axes), None)

    def levels(self, axis: str) -> tuple[Level, ...]:
        """The levels of an axis that are left; none when it does not stand."""
        factor = self.factor_of(axis)
        return factor.levels(axis) if factor else ()

    def break_off(self, axes: Iterable[str]) -> None:
        """Give axes up, together with all that vary with them."""
        for axis in axes:
            factor = self.factor_of(axis)
            self.broken.update(factor.axes if factor else (axis,))
            if factor:
                self.factors.remove(factor)

    def keep(self, axis: str, levels: Collection[Level]) -> None:
        """Keep only the rows in which an axis has one of some levels."""
        for place, factor in enumerate(self.factors):
            if axis in factor.axes:
                column = factor.axes.index(axis)
                kept = set(levels)
                rows = tuple(row for row in factor.rows if row[column] in kept)
                self.factors[place] = Factor(factor.axes, rows, factor.bound_by)

    def tie(self, axes: Sequence[str]) -> bool:
        """Keep only the rows in which some axes have one and the same level.

        :returns: whether any row is left; if none is, the design stays as it was.
        :raises TooManyRowsError: the design stays as it was.
        """
        tied = set(axes)
        joined: Factor | None = None
        for factor in self._involved(axes):
            alike = _alike(factor, [axis for axis in factor.axes if axis in tied])
            joined = alike if joined is None else _join(joined, alike, tied)
        if joined is None or not joined.rows:
            return False
        self._replace(axes, joined)
        return True

    def bind(self, axes: Sequence[str], items: Sequence[Row], rule: str) -> None:
        """Leave only some combinations of axes, none of which a pair or tuple has bound before.

        Axes that a tie has bound to one of these take its level along.

        :param items: a level for each of the axes, alike for those that are tied.
        """
        source = dict(zip(axes, range(len(axes)), strict=True))
        for factor in self._involved(axes):
            leader = next(axis for axis in axes if axis in factor.axes)
            for axis in factor.axes:
                source.setdefault(axis, source[leader])
        columns = tuple(source.values())
        rows = tuple(tuple(item[column] for column in columns) for item in items)
        self._replace(axes, Factor(tuple(source), rows, (rule,)))

    def _involved(self, axes: Collection[str]) -> list[Factor]:
        return [factor for factor in self.factors if not set(axes).isdisjoint(factor.axes)]

    def _replace(self, axes: Collection[str], by: Factor) -> None:
        """Put a factor where the first of the factors that it is made of stood; last, where there was none."""
        involved = self._involved(axes)
        place = self.factors.index(involved[0]) if involved else len(self.factors)
        behind = [factor for factor in self.factors[place:] if factor not in involved]
        self.factors[place:] = [by, *behind]


def _alike(factor: Factor, axes: Sequence[str]) -> Factor:
    """Keep the rows of a factor in which these of its axes have one level."""
    columns = [factor.axes.index(axis) for axis in axes]
    rows = tuple(row for row in factor.rows if len({row[column] for column in columns}) == 1)
    return Factor(factor.axes, rows, factor.bound_by)


def _join(left: Factor, right: Factor, tied: Collection[str]) -> Factor:
    """Combine the rows of two factors whose tied axes have the same level, in the order of the left one."""
    left_column = next(place for place, axis in enumerate(left.axes) if axis in tied)
    right_column = next(place for place, axis in enumerate(right.axes) if axis in tied)
    matching: defaultdict[Level, list[Row]] = defaultdict(list)
    for row in right.rows:
        matching[row[right_column]].append(row)
    if sum(len(matching[row[left_column]]) for row in left.rows) > MAX_ROWS:
        raise TooManyRowsError
    rows = tuple(row + other for row in left.rows for other in matching[row[left_column]])
    return Factor(left.axes + right.axes, rows, left.bound_by + right.bound_by)
