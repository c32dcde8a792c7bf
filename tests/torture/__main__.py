"""Run the campaign and print its counts; exit code 1 if anything failed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from torture.campaign import PARTS, Size, run


def main() -> int:
    """Read the options, run the parts, and print one line for each."""
    whole = Size()
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--records", type=int, default=whole.records)
    parser.add_argument("--losses", type=int, default=whole.losses)
    parser.add_argument("--states", type=int, default=whole.states)
    parser.add_argument("--every", type=int, default=whole.every, help="stop at each n-th effect only")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part; repeat for several")
    options = parser.parse_args()
    size = Size(options.every, options.losses, options.states, options.records)
    failed, spent = 0, time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for part in run(Path(folder), options.seed, size, options.only or PARTS):
            seconds, spent = time.process_time() - spent, time.process_time()
            sys.stdout.write(
                f"{part.name}: {part.cases:,} cases, {len(part.failures)} failures, {seconds:.0f} s of CPU\n"
            )
            sys.stdout.writelines(f"    {failure}\n" for failure in part.failures[:20])
            sys.stdout.flush()
            failed += len(part.failures)
    sys.stdout.write(f"seed {options.seed}\n")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
