"""Time a migration: plan, simulation, apply and rollback, on stores of different sizes."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import machine

from genaudit.layout import GENS
from genaudit.migration import apply as apply_module
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.rename_filter import choose
from genaudit.migration.rollback import rollback
from genaudit.migration.simulate import simulate
from genaudit.migration.staging import Contents
from genaudit.store.snapshot import scan

HERE: Final = Path(__file__).parent
NOTE: Final = """
Light stores, a seventh of whose generations have a legacy id; their descendants are renamed too. Each row is one
run in a process of its own. Seconds are CPU time, user and system; a simulation is a real copy, an apply to it, all
audits of it, and those of the store that find something in the copy. The last column is the whole, in milliseconds
for each generation of the store: where it does not grow, the time grows with the store and no faster.
"""
PARTS_NOTE: Final = """
## Where the time of an apply goes

*Floor* is a Python loop over the same steps, without any safety: for each edit write the new content beside the file,
fsync and rename it over the file, and rename each generation. Its parts, in seconds of CPU time:

- *plan again*: scan the store and make the plan again, because a changed store is refused; the same pass finds the
  files that name new ids already;
- *prepare*: read and check each file, write its new content and keep a copy of the original (*originals* is the time
  of these copies alone, *as links* the time of hard links);
- *edit*: check the kept content, copy it to its place's file system, check the file and replace it;
- *rename*: rename the generations, without replacing anything;
- *verify*: check each step on the disk, scan the store and recompute each new name.
"""
PARTS: Final = ("check_fresh", "stage", "_edit", "_rename", "_verify")
PARTS_HEADER: Final = """\
| generations | floor | apply | x floor | plan again | prepare | originals | as links | edit | rename | verify |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""
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
    rows, parts = [], []
    scratch = Path(tempfile.mkdtemp(prefix="genaudit-bench-"))
    try:
        pinned = machine.pin()
        for size in options.sizes.split(","):
            store = scratch / size
            _run(str(HERE / "store.py"), str(store), size, "light")
            run = json.loads(_run(__file__, "--one", str(store)))
            rows.append(_row(run))
            parts.append(_parts_row(run))
            print(rows[-1], parts[-1], file=sys.stderr)
            shutil.rmtree(store)
        about = machine.describe(scratch, pinned, "one run each")
    finally:
        shutil.rmtree(scratch)
    lines = ["# Results of migrations", "", *about, NOTE, HEADER, *rows, PARTS_NOTE, PARTS_HEADER, *parts, ""]
    options.output.write_text("\n".join(lines))


def _run(*command: str) -> str:
    return subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True).stdout


def _time(root: Path) -> dict[str, Any]:
    made, plan = _timed(lambda: make_plan(scan(root), choose()))
    copy = root.with_name(f"{root.name}-copy")
    trial, simulated = _timed(lambda: simulate(root, made, copy))
    shutil.rmtree(copy)
    if not trial.holds:
        sys.exit(f"the simulation does not hold: {trial.checks}")
    floor = _floor(root, made)
    copies = {way: _originals(root, made, way) for way in ("copy", "link")}
    seconds_of = _timing_parts()
    with Files(root) as files:
        done, applied = _timed(lambda: apply(files, made))
    parts = dict(seconds_of)
    with Files(root) as files:
        _, undone = _timed(lambda: rollback(files))
    total = len(made.renames) + len(made.excluded) + sum(made.unchanged.values())
    seconds = [plan, simulated, applied, undone]
    return {"generations": total, "renamed": done.renamed, "edited": done.edited, "seconds": seconds} | {
        "floor": floor,
        "copies": copies,
        "parts": parts,
    }


def _floor(root: Path, plan: Plan) -> float:
    """Time the same steps without any safety, on a copy."""
    copy = root.with_name(f"{root.name}-floor")
    shutil.copytree(root, copy, symlinks=True)
    contents = Contents(Files(root), plan.edits, plan.ids, plan.stages)
    new = [(edit.path, contents.after(edit)) for edit in plan.edits]

    def steps() -> None:
        for path, content in new:
            target = copy / path
            with target.with_name(f"{target.name}.new").open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{target}.new", target)  # noqa: PTH105 (the least that Python can do)
        for rename in plan.renames:
            base = f"{copy}/{GENS}/{rename.stage}"
            os.rename(f"{base}/{rename.old}", f"{base}/{rename.new}")  # noqa: PTH104 (as above)

    _, seconds = _timed(steps)
    shutil.rmtree(copy)
    return seconds


def _originals(root: Path, plan: Plan, way: str) -> float:
    """Time keeping the original of each edited file, as a copy or as a hard link."""
    kept = root / "originals"
    kept.mkdir()

    def keep() -> None:
        with Files(root) as files:
            for number, edit in enumerate(plan.edits):
                if way == "copy":
                    files.copy(edit.path, f"originals/{number}")
                else:
                    os.link(root / edit.path, kept / str(number))

    before = root.stat()
    _, seconds = _timed(keep)
    shutil.rmtree(kept)
    os.utime(root, ns=(before.st_atime_ns, before.st_mtime_ns))
    return seconds


def _timing_parts() -> dict[str, float]:
    """Time each part of an apply from now on."""
    seconds: dict[str, float] = {}

    def timing(name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: object) -> object:
            result, seconds[name] = _timed(lambda: part(*arguments))
            return result

        return timed

    for name in PARTS:
        setattr(apply_module, name, timing(name, getattr(apply_module, name)))
    return seconds


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _row(run: dict[str, Any]) -> str:
    total = run["generations"]
    seconds = " | ".join(f"{each:.1f}" for each in run["seconds"])
    counts = f"{total:,} | {run['renamed']:,} | {run['edited']:,}"
    return f"| {counts} | {seconds} | {1000 * sum(run['seconds']) / total:.2f} |"


def _parts_row(run: dict[str, Any]) -> str:
    parts, floor, whole = run["parts"], run["floor"], run["seconds"][2]
    again, prepare, edit, rename, verify = (parts[name] for name in PARTS)
    copies = run["copies"]
    seconds = (again, prepare, copies["copy"], copies["link"], edit, rename, verify)
    shown = " | ".join(f"{each:.2f}" for each in seconds)
    return f"| {run['generations']:,} | {floor:.2f} | {whole:.2f} | {whole / floor:.1f} | {shown} |"


if __name__ == "__main__":
    main()
