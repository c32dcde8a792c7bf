"""Assets of scores: one table for a cohort, its pivot, and one table for the whole store."""

from typing import Final

import dagster as dg
import pandas as pd

from genaudit.cohorts.safe_paths import open_below
from genaudit.csv_cells import to_csv
from genaudit.decisions import Step
from genaudit.layout import Layout
from genaudit.pipeline.boundary import failures
from genaudit.pipeline.defs.cohort_assets import cohort_membership
from genaudit.pipeline.labels import OWNERS, TABLE_KINDS
from genaudit.pipeline.resources import DataRoot, MembershipResource
from genaudit.pipeline.stage_runs import asset_name
from genaudit.pipeline.tables import scores_plot, table_metadata
from genaudit.scores import aggregate_scores, allowlist_for, listed_essays
from genaudit.scores import generation_scores_pivot as pivot_of
from genaudit.stages import STAGE_NAMES
from genaudit.store.snapshot import scan
from genaudit.store.written import write_recorded

GROUP: Final = "scores"
_JUDGED: Final = asset_name(STAGE_NAMES[-1], Step.PARSED)


@dg.asset(group_name=GROUP, code_version="2", deps=[cohort_membership, _JUDGED], kinds={*TABLE_KINDS}, owners=OWNERS)
def cohort_aggregated_scores(
    cohort_id: str, data_root: DataRoot, membership: MembershipResource
) -> dg.MaterializeResult[pd.DataFrame]:
    """One row per evaluation of the cohort: its score, or the reason why it has none."""
    with failures():
        scores = aggregate_scores(scan(data_root.root), membership.table(cohort_id).frame)
        name = Layout(data_root.root).cohort_scores(cohort_id).relative_to(data_root.root).as_posix()
        plot = scores_plot(scores["score"])
        return _written(data_root, name, scores, scored=int(scores["score"].count()), plot=plot)


@dg.asset(group_name=GROUP, code_version="2", kinds={*TABLE_KINDS}, owners=OWNERS)
def generation_scores_pivot(
    cohort_id: str, cohort_aggregated_scores: pd.DataFrame, data_root: DataRoot, membership: MembershipResource
) -> dg.MaterializeResult[pd.DataFrame]:
    """One row per essay of the cohort, with columns for each judge of its spec, else of the active catalogs."""
    with failures():
        allowed = allowlist_for(data_root.root, cohort_id)
        essays = listed_essays(scan(data_root.root), membership.table(cohort_id).frame)
        pivot = pivot_of(cohort_aggregated_scores, allowed, essays)
        name = Layout(data_root.root).cohort_scores_pivot(cohort_id).relative_to(data_root.root).as_posix()
        return _written(data_root, name, pivot, columns=len(pivot.columns), allowlist=allowed.source)


@dg.asset(group_name=GROUP, code_version="1", deps=[_JUDGED], kinds={*TABLE_KINDS}, owners=OWNERS)
def cross_experiment_scores(data_root: DataRoot) -> dg.MaterializeResult[pd.DataFrame]:
    """One row per evaluation of the store: its score, or the reason why it has none."""
    with failures():
        scores = aggregate_scores(scan(data_root.root))
        name = Layout(data_root.root).store_scores.relative_to(data_root.root).as_posix()
        plot = scores_plot(scores["score"])
        return _written(data_root, name, scores, scored=int(scores["score"].count()), plot=plot)


def _written(
    data_root: DataRoot, name: str, table: pd.DataFrame, **metadata: str | int | dg.MarkdownMetadataValue
) -> dg.MaterializeResult[pd.DataFrame]:
    """Write a table below the data root, into folders that no link leads out of."""
    with open_below(data_root.root, *name.split("/")[:-1], make=True):
        path = data_root.root / name
        write_recorded(data_root.root, path, to_csv(table))
    described = {"rows": len(table), **metadata, "table": str(path), **table_metadata(table)}
    return dg.MaterializeResult(value=table, metadata=described)
