"""Every essay of a store rebuilt in every curated mode: `way_rebuild.py ROOT`; the scan has a clock of its own."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from measure import phase, report

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.recompute import recompute
from genaudit.cohorts import IdScheme
from genaudit.store.gc_pause import without_gc
from genaudit.store.snapshot import scan


def work() -> tuple[int, int]:
    with phase("scan"):
        snapshot = scan(Path(sys.argv[1]))
    with phase("recompute"):
        identities = recompute(snapshot).frame
    essays = snapshot.generations.loc[snapshot.generations["stage"] == "essay", "gen_id"]
    with tempfile.TemporaryDirectory() as folder, without_gc():
        selection = Path(folder) / "selected_essays.txt"
        selection.write_text("\n".join(essays) + "\n")
        with phase("rebuild"):
            spent = time.process_time()
            result = rebuild(snapshot, RebuildRequest(select=selection, scheme=IdScheme()), identities)
            spent = time.process_time() - spent
    # As many characters as the records' template ids have together, as every way prints.
    characters = int(snapshot.generations["template_id"].str.len().sum())
    print(len(result.frame), spent, file=sys.stderr)
    return len(snapshot.generations), characters


report(work)
