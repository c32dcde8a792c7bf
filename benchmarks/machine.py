"""Description of the machine that numbers were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGES: Final = ("genaudit", "pandas", "orjson", "duckdb")


def pin() -> str:
    """Keep this process and all that it starts on one core, where the system can.

    The last core is taken, because the first one gets most interrupts.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned to a core"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def describe(stores: Path, pinned: str, compiler: str | None = None) -> list[str]:
    """Name the date, the machine and the versions.

    :param stores: the folder whose file system is read.
    """
    versions = [f"Python {platform.python_version()}", *(f"{package} {version(package)}" for package in PACKAGES)]
    return [
        f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- Processor: {_processor()}, {os.cpu_count()} cores, {pinned}",
        f"- System: {platform.system()} {platform.release()}, {_file_system(stores)}",
        f"- Versions: {', '.join([*versions, *([compiler] if compiler else [])])}",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _file_system(folder: Path) -> str:
    """Name the type of the file system that holds a folder: that of the longest mount point above it."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return "unknown file system"
    above = [(len(point), kind) for _, point, kind, *_ in mounts if folder.resolve().is_relative_to(point)]
    return max(above)[1] if above else "unknown file system"
