"""Audits that read every file of a store: their time after the scan, with that of their processes."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.store.snapshot import scan


def spent() -> float:
    """Return the CPU seconds of this process and of those that it has ended."""
    each = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def main() -> None:
    """Run the audits and print their time and memory as a line of JSON.

    The arguments are the store, the number of processes, and the names of the audits.
    """
    root, jobs, *names = sys.argv[1:]
    snapshot = scan(Path(root))
    _ = [AUDITS[name] for name in names]
    wall, cpu = time.perf_counter(), spent()
    run = run_audits(snapshot, names, jobs=int(jobs))
    wall, cpu = time.perf_counter() - wall, spent() - cpu
    found = len(run.references.frame) if "references" in names else None
    print(json.dumps({"wall": wall, "cpu": cpu, "found": found}))


main()
