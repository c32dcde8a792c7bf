"""Causes of decisions: why a planned generation is not simply reused, as data."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

Texts = NDArray[np.object_]

OWN: Final = "own"


class Cause(StrEnum):
    """Why a planned generation is not simply reused.

    ``parent_is_new``: its parent or combo is new, so its id is. ``new_replicate``: its signature is stored, and the
    plan adds a further replicate. ``model_differs``: the stored one was made by another model. ``id_differs``: the
    plan's scheme gives the stored signature another id, so the plan would not find it. ``id_taken``: a record with
    another signature, or one that cannot be compared, has the id; the planned generation gets a collision id, and all
    its planned descendants new ids. ``axis_new``: the template or the model was never used under its parent;
    ``template_inactive`` and ``model_inactive`` name those that were used and that the catalogs have retired.
    ``mode_copy``: it repeats its parent.

    A stored generation that is not reused, or one that is blocked, has the cause of its outcome too
    (:class:`genaudit.decisions.Outcome`): ``prompt_missing``, ``template_missing`` and the like, or
    ``content_changed``: its prompt is not what today's inputs render, and drifted generations are made again.
    """

    PARENT_IS_NEW = "parent_is_new"
    NEW_REPLICATE = "new_replicate"
    MODEL_DIFFERS = "model_differs"
    ID_DIFFERS = "id_differs"
    ID_TAKEN = "id_taken"
    AXIS_NEW = "axis_new"
    TEMPLATE_INACTIVE = "template_inactive"
    MODEL_INACTIVE = "model_inactive"
    MODE_COPY = "mode_copy"


class CauseDetail(NamedTuple):
    """A cause of a decision.

    :param field: the field or file that differs.
    :param stored: the stored value.
    :param planned: the planned value.
    :param of: the stored generation in the comparison.
    """

    cause: str
    field: str | None = None
    stored: str | None = None
    planned: str | None = None
    of: str | None = None

    @property
    def text(self) -> str:
        """The cause as JSON, with a comma behind it."""
        known = {name: str(value) for name, value in zip(self._fields, self, strict=True) if value is not None}
        return f"{orjson.dumps(known).decode()},"

    @property
    def start(self) -> str:
        """The text without its end, which :func:`ends` makes: only the compared generation differs in many rows."""
        return self.text[:-2]

    @property
    def condition(self) -> str:
        """The value under which the generation would be reused, as JSON with a comma behind it."""
        return f"{orjson.dumps({'field': self.field, 'value': self.stored}).decode()}," if self.stored else ""


def ends(names: Sequence[str], rows: NDArray[np.int64]) -> Texts:
    """Return the end of a cause's text for the compared generation of each row, made once for each.

    :param rows: places in the names, or :data:`genaudit.encoded.MISSING` for none.
    """
    known, numbers = np.unique(rows, return_inverse=True)
    made = [f',"of":{orjson.dumps(names[row]).decode()}}},' if row >= 0 else "}," for row in known.tolist()]
    return texts(made)[numbers]


def texts(values: Sequence[str | None]) -> Texts:
    """Put texts into an array."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


class Explanations:
    """Explanations of a stage's generations, a row for each.

    :param why: the rows that are not reused.
    :param causes: their causes, as :attr:`CauseDetail.text`.
    :param conditions: the field values under which they would be reused, as :attr:`CauseDetail.condition`.
    :param roots: the root of each row's causes: :data:`OWN`, or an ancestor as ``stage:id``; ``None`` if reused.
    """

    def __init__(self, why: NDArray[np.bool_]) -> None:
        self.why = why
        self.causes = np.full(len(why), "", dtype=object)
        self.conditions = np.full(len(why), "", dtype=object)
        self.roots = np.full(len(why), None, dtype=object)
        self.roots[why] = OWN
        self._rows: dict[str, NDArray[np.bool_]] = {}

    def add(self, cause: str, rows: NDArray[Any], causes: Texts | str, conditions: Texts | str = "") -> None:
        """Add a cause to some rows."""
        if not len(rows):
            return
        self.causes[rows] += causes
        if len(conditions):
            self.conditions[rows] += conditions
        self.note(cause, rows)

    def note(self, cause: str, rows: NDArray[Any]) -> None:
        """Count rows that have a cause."""
        self._rows.setdefault(cause, np.zeros(len(self.why), dtype=bool))[rows] = True

    @property
    def counts(self) -> dict[str, int]:
        """The number of generations with each cause."""
        return {cause: int(rows.sum()) for cause, rows in self._rows.items() if rows.any()}
