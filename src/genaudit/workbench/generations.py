"""One row for each generation, with what every audit says of it: what charts point at and tables list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from genaudit.audits.inventory import base_lengths
from genaudit.charts.id_lengths import length_label

if TYPE_CHECKING:
    from genaudit.audits.run import AuditRun

KEY: Final = ("stage", "gen_id")
# In order; what stands in the records, then what recomputing, following and counting say.
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
    """Lay the frames of the audits beside each other; each has a row for each generation, in the same order.

    :param run: with the audits ``recompute`` and ``parents``.
    :param findings: all findings of the run.
    :returns: :data:`COLUMNS`: ``length`` is a bar of the chart of lengths, ``findings`` a number of rows of
        ``findings`` that are about the generation.
    """
    records, mapping, parents = run.snapshot.generations, run.results["recompute"].frame, run.results["parents"].frame
    lengths = base_lengths(run.snapshot.values("gen_id"), mapping["collision_index"])
    stages: list[str] = run.snapshot.values("stage")
    columns = {name: records[name] for name in _RECORD}
    columns["length"] = pd.Series(list(map(length_label, stages, lengths)), dtype="str")
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
