"""Time the audits that read every file of a store beside `cat` and `rg`, on the same files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

from process import run

from genaudit.sample import SampleOptions, write_sample

HERE: Final = Path(__file__).parent
HEADER: Final = "| way | references | wall s | CPU s | CPU x `rg` |\n|---|--:|--:|--:|--:|"
NOTE: Final = """
A full sample store of {generations:,} generations, {files:,} files, {megabytes:.0f} MB, in the cache. `rg` gets the
ids of all generations and prints each place; it does not distinguish an id from a part of a longer one, a cell from a
sentence, or one column from another. The audits are timed after the scan, with their processes. The run with the
least CPU time of {repeat}; not pinned to a core.
"""


def table(drafts: int, seed: int, repeat: int, scratch: Path) -> list[str]:
    """Write a store, run every way over it, and return the lines of the table."""
    root = scratch / "store"
    written = write_sample(root, SampleOptions(drafts=drafts, seed=seed))
    ids = scratch / "ids"
    ids.write_text("".join(f"{path.name}\n" for path in root.glob("gens/*/*")))
    files = [path for path in root.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    note = NOTE.format(
        generations=sum(written.generations.values()), files=len(files), megabytes=size / 1e6, repeat=repeat
    )
    ways = {
        "`cat`": ["sh", "-c", f"find {root} -type f -print0 | xargs -0 cat"],
        "`rg -j1 -F -o -f`": ["rg", "-j1", "--no-ignore", "--hidden", "-F", "-o", "-f", str(ids), str(root)],
        "references, 1 process": _way(root, 1, "references"),
        f"references, {os.cpu_count()} processes": _way(root, os.cpu_count() or 1, "references"),
        "content, 1 process": _way(root, 1, "content"),
        f"content, {os.cpu_count()} processes": _way(root, os.cpu_count() or 1, "content"),
        "content and references in one pass, 1 process": _way(root, 1, "content", "references"),
    }
    rows = {}
    for name, command in ways.items():
        if shutil.which(command[0]):
            rows[name] = min((_taken(command) for _ in range(repeat)), key=lambda one: one["cpu"])
            print(name, rows[name], file=sys.stderr)
    shutil.rmtree(root)
    rg = rows.get("`rg -j1 -F -o -f`")
    return [note, HEADER, *(_row(name, one, rg) for name, one in rows.items())]


def _way(root: Path, jobs: int, *names: str) -> list[str]:
    return [sys.executable, str(HERE / "way_texts.py"), str(root), str(jobs), *names]


def _taken(command: list[str]) -> dict[str, float]:
    if command[0] == sys.executable:
        taken: dict[str, float] = json.loads(run(command))
        return taken
    wall, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, check=False)
    wall, after = time.perf_counter() - wall, getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "found": done.stdout.count(b"\n") if command[0] == "rg" else 0}


def _row(name: str, taken: dict[str, float], rg: dict[str, float] | None) -> str:
    found = taken.get("found")
    ratio = f"{taken['cpu'] / rg['cpu']:.1f}" if rg else "-"
    cells = [f"{found:,.0f}" if found else "-", f"{taken['wall']:.2f}", f"{taken['cpu']:.2f}", ratio]
    return f"| {name} | {' | '.join(cells)} |"
