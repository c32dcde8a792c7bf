"""Run the campaign and print its counts; exit code 1 if anything failed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from torture.campaign import run


def main() -> int:
    """Read the options, run every part, and print one line for each."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--losses", type=int, default=400)
    parser.add_argument("--states", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=1, help="stop at each n-th effect only")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        counts = {name: getattr(options, name) for name in ("records", "losses", "states", "every")}
        for part in run(Path(folder), options.seed, **counts):
            sys.stdout.write(f"{part.name}: {part.cases:,} cases, {len(part.failures)} failures\n")
            sys.stdout.writelines(f"    {failure}\n" for failure in part.failures[:20])
            sys.stdout.flush()
            failed += len(part.failures)
    sys.stdout.write(f"seed {options.seed}\n")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
