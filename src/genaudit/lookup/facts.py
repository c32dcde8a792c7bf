"""Facts about one generation, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from genaudit.schemas import IdClass, ParentStatus, RecordState


@dataclass(frozen=True, slots=True)
class Identity:
    """The result of recomputing an id.

    :param id_class: its class.
    :param form: the form of the name: ``deterministic``, ``legacy`` or ``unknown``.
    :param collision_index: N of a collision suffix ``-N``, else 0.
    :param recomputed_id: the id that the record gives; ``None`` without a complete signature.
    :param migrated_id: the id after a migration.
    :param cause: cause of a new id in a migration: ``none``, ``own`` or ``cascade``.
    :param problem: the signature field that is missing or malformed.
    """

    id_class: IdClass
    form: str | None
    collision_index: int
    recomputed_id: str | None
    migrated_id: str | None
    cause: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class ParentLink:
    """The link of a generation to its parent.

    :param status: its state; ``root`` for a stage without parents.
    :param stage: stage of the parent.
    :param gen_id: the id that the record names.
    :param reaches_root: whether every link up to the first stage is intact.
    :param found_stage: for a broken link, another stage that has a generation of this name.
    :param near_miss: for a broken link, the closest id of the right stage.
    """

    status: ParentStatus
    stage: str | None
    gen_id: str | None
    reaches_root: bool
    found_stage: str | None = None
    near_miss: str | None = None


@dataclass(frozen=True, slots=True)
class Relative:
    """An ancestor or a descendant.

    :param parent_gen_id: the parent that its record names.
    :param id_class: class of its id.
    :param status: state of its link to its parent.
    """

    stage: str
    gen_id: str
    parent_gen_id: str | None
    template_id: str | None
    llm_model_id: str | None
    id_class: IdClass
    status: ParentStatus


@dataclass(frozen=True, slots=True, eq=False)
class GenerationFacts:
    """The facts about one generation.

    :param path: its folder below the data root, with forward slashes.
    :param state: result of reading its record.
    :param record: every field of ``metadata.json`` with its value; empty if the record cannot be read.
    :param files: by name, whether each artifact exists (and, for JSON, can be read).
    :param identity: class and recomputed ids.
    :param link: the link to its parent.
    :param above: its ancestors, nearest first.
    :param below: its descendants, level by level.
    :param cohorts: cohorts whose membership lists it, sorted.
    :param unread_cohorts: cohorts whose membership cannot be read, sorted.
    :param names: all its names, oldest first, current one last; empty if no migration renamed it.
    :param findings: its findings of the run, columns of :data:`genaudit.schemas.FINDINGS`.
    """

    stage: str
    gen_id: str
    path: str
    state: RecordState
    record: Mapping[str, Any]
    files: Mapping[str, bool]
    identity: Identity
    link: ParentLink
    above: tuple[Relative, ...]
    below: tuple[Relative, ...]
    cohorts: tuple[str, ...]
    unread_cohorts: tuple[str, ...]
    names: tuple[str, ...]
    findings: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """The outcomes of rebuilding a generation alone.

    :param selected: stage and id of the selection: the generation, or for an evaluation its essay.
    :param outcomes: columns of :data:`genaudit.lookup.outcomes.OUTCOMES`, a row or more for each mode.
    """

    selected: tuple[str, str]
    outcomes: pd.DataFrame
