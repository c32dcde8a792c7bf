"""genaudit's scan: one pass over the store, into a frame."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import jobs, report

from genaudit.store.snapshot import scan

JOBS = jobs()


def work() -> tuple[int, int]:
    generations = scan(Path(sys.argv[1]), jobs=JOBS).generations
    return len(generations), int(generations["template_id"].str.len().sum())


report(work)
