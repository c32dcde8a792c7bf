"""The causes for which a planned generation is not simply reused, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

OWN: Final = "own"


class Cause(StrEnum):
    """Why a planned generation is not simply reused.

    ``parent_is_new``: what it is made from is new, so its id is. ``new_replicate``: its signature is stored, and the
    plan asks for a further replicate. ``model_differs``: the stored one was made by another model.
    ``id_differs``: the plan's scheme gives the stored signature another id, so that asking for it would not find it.
    ``id_taken``: a record that holds another signature, or none that can be compared, has the id; the planned
    generation gets a collision id, and everything planned below it a new id.
    ``axis_new``: the template or the model was never used on what it is made from; ``template_inactive`` and
    ``model_inactive`` name those that were, and that the catalogs have retired. ``mode_copy``: it repeats its parent.

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


class Why(NamedTuple):
    """A cause of a decision.

    :param field: the field, or the file, that differs.
    :param stored: what the store has there.
    :param planned: what the plan asks for.
    :param of: the stored generation that was compared.
    """

    cause: str
    field: str | None = None
    stored: str | None = None
    planned: str | None = None
    of: str | None = None


class Explained(NamedTuple):
    """Why a member is not reused, and where that begins: :data:`OWN`, or an ancestor as ``stage:id``."""

    causes: tuple[Why, ...]
    root: str
