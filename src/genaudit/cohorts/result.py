"""Result of a cohort build."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from genaudit.cohorts.interfaces import Metadata


@dataclass(frozen=True, eq=False)
class CohortMembershipResult:
    """The result of one build.

    :param row_count: number of members.
    :param membership_preview: the first members; the columns of :data:`genaudit.cohorts.plan.PLAN`.
    :param artifacts: a path or handle for each artifact; empty after a dry run.
    :param metadata: plain values for JSON: the inputs, time, flags and warnings of the build.
    """

    cohort_id: str
    row_count: int
    membership_preview: pd.DataFrame
    artifacts: Metadata
    metadata: Metadata
