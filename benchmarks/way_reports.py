"""The full audit with everything that it writes: `way_reports.py OUTPUT ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from audits import audit, seen
from measure import phase, report

from genaudit.reports import reports_of, write_report

DATE = "2026-01-01"


def work() -> tuple[int, int]:
    output, root = sys.argv[1:]
    run = audit(root)
    for file in reports_of(run, DATE, page=True):
        with phase("page" if file.suffix == "html" else "tables"):
            write_report(file, Path(output), DATE)
    return seen(run)


report(work)
