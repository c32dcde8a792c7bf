"""genaudit's scan and all four audits, all findings together at the end."""

from __future__ import annotations

import sys

from audits import audit, seen
from measure import jobs, phase, report

JOBS = jobs()


def work() -> tuple[int, int]:
    run = audit(sys.argv[1], JOBS)
    with phase("findings"):
        _ = run.findings
    return seen(run)


report(work)
