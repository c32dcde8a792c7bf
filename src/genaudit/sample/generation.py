"""Generation of the sample before it is written: the sources of its record and texts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from genaudit.ids import deterministic_id, legacy_id, legacy_salt, legacy_task_id
from genaudit.sample.combos import Combo
from genaudit.stages import PARENT, RECORD_FIELDS, REPLICATE, STAGES


class Done(StrEnum):
    """The progress of a generation: planned, answered but not parsed, or complete."""

    PLANNED = "planned"
    ANSWERED = "answered"
    PARSED = "parsed"


# The largest real store known: the number of drafts scales its sizes.
REAL: Final = {"draft": 289, "essay": 258, "evaluation": 4154}
# The word that the pipeline writes as the model of a copy.
NO_MODEL: Final = "None"


class SampleGeneration(NamedTuple):
    """A generation.

    :param combo: the combination that the chain's draft was written from, on every stage.
    :param parent: ``None`` for a draft.
    :param model: the model that answered, or would have; an essay's is its draft's.
    :param names_model: whether the record names the model; in old essays it does not.
    """

    stage: str
    gen_id: str
    cohort: str
    mode: str
    template: str
    combo: Combo
    parent: SampleGeneration | None
    model: str
    names_model: bool
    replicate: int
    done: Done

    @property
    def task_id(self) -> str:
        """The pipeline's task id, the source of a legacy id."""
        if self.parent is None:
            return legacy_task_id(self.combo.combo_id, self.template, self.model)
        if self.stage == "essay":
            return legacy_task_id(self.parent.task_id, self.template)
        return legacy_task_id(self.parent.gen_id, self.template, self.model)

    def record(self) -> dict[str, Any]:
        """Return the record, in the order of the known fields, without those that the stage leaves out."""
        values = {
            "stage": self.stage,
            "gen_id": self.gen_id,
            "origin_cohort_id": self.cohort,
            "mode": self.mode,
            "template_id": self.template,
            "combo_id": self.combo.combo_id if self.parent is None else None,
            PARENT: self.parent.gen_id if self.parent else None,
            "llm_model_id": self._stored_model,
            REPLICATE: self.replicate,
        }
        return {field: values[field] for field in RECORD_FIELDS if values[field] is not None}

    @property
    def _stored_model(self) -> str | None:
        """The model of the record; for copies the pipeline writes the word ``None``."""
        if not self.names_model:
            return None
        return NO_MODEL if self.mode == "copy" else self.model

    def named(self, collision: int = 0) -> SampleGeneration:
        """Return the generation under its deterministic id."""
        record = self.record()
        parts = [record[field] for field in (*STAGES[self.stage].signature, REPLICATE)]
        return self._replace(gen_id=deterministic_id(self.stage, parts, collision))

    def named_as_before(self) -> SampleGeneration:
        """Return the generation under its legacy id."""
        above = self.parent.replicate if self.parent else 1
        salt = legacy_salt(self.stage, self.replicate, above)
        return self._replace(gen_id=legacy_id(self.stage, self.task_id, self.cohort, salt))
