"""Time Dagster's runs over the generations of a stage: `pipeline.py [--generations N]`.

The offline generator makes the drafts of a sample store from nothing, once in a run for each and once in one run, on
an instance in memory and on one on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps
from genaudit.pipeline.partitions import add_partitions
from genaudit.pipeline.sandbox import Sandbox, failures_of
from genaudit.sample import SampleOptions, write_sample


def main() -> None:
    """Time each way, and print one JSON line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=60)
    options = parser.parse_args()
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        write_sample(source, SampleOptions(drafts=options.generations, legacy_share=0.0))
        drafts = sorted(path.name for path in (source / "gens" / "draft").iterdir())
        for draft in drafts:
            for path in (source / "gens" / "draft" / draft).iterdir():
                if path.name != "metadata.json":
                    path.unlink()
        steps(copied(source, name), drafts)
        for kind in ("memory", "disk"):
            for way, runs in (("a run for each", [[draft] for draft in drafts]), ("one run", [drafts])):
                runs_over(copied(source, name), kind, way, runs)


def copied(source: Path, folder: str) -> Path:
    """Replace the copy of the store by a new one."""
    return shutil.copytree(source, Path(tempfile.mkdtemp(dir=folder)) / "store")


def steps(root: Path, drafts: list[str]) -> None:
    """Time the work itself, without Dagster."""
    with timed("no Dagster", "the steps alone", len(drafts)):
        work = Steps(root, OfflineGenerator())
        for draft in drafts:
            work.run_all("draft", draft)


def runs_over(root: Path, kind: str, way: str, runs: list[list[str]]) -> None:
    """Time runs on a new instance."""
    home = root.parent / "home"
    home.mkdir()
    made = dg.DagsterInstance.ephemeral() if kind == "memory" else dg.DagsterInstance.local_temp(str(home))
    with made as instance:
        sandbox = Sandbox(instance, root)
        add_partitions(instance, "draft", [draft for run in runs for draft in run])
        with timed(kind, way, sum(map(len, runs))):
            for run in runs:
                result = sandbox.generate("draft", *run)
                if not result.success:
                    raise SystemExit(f"a run failed: {failures_of(result)}")


@contextmanager
def timed(kind: str, way: str, count: int) -> Iterator[None]:
    """Print the time of a block."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    spent = {"CPU s": round(time.process_time() - cpu, 3), "wall s": round(time.perf_counter() - wall, 3)}
    each = round(spent["CPU s"] / count * 1000, 1)
    print(json.dumps({"instance": kind, "way": way, "generations": count, **spent, "ms each": each}), flush=True)


if __name__ == "__main__":
    main()
