"""Shared parts of the timed scripts: clocks that start after the imports, and one JSON line of results."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Final

ALL_CORES: Final = "--all-cores"

phases: dict[str, float] = {}
cpu_phases: dict[str, float] = {}


def jobs() -> int:
    """Return the number of processes that read: all cores if the script was started that way, else one."""
    if ALL_CORES not in sys.argv:
        return 1
    sys.argv.remove(ALL_CORES)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return os.cpu_count() or 1


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Time a part of the work by both clocks; parts of one name are added up."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    phases[name] = phases.get(name, 0.0) + time.perf_counter() - wall
    cpu_phases[name] = cpu_phases.get(name, 0.0) + time.process_time() - cpu


def report(work: Callable[[], tuple[int, int]]) -> None:
    """Do the work once and print its time and memory.

    :param work: returns the number of records and the characters of their template ids, which only a way that
        really parsed every record can know.
    """
    read, blocks = _proc("io", "rchar"), getrusage(RUSAGE_SELF).ru_inblock
    wall, cpu = time.perf_counter(), _cpu()
    records, template_chars = work()
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    read, blocks = _proc("io", "rchar") - read, getrusage(RUSAGE_SELF).ru_inblock - blocks
    # Linux hands ru_maxrss down through fork and exec, so that a small script would show its harness.
    peak = _proc("status", "VmHWM") or getrusage(RUSAGE_SELF).ru_maxrss
    seen = {"records": records, "bytes": read, "disk": blocks * 512, "template_chars": template_chars}
    print(json.dumps(seen | {"wall": wall, "cpu": cpu, "peak": peak, "phases": phases, "cpu_phases": cpu_phases}))


def _cpu() -> float:
    """Return the processor time of this process and of those that it waited for."""
    return sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


def _proc(file: str, key: str) -> int:
    """Read one counter of this process; 0 where the system has no such file."""
    try:
        lines = Path("/proc/self", file).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)
