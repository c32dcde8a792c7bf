"""What a build of a cohort's membership hands back."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from genaudit.cohorts.interfaces import Metadata


@dataclass(frozen=True, eq=False)
class CohortMembershipResult:
    """The outcome of one build.

    :param row_count: the number of members.
    :param membership_preview: the first members; the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :param artifacts: a path or handle for each thing that was written; empty after a dry run.
    :param metadata: plain values, fit for JSON: what was built from what, when, under which flags, with which
        warnings.
    """

    cohort_id: str
    row_count: int
    membership_preview: pd.DataFrame
    artifacts: Metadata
    metadata: Metadata
