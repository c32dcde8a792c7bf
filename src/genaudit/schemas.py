"""Schemas of all frames that the package returns: columns in order, with their dtypes.

``str`` columns are pandas' nullable text; a missing value is an unknown fact, never an empty string.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from numpy.typing import NDArray

from genaudit.codes import CODES, SEVERITIES
from genaudit.decisions import Decision
from genaudit.encoded import Encoded
from genaudit.series import column
from genaudit.stages import STAGE_NAMES, STAGES, StageTable


class RecordState(StrEnum):
    """The result of reading a generation's ``metadata.json``; :data:`STATE_CODES` has the code of each bad one."""

    OK = "ok"
    FOLDER_EMPTY = "folder_empty"
    FOLDER_UNREADABLE = "folder_unreadable"
    VANISHED = "vanished"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    BOM = "bom"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    DUPLICATE_KEY = "duplicate_key"
    NAN = "nan"


# The first three are findings of the inventory, the others of the metadata audit.
STATE_CODES: Final[Mapping[RecordState, str]] = MappingProxyType(
    {
        state: state.name if state.name in CODES else f"METADATA_{state.name}"
        for state in RecordState
        if state is not RecordState.OK
    }
)


class ArtifactState(StrEnum):
    """The state of a JSON artifact beside a text."""

    ABSENT = "absent"
    OK = "ok"
    INVALID = "invalid"


class IdClass(StrEnum):
    """The class of an id by recomputation; every generation has exactly one."""

    DETERMINISTIC = "deterministic"
    LEGACY = "legacy"
    MISMATCHED = "mismatched"
    UNVERIFIABLE = "unverifiable"


class ParentStatus(StrEnum):
    """The state of a generation's own link to its parent."""

    ROOT = "root"
    OK = "ok"
    UNNAMED = "unnamed"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    WRONG_STAGE = "wrong_stage"
    CYCLE = "cycle"
    UNKNOWN = "unknown"


# States of a link that need a repair.
BREAKS: Final = (
    ParentStatus.MISSING,
    ParentStatus.UNREADABLE,
    ParentStatus.WRONG_STAGE,
    ParentStatus.CYCLE,
    ParentStatus.UNNAMED,
)


class RenameCause(StrEnum):
    """Cause of a new id in a migration: none, the generation's own name, or its parent's."""

    NONE = "none"
    OWN = "own"
    CASCADE = "cascade"


class RefKind(StrEnum):
    """The type of a file that holds references; ``name`` is a file's or folder's name itself."""

    RECORD = "record"
    RAW_METADATA = "raw_metadata"
    MEMBERSHIP = "membership"
    STAGE_MANIFEST = "stage_manifest"
    MANIFEST = "manifest"
    SELECTION = "selection"
    SCORES = "scores"
    TABLE = "table"
    DATA = "data"
    TEXT = "generated_text"
    REPORT = "report"
    LOG = "log"
    DOC = "doc"
    SCRIPT = "script"
    NOTEBOOK = "notebook"
    CONFIG = "config"
    OTHER = "other"
    NAME = "name"


class Treatment(StrEnum):
    """The treatment of a reference by a rename.

    ``rewrite``: a program can rewrite it. ``ambiguous``: a person has to decide. ``historical``: it stays unchanged.
    ``dangling``: its id does not exist. ``unscanned``: no reference, but a file that may hold some.
    """

    REWRITE = "rewrite"
    AMBIGUOUS = "ambiguous"
    HISTORICAL = "historical"
    DANGLING = "dangling"
    UNSCANNED = "unscanned"


CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "stage": STAGE_NAMES,
        "state": tuple(RecordState),
        "artifact": tuple(ArtifactState),
        "class": tuple(IdClass),
        "form": ("deterministic", "legacy", "unknown"),
        "status": tuple(ParentStatus),
        "cause": tuple(RenameCause),
        "decision": tuple(Decision),
        "kind": tuple(RefKind),
        "treatment": tuple(Treatment),
        "severity": SEVERITIES,
    }
)

# A dtype is a pandas dtype, or one of CATEGORIES by name; those of "stage" are the stages of the store at hand.
SNAPSHOT: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "state": "state",
        "state_detail": "str",
        "origin_cohort_id": "str",
        "mode": "str",
        "template_id": "str",
        "combo_id": "str",
        "parent_gen_id": "str",
        "llm_model_id": "str",
        "replicate": "Int32",
        "has_prompt": "bool",
        "has_raw": "bool",
        "has_parsed": "bool",
        "raw_metadata": "artifact",
        "parsed_metadata": "artifact",
        "replaced": "int64",
    }
)
STRAYS: Final = MappingProxyType({"code": "str", "stage": "str", "name": "str", "path": "str", "detail": "str"})
FINDINGS: Final = MappingProxyType(
    {
        "audit": "str",
        "code": "str",
        "severity": "severity",
        "stage": "str",
        "gen_id": "str",
        "field": "str",
        "expected": "str",
        "actual": "str",
        "path": "str",
        "detail": "str",
        "fix": "str",
    }
)
LENGTHS: Final = MappingProxyType(
    {"stage": "stage", "length": "int64", "class": "class", "count": "int64"},
)
FIELDS: Final = MappingProxyType(
    {
        "stage": "stage",
        "field": "str",
        "required": "bool",
        "present": "int64",
        "absent": "int64",
        "flagged": "int64",
    }
)
PARENTS: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "parent_stage": "str",
        "parent_gen_id": "str",
        "status": "status",
        "reaches_root": "bool",
        "break_stage": "str",
        "break_gen_id": "str",
        "children": "int64",
        "descendants": "int64",
    }
)
REPAIRS: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "parent_stage": "str",
        "parent_gen_id": "str",
        "status": "status",
        "found_stage": "str",
        "near_miss": "str",
        "descendants": "int64",
        "metadata_path": "str",
    }
)
MAPPING: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "class": "class",
        "form": "form",
        "collision_index": "int64",
        "recomputed_id": "str",
        "migrated_id": "str",
        "cause": "cause",
        "problem": "str",
        "metadata_path": "str",
    }
)
COHORTS: Final = MappingProxyType(
    {
        "cohort_id": "str",
        "form": "str",
        **dict.fromkeys(STAGE_NAMES, "Int64"),
        "not_in_store": "int64",
        "contradicting": "int64",
        "parents_outside": "int64",
        "manifest": "str",
        "path": "str",
    }
)
REFERENCES: Final = MappingProxyType(
    {
        "root": "str",
        "path": "str",
        "kind": "kind",
        "line": "Int64",
        "column": "Int64",
        "offset": "Int64",
        "gen_id": "str",
        "stages": "str",
        "field": "str",
        "treatment": "treatment",
        "reason": "str",
        "handler": "str",
    }
)
SCORES: Final = MappingProxyType(
    {
        "gen_id": "str",
        "parent_gen_id": "str",
        "evaluation_template": "str",
        "evaluation_llm_model": "str",
        "score": "float64",
        "error": "str",
        "evaluation_response_path": "str",
        "combo_id": "str",
        "draft_template": "str",
        "generation_template": "str",
        "generation_model": "str",
        "origin_cohort_id": "str",
        "generation_response_path": "str",
        "input_mode": "str",
        "copied_from": "str",
    }
)


def frame(
    schema: Mapping[str, str],
    columns: Mapping[str, Sequence[Any] | NDArray[Any] | Encoded],
    stages: StageTable = STAGES,
) -> pd.DataFrame:
    """Build a frame with exactly the schema's columns, in its order and dtypes.

    :param columns: a sequence for each column, all of one length; an array holds the numbers of its categories.
    :param stages: the categories of a column of stages.
    """
    known = {**CATEGORIES, "stage": tuple(stages)}
    made = {name: column(columns[name], dtype, known.get(dtype)) for name, dtype in schema.items()}
    return pd.DataFrame(made, copy=False)


def from_rows(
    schema: Mapping[str, str], rows: Sequence[Mapping[str, Any]], stages: StageTable = STAGES
) -> pd.DataFrame:
    """Build a frame from one mapping per row; missing keys become missing values."""
    return frame(schema, {name: [row.get(name) for row in rows] for name in schema}, stages)


def rows(table: pd.DataFrame) -> Iterator[Any]:
    """Yield a frame's rows as named tuples, with ``None`` for missing values."""
    # Column by column: a frame of objects takes a millisecond to build, and most tables have few rows.
    if table.empty:
        return
    row: Any = _row(tuple(table.columns))
    lists = (
        [None if gone else value for value, gone in zip(each.tolist(), each.array.isna(), strict=True)]
        for _, each in table.items()
    )
    yield from map(row._make, zip(*lists, strict=True))


_row: Final = lru_cache(lambda names: namedtuple("Row", names, rename=True))  # noqa: PYI024 (made at run time)
