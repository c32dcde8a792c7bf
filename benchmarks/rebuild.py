"""Time the rebuild audit of all essays in all curated modes on stores that grow, and print a Markdown table.

The time for each planned generation should stay the same: the work is linear in the store.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import machine

HERE: Final = Path(__file__).parent
HEADER: Final = """\
| generations | planned, all modes | scan s | rebuild s | microseconds a planned one | peak MB |
|--:|--:|--:|--:|--:|--:|"""
NOTE: Final = """
Light stores of the sample's proportions; every essay selected, the four curated modes. The least of {repeat} runs,
each in a process of its own; imports are left out.
"""


def main() -> None:
    """Make the stores, time the audit on each, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="12500,25000,50000,100000", help="generations of the stores")
    parser.add_argument("--repeat", type=int, default=3, help="runs on each")
    parser.add_argument("--output", type=Path, default=HERE / "rebuild.md", help="the Markdown file that is written")
    options = parser.parse_args()
    pinned = machine.pin()
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        lines = [_line(scratch, int(size), options.repeat) for size in options.sizes.split(",")]
        about = machine.describe(scratch, pinned, "nothing compiled")
    finally:
        shutil.rmtree(scratch)
    text = "\n".join(["# The rebuild audit", "", *about, NOTE.format(repeat=options.repeat), HEADER, *lines, ""])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text)
    print(text)


def _line(scratch: Path, size: int, repeat: int) -> str:
    store = scratch / str(size)
    _run([str(HERE / "store.py"), str(store), str(size), "light"])
    runs = []
    for _ in range(repeat):
        done = _run([str(HERE / "way_rebuild.py"), str(store)])
        runs.append({**json.loads(done.stdout), "planned": int(done.stderr.split()[-1])})
    shutil.rmtree(store)
    best = min(runs, key=lambda run: run["phases"]["rebuild"])
    spent, planned = best["phases"], best["planned"]
    each = 1e6 * spent["rebuild"] / planned
    times = f"{spent['scan']:.2f} | {spent['rebuild']:.2f} | {each:.0f}"
    return f"| {best['records']:,} | {planned:,} | {times} | {max(run['peak'] for run in runs) / 1024:.0f} |"


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done


if __name__ == "__main__":
    main()
