"""Causes of decisions: why a planned generation is not simply reused, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

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


class Explained(NamedTuple):
    """The causes of a member's decision, and their root: :data:`OWN`, or an ancestor as ``stage:id``."""

    causes: tuple[CauseDetail, ...]
    root: str
