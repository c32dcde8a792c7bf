"""Time the writing and reading of a large snapshot, and measure its size: `snapshots.py [--generations N]`.

The rows of a sample store are repeated under other ids, because a store of a million folders takes long to write.
Scan and audits are timed by `run.py`. With pyarrow installed, the same tables are also written as Parquet.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pandas as pd

from genaudit.sample import SampleOptions, write_sample
from genaudit.snapshots.folder import read, save
from genaudit.snapshots.saved import Saved
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan

DRAFTS = 289
TABLES = ("generations", "files", "findings", "scores", "strays")


def main() -> None:
    """Make the snapshot, time each way, and print one JSON line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        saved = large(Path(folder) / "store", options.generations)
        print(json.dumps({"generations": len(saved.generations), "files": len(saved.files)}), flush=True)
        timed("csv.gz write", lambda: save(saved, Path(folder)), folder)
        timed("csv.gz read", lambda: read(Path(folder) / "snapshots" / "large"), folder)
        if importlib.util.find_spec("pyarrow"):
            timed("parquet write", lambda: parquet(saved, Path(folder) / "parquet"), folder)
            timed(
                "parquet read",
                lambda: [pd.read_parquet(path) for path in (Path(folder) / "parquet").iterdir()],
                folder,
            )


def large(root: Path, generations: int) -> Saved:
    """Repeat the rows of a sample store under other ids."""
    write_sample(root, SampleOptions(drafts=DRAFTS))
    small = take(scan(root), date="2026-01-02", name="large")
    times = -(-generations // len(small.generations))

    def repeated(table: pd.DataFrame, *names: str) -> pd.DataFrame:
        parts = [
            table.assign(**{name: [another(text, number) for text in table[name].tolist()] for name in names})
            for number in range(times)
        ]
        return pd.concat(parts, ignore_index=True).astype(table.dtypes)

    return replace(
        small,
        generations=repeated(small.generations, "gen_id", "parent_gen_id").head(generations),
        files=repeated(small.files, "path").head(generations * 5),
        findings=repeated(small.findings, "gen_id"),
        scores=repeated(small.scores, "gen_id", "parent_gen_id"),
        kept=(),
    )


def another(text: object, number: int) -> object:
    """Give an id, or the id in the path of a file, another ending."""
    if not isinstance(text, str):
        return text
    parts = text.split("/")
    place = min(2, len(parts) - 1)
    parts[place] = f"{parts[place]}{number:03x}"
    return "/".join(parts)


def parquet(saved: Saved, folder: Path) -> None:
    """Write the tables as Parquet with the strongest common compression."""
    folder.mkdir()
    for name in TABLES:
        getattr(saved, name).to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)


def timed(way: str, work: Callable[[], object], folder: str) -> None:
    """Do the work once and print its time and memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sizes = {
        path.name: path.stat().st_size
        for path in Path(folder, "parquet" if "parquet" in way else "snapshots/large").iterdir()
    }
    peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    print(
        json.dumps({"way": way, "wall": round(wall, 1), "cpu": round(cpu, 1), "peak_mb": peak, "sizes": sizes}),
        flush=True,
    )


if __name__ == "__main__":
    main()
