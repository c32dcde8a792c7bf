"""The table of stages: the only place that spells out the rules of a stage.

:data:`STAGES` is the built-in table; a further stage is a new row of it, after its parent. A store may bring its own
table (:mod:`genaudit.stage_file`): a snapshot carries the table of its store, and modules take it from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

REPLICATE: Final = "replicate"
PARENT: Final = "parent_gen_id"

# The fields of every table's records, in the order in which they are written.
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

_HASHED: Final = frozenset({"template_id", "combo_id", PARENT, "llm_model_id"})
_MADE_OF: Final = ("template_id", "combo_id", PARENT, "llm_model_id", REPLICATE)


_PARTITIONS: Final = "_gens"


def partitions_of(stage: str) -> str:
    """Return the name under which a pipeline keeps the partition keys of a stage."""
    return f"{stage}{_PARTITIONS}"


def stage_of_partitions(definition: str) -> str:
    """Return the stage whose partition keys have a name."""
    return definition.removesuffix(_PARTITIONS)


@dataclass(frozen=True, slots=True)
class Stage:
    """The rules for the generations of one stage.

    :param name: the folder below ``gens/``.
    :param prefix: the prefix of the stage's deterministic ids.
    :param parent: the stage of the parent, or ``None`` for the first stage.
    :param required: required fields of a record.
    :param extraneous: fields that do not belong in a record.
    :param signature: the text fields that are hashed into the id, in order; the replicate always comes last.
    :param old_template_field: the name of ``template_id`` in old records; empty if there is none.
    :param template_catalog: the file below ``1_raw/`` that lists the stage's templates; empty if there is none.
    """

    name: str
    prefix: str
    parent: str | None
    required: tuple[str, ...]
    extraneous: tuple[str, ...]
    signature: tuple[str, ...]
    old_template_field: str = ""
    template_catalog: str = ""

    @property
    def partitions(self) -> str:
        """The name under which a pipeline keeps the stage's partition keys."""
        return partitions_of(self.name)

    @property
    def optional(self) -> frozenset[str]:
        """The optional fields of a generation, which a record may have or leave out."""
        return frozenset(_MADE_OF).difference(self.required, self.extraneous)


class StageTable(Mapping[str, Stage]):
    """The stages of a store by name, parents before their children; hashable and unchangeable.

    ``record_fields`` are the fields of its records in the order in which they are written, ``text_fields`` the same
    without the replicate, and ``hashed_fields`` those that are compared in lower case because they go into ids.

    :param rows: the stages, parents before their children.
    """

    __slots__ = ("_hash", "_rows", "hashed_fields", "names", "record_fields", "text_fields")

    def __init__(self, rows: Iterable[Stage]) -> None:
        self._rows = {stage.name: stage for stage in rows}
        self.names = tuple(self._rows)
        self._hash = hash(tuple(self._rows.values()))
        named = (field for stage in self.values() for field in (*stage.required, *stage.extraneous, *stage.signature))
        own = dict.fromkeys(field for field in named if field not in RECORD_FIELDS)
        self.text_fields = (*TEXT_FIELDS, *own)
        self.record_fields = (*self.text_fields, REPLICATE)
        self.hashed_fields = _HASHED.union(*(stage.signature for stage in self.values()))

    def __getitem__(self, name: str) -> Stage:
        """Return a stage."""
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in order."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of stages."""
        return len(self._rows)

    def __hash__(self) -> int:
        """Hash the rows, so that values compiled from a table can be cached."""
        return self._hash

    def index(self, name: str) -> int:
        """Return the position of a stage, for sorting."""
        return self.names.index(name)

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The fields of its records besides those of every table."""
        return self.text_fields[len(TEXT_FIELDS) :]


STAGES: Final = StageTable(
    (
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
)
STAGE_NAMES: Final = STAGES.names
# The stage whose texts end with a score; a table without it has no scores.
SCORED: Final = "evaluation"
MAX_STAGE_NAME: Final = 32
