"""Time the steps of cohorts of several sizes, and print the growth of the time per member."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import machine
from process import run

HERE: Final = Path(__file__).parent
# A draft, an essay and eight evaluations.
PER_COMBO: Final = 10
STEPS: Final = {
    "plan": "plan and check",
    "write": "write membership, manifest and a record for each member",
    "read": "read the membership with its manifest",
    "scan": "scan the store",
    "audit": "audit the cohort",
}
NOTE: Final = """
A cohort of a draft, an essay and eight evaluations a combo is planned from catalogs, written into an empty store in
the slim form, read back, and audited. Each size runs {repeat} times, in turn with the others, each time in a process
and a store of its own; the table has the least wall and CPU time of each step. *Growth* is the CPU time a member over
that of the smallest cohort: 1.0 is linear.
"""
HEADER: Final = """\
| members | step | wall s | CPU s | CPU µs a member | growth |
|--:|---|--:|--:|--:|--:|"""

# By step, the seconds of both clocks.
Spent = dict[str, tuple[float, float]]


def main() -> None:
    """Time every size and write the table."""
    options = _arguments()
    pinned = machine.pin()
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        spent: dict[int, list[Spent]] = {size: [] for size in options.sizes}
        for turn in range(options.repeat):
            for size, done in spent.items():
                done.append(_measure(scratch / "store", size))
                print(
                    f"{size} {turn + 1}/{options.repeat}: {sum(wall for wall, _ in done[-1].values()):.3f} s",
                    file=sys.stderr,
                )
        about = machine.describe(scratch, pinned)
    finally:
        shutil.rmtree(scratch)
    text = "\n".join(["# Cohorts", "", *about, NOTE.format(repeat=options.repeat), *_table(spent), ""])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text)
    print(text)


def _arguments() -> argparse.Namespace:
    def sizes(text: str) -> list[int]:
        found = sorted({int(size) for size in text.split(",")})
        if any(size < PER_COMBO or size % PER_COMBO for size in found):
            raise argparse.ArgumentTypeError(f"a cohort has {PER_COMBO} members a combo")
        return found

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=sizes, default="10000,30000,100000", help="members of the cohorts")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each size")
    parser.add_argument("--output", type=Path, default=HERE / "results_cohorts.md", help="the file that is written")
    return parser.parse_args()


def _measure(store: Path, size: int) -> Spent:
    """Run all steps once, and delete their files."""
    try:
        command = [sys.executable, str(HERE / "way_cohort.py"), str(store), str(size // PER_COMBO)]
        seen: dict[str, Any] = json.loads(run(command))
    finally:
        shutil.rmtree(store, ignore_errors=True)
    if seen["records"] != size:
        sys.exit(f"{seen['records']} members were listed instead of {size}")
    clocks = [seen["phases"], seen["cpu_phases"]]
    for clock in clocks:
        # The builder writes at the end of its build.
        clock["plan"] = clock["build"] - clock["write"]
    return {step: (clocks[0][step], clocks[1][step]) for step in STEPS}


def _table(spent: dict[int, list[Spent]]) -> list[str]:
    lines = [HEADER]
    first: dict[str, float] = {}
    for size, done in spent.items():
        for step, label in STEPS.items():
            wall, cpu = (min(each[step][clock] for each in done) for clock in (0, 1))
            growth = cpu / size / first.setdefault(step, cpu / size)
            lines.append(f"| {size:,} | {label} | {wall:.3f} | {cpu:.3f} | {cpu / size * 1e6:.1f} | {growth:.2f} |")
    return lines


if __name__ == "__main__":
    main()
