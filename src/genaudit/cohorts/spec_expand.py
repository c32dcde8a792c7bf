"""From a spec to the rows of its design, one at a time."""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING

from genaudit.cohorts.spec_model import OTHER_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genaudit.cohorts.spec_model import CohortSpec, Level


def expand(spec: CohortSpec) -> Iterator[dict[str, Level]]:
    """Make the rows of a design: the Cartesian product of its factors, the first one slowest.

    Nothing but the row at hand is kept, however many there are (:attr:`CohortSpec.row_count`).

    :returns: one mapping a row; its keys are the columns of ``field_order`` in that order. Replicates are whole
        numbers, all else is text; an essay without a model of its own has the word ``None``.
    """
    axes = [axis for factor in spec.factors for axis in factor.axes]
    places = [axes.index(OTHER_NAMES.get(name, name)) for name in spec.field_order]
    for parts in product(*(factor.rows for factor in spec.factors)):
        levels = tuple(chain.from_iterable(parts))
        yield {name: levels[place] for name, place in zip(spec.field_order, places, strict=True)}
