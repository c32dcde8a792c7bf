"""Time genaudit beside a C floor, DuckDB and a plain loop, and print the comparison as a Markdown table."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import machine
from measure import ALL_CORES
from process import run

HERE: Final = Path(__file__).parent
MAX_WARM_UPS: Final = 5
STEADY: Final = 0.2
MAX_TRIES: Final = 3
COLD_BYTES: Final = 100
LIBRARY_BYTES: Final = 2**17
LABELS: Final = {
    "floor": "C: open, read, close",
    "listing": "C: folders listed, one stat a file, every JSON file read",
    "scan": "genaudit scan",
    "scan-all": "genaudit scan, all cores",
    "audit": "genaudit scan and four audits",
    "reports": "the same, reports written",
    "reports-all": "the same, all cores",
    "duckdb": "DuckDB `read_json`",
    "loop": "`pathlib` and `json` loop",
}
NOTE: Final = """
Imports and start-up are left out. Each way runs {repeat} times, in turn with the others, each time in a process of
its own, on a store that is in the page cache; the table has the least wall and CPU time and the highest peak.
A star marks a way whose best run still had to read from the disk.
"""
HEADER: Final = """\
| size | way | wall s | CPU s | peak MB | x floor | x floor with listing, wall | the same, CPU |
|---|---|--:|--:|--:|--:|--:|--:|"""

Run = dict[str, Any]


def main() -> None:
    """Make the stores, time every way on each, and write the tables."""
    options = _arguments()
    pinned = machine.pin()
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        stores = options.keep or scratch
        commands, compiler = _commands(scratch)
        commands = {way: commands[way] for way in LABELS if way in commands and way not in options.skip}
        wanted = [(size, "light") for size in options.sizes] + [(size, "full") for size in options.full_sizes]
        results = {}
        for size, kind in wanted:
            store = _store(stores / f"{kind}-{size}", size, kind)
            runs = _time(store, commands, options.repeat)
            records = next(iter(runs.values()))[0]["records"]
            results[f"{records:,} {kind}"] = runs
        about = machine.describe(stores, pinned, compiler)
    finally:
        shutil.rmtree(scratch)
    text = "\n".join(["# Results", "", *about, NOTE.format(repeat=options.repeat), *_tables(results), ""])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text)
    print(text)


def _arguments() -> argparse.Namespace:
    def sizes(text: str) -> list[int]:
        return [int(size) for size in text.split(",") if size]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=sizes, default="5000,50000,500000", help="generations of the light stores")
    parser.add_argument("--full-sizes", type=sizes, default="5000", help="generations of the stores with every file")
    parser.add_argument("--skip", choices=LABELS, action="append", default=[], help="a way to leave out, repeatable")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each way")
    parser.add_argument("--output", type=Path, default=HERE / "results.md", help="the Markdown file that is written")
    parser.add_argument("--keep", type=Path, help="a folder to make the stores in, and to find them again")
    return parser.parse_args()


def _commands(scratch: Path) -> tuple[dict[str, list[str]], str]:
    """Return the command of each way, without the store's path, and the compiler of the floor."""
    python = {way: [sys.executable, str(HERE / f"way_{way}.py")] for way in ("scan", "audit", "duckdb", "loop")}
    python["scan-all"] = [*python["scan"], ALL_CORES]
    python["reports"] = [sys.executable, str(HERE / "way_reports.py"), str(scratch / "reports")]
    python["reports-all"] = [*python["reports"], ALL_CORES]
    compiler = shutil.which("cc")
    if not compiler:
        return python, "no C compiler, so no floor"
    run([compiler, "-O2", "-o", str(scratch / "floor"), str(HERE / "floor.c")])
    floor = {"floor": [str(scratch / "floor")], "listing": [str(scratch / "floor"), "-l"]}
    return floor | python, run([compiler, "--version"]).splitlines()[0]


def _store(path: Path, size: int, kind: str) -> Path:
    """Find or make a store; a sample is either there as a whole or not at all."""
    if not path.exists():
        run([sys.executable, str(HERE / "store.py"), str(path), str(size), kind])
    return path


def _time(store: Path, commands: dict[str, list[str]], repeat: int) -> dict[str, list[Run]]:
    """Run every way in turn, several times.

    :returns: the runs of each way.
    """
    _warm_up(store, commands)
    runs: dict[str, list[Run]] = {way: [] for way in commands}
    for turn in range(repeat):
        for way, done in runs.items():
            done.append(_measure(commands[way], store))
            print(f"{store.name} {turn + 1}/{repeat} {way}: {done[-1]['wall']:.3f} s", file=sys.stderr)
    _check(runs)
    return runs


def _warm_up(store: Path, commands: dict[str, list[str]]) -> None:
    """Read the store until two passes in a row take about as long; the scan also opens every folder."""
    for way in ("floor", "scan"):
        last = 0.0
        for _ in range(MAX_WARM_UPS if way in commands else 0):
            last, before = _measure(commands[way], store)["wall"], last
            if abs(last - before) <= STEADY * last:
                break


def _measure(command: list[str], store: Path) -> Run:
    """Run one way; a system short of memory drops cached pages between two runs, so a cold run is tried again."""
    runs: list[Run] = []
    while len(runs) < MAX_TRIES and (not runs or _is_cold(runs[-1])):
        runs.append(json.loads(run([*command, str(store)])))
    return min(runs, key=lambda run: run["disk"])


def _is_cold(run: Run) -> bool:
    """Return whether more came from the disk than a late import accounts for."""
    return bool(run["disk"] > max(COLD_BYTES * run["records"], LIBRARY_BYTES))


def _check(runs: dict[str, list[Run]]) -> None:
    """Stop when the ways did not all see the same store: then their times compare nothing."""
    every = {f"{way} {turn}": run for way, done in runs.items() for turn, run in enumerate(done, 1)}
    for key in ("records", "template_chars"):
        seen = {name: run[key] for name, run in every.items() if key in run}
        if len(set(seen.values())) > 1:
            sys.exit(f"the ways disagree on {key}: {seen}")
    least = max((run["bytes"] for run in runs.get("floor", [])), default=0)
    if short := {name: run["bytes"] for name, run in every.items() if 0 < run["bytes"] < least}:
        sys.exit(f"less was read than the {least} bytes that the records have: {short}")


def _tables(results: dict[str, dict[str, list[Run]]]) -> list[str]:
    """Write the comparison, and where the audits' time goes, in the rows of two Markdown tables."""
    lines = [HEADER]
    phases = []
    for size, runs in results.items():
        floor = min((run["wall"] for run in runs.get("floor", [])), default=None)
        listing = [min((run[key] for run in runs.get("listing", [])), default=None) for key in ("wall", "cpu")]
        for way, done in runs.items():
            wall, cpu = (min(run[key] for run in done) for key in ("wall", "cpu"))
            peak = max(run["peak"] for run in done) / 1024
            ratio = f"{wall / floor:.1f}" if floor else "-"
            star = "*" if all(map(_is_cold, done)) else ""
            ratios = [
                f"{mine / least:.1f}" if least else "-" for mine, least in zip((wall, cpu), listing, strict=True)
            ]
            shown = f"{wall:.3f}{star} | {cpu:.3f} | {peak:.0f} | {ratio} | {' | '.join(ratios)}"
            lines.append(f"| {size} | {LABELS[way]} | {shown} |")
        phased = [run for done in runs.values() for run in done if run.get("phases")]
        if phased:
            phases.append((size, max(phased, key=lambda run: (len(run["phases"]), -run["wall"]))["phases"]))
    names = list(phases[0][1]) if phases else []
    lines += ["", "Where the time of the best full run goes, in seconds:", ""]
    lines += [f"| size | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    lines += [f"| {size} | {' | '.join(f'{spent[name]:.3f}' for name in names)} |" for size, spent in phases]
    return lines


if __name__ == "__main__":
    main()
