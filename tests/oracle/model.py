"""The data of the brute-force check: the rules of the stages once more, rows, and results."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

STAGES = ["draft", "essay", "evaluation"]
PARENT_STAGE = {"essay": "draft", "evaluation": "essay"}
PREFIX = {"draft": "d_", "essay": "e_", "evaluation": "v_"}
REQUIRED = {
    "draft": ["combo_id", "template_id", "llm_model_id", "replicate"],
    "essay": ["parent_gen_id", "template_id", "replicate"],
    "evaluation": ["parent_gen_id", "template_id", "llm_model_id", "replicate"],
}
EXTRANEOUS = {"draft": ["parent_gen_id"], "essay": ["combo_id"], "evaluation": ["combo_id"]}
SIGNATURE = REQUIRED  # in the order in which they are hashed; the replicate comes last
TEXT_FIELDS = [
    "stage",
    "gen_id",
    "origin_cohort_id",
    "mode",
    "template_id",
    "combo_id",
    "parent_gen_id",
    "llm_model_id",
]
LARGEST_REPLICATE = 2147483647


@dataclass
class Row:
    """A generation folder."""

    stage: str
    name: str
    state: str
    stored: dict
    status: str = ""

    @property
    def old_name(self):
        return self.stage + "_template"

    def normal(self, name):
        """Return a field's normalised value, None if it is missing or malformed."""
        if self.state != "ok":
            return None
        value = self.stored.get(name)
        if name == "template_id" and value is None:
            value = self.stored.get(self.old_name)
        if name == "replicate":
            return 1 if value is None else replicate_of(value)
        if not isinstance(value, str) or not value.strip():
            return None
        value = value.strip()
        if name in ("template_id", "combo_id", "parent_gen_id", "llm_model_id"):
            value = value.lower()
        # For copies the pipeline writes a word in place of a model.
        return None if name == "llm_model_id" and value == "none" else value

    def signature(self):
        """The complete normalised signature, or None."""
        parts = tuple(self.normal(name) for name in SIGNATURE[self.stage])
        return None if None in parts else parts


@dataclass
class Seen:
    """The expected results of all audits of a store.

    ``findings`` counts (audit, code, stage, gen_id, field, path), the path only where the finding is about a thing on
    disk; ``groups`` has the further members of each group finding; the tables are by (stage, gen_id).
    """

    rows: list[Row] = field(default_factory=list)
    findings: Counter = field(default_factory=Counter)
    # Catalogs that exist and of which no id can be read.
    unusable: set = field(default_factory=set)
    groups: dict = field(default_factory=dict)
    lengths: Counter = field(default_factory=Counter)
    mapping: dict = field(default_factory=dict)
    parents: dict = field(default_factory=dict)


def replicate_of(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not re.fullmatch("[0-9]+", value.strip()):
            return None
        value = int(value.strip())
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return value if isinstance(value, int) and 1 <= value <= LARGEST_REPLICATE else None


def find(seen, stage, name):
    for row in seen.rows:
        if row.stage == stage and row.name == name:
            return row
    return None
