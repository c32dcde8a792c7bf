"""genaudit's full audit, each part under its own clock; in the order of `genaudit.audits.run.run_audits`."""

from __future__ import annotations

from pathlib import Path

from measure import phase

from genaudit.audits.inventory import inventory
from genaudit.audits.metadata import metadata
from genaudit.audits.parents import parents
from genaudit.audits.recompute import recompute
from genaudit.audits.run import AuditRun
from genaudit.store.snapshot import scan


def audit(root: str, jobs: int = 1) -> AuditRun:
    """Scan a store and audit it in every way.

    :param jobs: the number of processes that read.
    """
    results = {}
    with phase("scan"):
        snapshot = scan(Path(root), jobs=jobs)
    with phase("recompute"):
        results["recompute"] = recompute(snapshot)
    with phase("inventory"):
        results["inventory"] = inventory(snapshot, results["recompute"])
    with phase("metadata"):
        results["metadata"] = metadata(snapshot)
    with phase("parents"):
        results["parents"] = parents(snapshot)
    return AuditRun(snapshot, results)


def seen(run: AuditRun) -> tuple[int, int]:
    """Count the records and the characters of their template ids."""
    generations = run.snapshot.generations
    return len(generations), int(generations["template_id"].str.len().sum())
