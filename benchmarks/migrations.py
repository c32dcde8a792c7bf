"""Time what a migration takes: planning, trying it on a copy, applying, undoing; on stores of different sizes."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import machine

from genaudit.migration.apply import apply
from genaudit.migration.choice import choose
from genaudit.migration.files import Files
from genaudit.migration.plan import make_plan
from genaudit.migration.rollback import rollback
from genaudit.migration.simulate import simulate
from genaudit.store.snapshot import scan

HERE: Final = Path(__file__).parent
NOTE: Final = """
Light stores, a seventh of whose generations have a legacy id; what hangs below those is renamed too. Each row is one
run in a process of its own. Seconds are CPU time, user and system; a simulation is a copy by hard links, an apply to
it and all audits of both. The last column is the whole, in milliseconds for each generation of the store: where it
does not grow, the time grows with the store and no faster.
"""
HEADER: Final = """\
| generations | renamed | files edited | plan s | simulate s | apply s | rollback s | ms a generation |
|--:|--:|--:|--:|--:|--:|--:|--:|"""


def main() -> None:
    """Time each size in a process of its own, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5000,20000,100000", help="generations of the stores")
    parser.add_argument("--output", type=Path, default=HERE / "migrations.md", help="the Markdown file to write")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_time(options.one)))
        return
    rows = []
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        pinned = machine.pin()
        for size in options.sizes.split(","):
            store = scratch / size
            _run(str(HERE / "store.py"), str(store), size, "light")
            rows.append(_row(json.loads(_run(__file__, "--one", str(store)))))
            print(rows[-1], file=sys.stderr)
            shutil.rmtree(store)
        about = machine.describe(scratch, pinned, "one run each")
    finally:
        shutil.rmtree(scratch)
    options.output.write_text("\n".join(["# Results of migrations", "", *about, NOTE, HEADER, *rows, ""]))


def _run(*command: str) -> str:
    return subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True).stdout


def _time(root: Path) -> dict[str, Any]:
    made, plan = _timed(lambda: make_plan(scan(root), choose()))
    copy = root.with_name(f"{root.name}-copy")
    trial, simulated = _timed(lambda: simulate(root, made, copy))
    shutil.rmtree(copy)
    if not trial.holds:
        sys.exit(f"the simulation does not hold: {trial.checks}")
    with Files(root) as files:
        done, applied = _timed(lambda: apply(files, made))
    with Files(root) as files:
        _, undone = _timed(lambda: rollback(files))
    total = len(made.renames) + len(made.excluded) + sum(made.unchanged.values())
    seconds = [plan, simulated, applied, undone]
    return {"generations": total, "renamed": done.renamed, "edited": done.edited, "seconds": seconds}


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _row(run: dict[str, Any]) -> str:
    total = run["generations"]
    seconds = " | ".join(f"{each:.1f}" for each in run["seconds"])
    counts = f"{total:,} | {run['renamed']:,} | {run['edited']:,}"
    return f"| {counts} | {seconds} | {1000 * sum(run['seconds']) / total:.2f} |"


if __name__ == "__main__":
    main()
