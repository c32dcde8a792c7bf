"""Time what is done with cohorts of several sizes, and print seconds, microseconds a member, and how both grow."""

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
and a store of its own; the table has the least wall time of each step. *Growth* is the time a member over that of the
smallest cohort: 1.0 is linear.
"""
HEADER: Final = """\
| members | step | wall s | µs a member | growth |
|--:|---|--:|--:|--:|"""

Spent = dict[str, float]


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
                print(f"{size} {turn + 1}/{options.repeat}: {sum(done[-1].values()):.3f} s", file=sys.stderr)
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
    """Run all steps once; what is left behind is cleared away."""
    try:
        command = [sys.executable, str(HERE / "way_cohort.py"), str(store), str(size // PER_COMBO)]
        seen: dict[str, Any] = json.loads(run(command))
    finally:
        shutil.rmtree(store, ignore_errors=True)
    if seen["records"] != size:
        sys.exit(f"{seen['records']} members were listed instead of {size}")
    spent: Spent = seen["phases"]
    # The builder writes at the end of its build.
    return {"plan": spent.pop("build") - spent["write"], **spent}


def _table(spent: dict[int, list[Spent]]) -> list[str]:
    lines = [HEADER]
    smallest = min(spent)
    for size in spent:
        for step, label in STEPS.items():
            seconds, least = (min(each[step] for each in spent[one]) for one in (size, smallest))
            growth = (seconds / size) / (least / smallest)
            lines.append(f"| {size:,} | {label} | {seconds:.3f} | {seconds / size * 1e6:.1f} | {growth:.2f} |")
    return lines


if __name__ == "__main__":
    main()
