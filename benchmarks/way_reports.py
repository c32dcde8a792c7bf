"""The full audit with everything that it writes: `way_reports.py OUTPUT ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from audits import audit, seen
from measure import jobs, phase, report

# The page imports its charts on first use; imports are not timed.
import genaudit.render.html.page  # noqa: F401
from genaudit.reports import reports_of, write_report

DATE = "2026-01-01"
JOBS = jobs()


def work() -> tuple[int, int]:
    output, root = sys.argv[1:]
    run = audit(root, JOBS)
    for file in reports_of(run, DATE, page=True):
        with phase("page" if file.suffix == "html" else "tables"):
            write_report(file, Path(output), DATE)
    return seen(run)


report(work)
