"""Fault of a file beside the generations: a stale table of scores."""

from __future__ import annotations

from typing import Final

from genaudit.layout import GENS, PARSED
from genaudit.sample.catalogs import csv_text
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext

_OLD_TABLE: Final = "aggregated_scores_2025-06.csv"
_COLUMNS: Final = ("gen_id", "parent_gen_id", "score", "evaluation_response_path")


def _reference_dangling(context: FaultContext) -> None:
    gone = context.imagine("evaluation")
    essay = gone.parent.gen_id if gone.parent else None
    folder = context.layout.cross_experiment
    folder.mkdir(exist_ok=True)
    row = (gone.gen_id, essay, 7.0, f"{GENS}/evaluation/{gone.gen_id}/{PARSED}")
    (folder / _OLD_TABLE).write_text(csv_text(_COLUMNS, [row]), encoding="utf-8")
    context.expect_path(f"{folder.name}/{_OLD_TABLE}", generation=gone, field="gen_id")


REFERENCE_FAULTS: Final = (
    Fault(
        "REFERENCE_DANGLING", "an old table of scores has the row of an evaluation that is gone", _reference_dangling
    ),
)
