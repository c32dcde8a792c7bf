"""The scores of the cohort's evaluations, and the pivot that compares what was generated."""

from typing import Final

import dagster as dg
import pandas as pd

from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.generating.steps import Step
from genaudit.layout import AGGREGATED_SCORES, SCORES_PIVOT, Layout
from genaudit.pipeline.boundary import failures
from genaudit.pipeline.defs.cohort_assets import cohort_membership
from genaudit.pipeline.defs.stage_assets import asset_name
from genaudit.pipeline.resources import DataRoot, MembershipResource
from genaudit.schemas import to_csv
from genaudit.scores import aggregate_scores
from genaudit.scores import generation_scores_pivot as pivot_of
from genaudit.stages import STAGE_NAMES
from genaudit.store.snapshot import scan
from genaudit.store.written import write_recorded

GROUP: Final = "scores"
_JUDGING: Final = STAGE_NAMES[-1]


@dg.asset(group_name=GROUP, code_version="1", deps=[cohort_membership, asset_name(_JUDGING, Step.PARSED)])
def cohort_aggregated_scores(
    cohort_id: str, data_root: DataRoot, membership: MembershipResource
) -> dg.MaterializeResult[pd.DataFrame]:
    """A row for each evaluation of the cohort, with its score or why there is none."""
    with failures():
        scores = aggregate_scores(scan(data_root.root), membership.table(cohort_id).frame)
        path = _write(data_root, cohort_id, AGGREGATED_SCORES, scores)
    scored = int(scores["score"].notna().sum())
    return dg.MaterializeResult(value=scores, metadata={"rows": len(scores), "scored": scored, "table": path})


@dg.asset(group_name=GROUP, code_version="1")
def generation_scores_pivot(
    cohort_id: str, cohort_aggregated_scores: pd.DataFrame, data_root: DataRoot
) -> dg.MaterializeResult[pd.DataFrame]:
    """A row for each way in which the cohort's essays were made, a column for each judge and active template."""
    with failures():
        active = FileCatalogBundleLoader(data_root.root).active_templates(_JUDGING)
        pivot = pivot_of(cohort_aggregated_scores, active)
        path = _write(data_root, cohort_id, SCORES_PIVOT, pivot)
    return dg.MaterializeResult(
        value=pivot, metadata={"rows": len(pivot), "columns": len(pivot.columns), "table": path}
    )


def _write(data_root: DataRoot, cohort_id: str, name: str, table: pd.DataFrame) -> str:
    path = Layout(data_root.root).cohort_reports(cohort_id) / name
    write_recorded(data_root.root, path, to_csv(table))
    return str(path)
