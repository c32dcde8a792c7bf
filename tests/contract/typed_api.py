"""Types of the Python API as a user's type checker sees them; mypy reads this file, nothing runs it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import pandas as pd

import genaudit
from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.recompute import RecomputeSummary


def check_types(root: Path) -> None:
    snapshot = genaudit.scan(root)
    assert_type(snapshot, genaudit.Snapshot)
    run = genaudit.audit(snapshot)
    assert_type(run, genaudit.AuditRun)
    assert_type(run.recompute.frame, pd.DataFrame)
    assert_type(run.recompute.summary, RecomputeSummary)
    assert_type(run.rebuild, genaudit.RebuildResult)
    assert_type(run.rebuild.choice, Choice)
    assert_type(genaudit.rebuild(str(root), genaudit.RebuildRequest(legacy=True)), genaudit.RebuildResult)
    assert_type(genaudit.references(root).frame, pd.DataFrame)
    assert_type(genaudit.plan_migration(root, stages=["draft"]), genaudit.Plan)
    assert_type(genaudit.build_cohort(root, "c"), genaudit.CohortMembershipResult)
    try:
        genaudit.scan(root)
    except genaudit.DDError as error:
        assert_type(error.reason, genaudit.Reason | None)
    # The package has no such name; if mypy took any, this comment would be unused, which strict mode reports.
    genaudit.scam  # type: ignore[attr-defined]  # noqa: B018
