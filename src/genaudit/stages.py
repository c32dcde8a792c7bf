"""Table of stages: the only place with the rules for a stage's records.

A further stage, or another pipeline's stages, is a new row of :data:`STAGES`; parents precede their children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

REPLICATE: Final = "replicate"
PARENT: Final = "parent_gen_id"

# Every known field of a record, in the order in which it is written.
RECORD_FIELDS: Final = (
    "stage",
    "gen_id",
    "origin_cohort_id",
    "mode",
    "template_id",
    "combo_id",
    PARENT,
    "llm_model_id",
    REPLICATE,
)
TEXT_FIELDS: Final = RECORD_FIELDS[:-1]
MODES: Final = ("llm", "copy")

_MADE_OF: Final = ("template_id", "combo_id", PARENT, "llm_model_id", REPLICATE)


@dataclass(frozen=True, slots=True)
class Stage:
    """The rules for the generations of one stage.

    :param name: the folder below ``gens/``.
    :param prefix: the prefix of the stage's deterministic ids.
    :param parent: the stage of the parent, or ``None`` for the first stage.
    :param required: required fields of a record.
    :param extraneous: fields that do not belong in a record.
    :param signature: the text fields that are hashed into the id, in order; the replicate always comes last.
    :param old_template_field: the name of ``template_id`` in old records.
    :param template_catalog: the file below ``1_raw/`` that lists the stage's templates.
    """

    name: str
    prefix: str
    parent: str | None
    required: tuple[str, ...]
    extraneous: tuple[str, ...]
    signature: tuple[str, ...]
    old_template_field: str
    template_catalog: str

    @property
    def partitions(self) -> str:
        """The definition of the stage's partition keys in a pipeline."""
        return f"{self.name}_gens"

    @property
    def optional(self) -> frozenset[str]:
        """The optional fields of a generation, which a record may have or leave out."""
        return frozenset(_MADE_OF).difference(self.required, self.extraneous)


_TABLE: Final = (
    Stage(
        name="draft",
        prefix="d_",
        parent=None,
        required=("combo_id", "template_id", "llm_model_id", REPLICATE),
        extraneous=(PARENT,),
        signature=("combo_id", "template_id", "llm_model_id"),
        old_template_field="draft_template",
        template_catalog="draft_templates.csv",
    ),
    Stage(
        name="essay",
        prefix="e_",
        parent="draft",
        required=(PARENT, "template_id", REPLICATE),
        extraneous=("combo_id",),
        signature=(PARENT, "template_id"),
        old_template_field="essay_template",
        template_catalog="essay_templates.csv",
    ),
    Stage(
        name="evaluation",
        prefix="v_",
        parent="essay",
        required=(PARENT, "template_id", "llm_model_id", REPLICATE),
        extraneous=("combo_id",),
        signature=(PARENT, "template_id", "llm_model_id"),
        old_template_field="evaluation_template",
        template_catalog="evaluation_templates.csv",
    ),
)

STAGES: Final[Mapping[str, Stage]] = MappingProxyType({stage.name: stage for stage in _TABLE})
STAGE_NAMES: Final = tuple(STAGES)
