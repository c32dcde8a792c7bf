"""Join of all audit results: one row per generation, the source of charts and tables."""

from __future__ import annotations

from typing import Final

import pandas as pd

from genaudit.audits.inventory import base_lengths
from genaudit.audits.run import AuditRun
from genaudit.charts.id_lengths import length_label

KEY: Final = ("stage", "gen_id")
# In order: the record's fields, then the results of the audits.
COLUMNS: Final = (
    *KEY,
    "state",
    "origin_cohort_id",
    "mode",
    "template_id",
    "combo_id",
    "parent_gen_id",
    "llm_model_id",
    "replicate",
    "length",
    "class",
    "cause",
    "recomputed_id",
    "migrated_id",
    "status",
    "reaches_root",
    "children",
    "descendants",
    "findings",
)
_RECORD: Final = COLUMNS[: COLUMNS.index("length")]
_RECOMPUTED: Final = ("class", "cause", "recomputed_id", "migrated_id")
_FOLLOWED: Final = ("status", "reaches_root", "children", "descendants")


def generations(run: AuditRun, findings: pd.DataFrame) -> pd.DataFrame:
    """Join the frames of the audits, which all have one row per generation in the same order.

    :param run: an audit run that includes ``recompute`` and ``parents``.
    :param findings: all findings of the run.
    :returns: :data:`COLUMNS`: ``length`` is a bar of the length chart, ``findings`` the number of the generation's
        findings.
    """
    records, mapping, parents = run.snapshot.generations, run.recompute.frame, run.parents.frame
    lengths = base_lengths(run.snapshot.values("gen_id"), mapping["collision_index"])
    stages: list[str] = run.snapshot.values("stage")
    columns = {name: records[name] for name in _RECORD}
    labels = [length_label(stage, length, run.snapshot.stages) for stage, length in zip(stages, lengths, strict=True)]
    columns["length"] = pd.Series(labels, dtype="str")
    columns |= {name: mapping[name] for name in _RECOMPUTED}
    columns |= {name: parents[name] for name in _FOLLOWED}
    columns["findings"] = _found(run, findings)
    return pd.DataFrame(columns)


def _found(run: AuditRun, findings: pd.DataFrame) -> pd.Series[int]:
    counted = [0] * len(run.snapshot.generations)
    for stage, gen_id in findings[[*KEY]].dropna().itertuples(index=False):
        row = run.snapshot.rows.get(stage, {}).get(gen_id)
        if row is not None:
            counted[row] += 1
    return pd.Series(counted, dtype="int64")
