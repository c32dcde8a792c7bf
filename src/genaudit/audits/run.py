"""Run several audits over one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from genaudit.audits.cohorts import cohorts
from genaudit.audits.inventory import inventory
from genaudit.audits.metadata import metadata
from genaudit.audits.parents import parents
from genaudit.audits.rebuild.audit import rebuild_by_default
from genaudit.audits.recompute import recompute
from genaudit.audits.references import references
from genaudit.codes import USUAL_AUDITS
from genaudit.schemas import FINDINGS, from_rows
from genaudit.store.collector import without_gc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from genaudit.audits.result import AuditResult
    from genaudit.store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AuditRun:
    """The results of some audits over one snapshot, by name."""

    snapshot: Snapshot
    results: Mapping[str, AuditResult]

    @property
    def findings(self) -> pd.DataFrame:
        """All findings together, columns of :data:`genaudit.schemas.FINDINGS`, audit by audit."""
        frames = [result.findings for result in self.results.values() if len(result.findings)]
        return pd.concat(frames, ignore_index=True) if frames else from_rows(FINDINGS, [])


@without_gc()
def run_audits(
    snapshot: Snapshot,
    only: Iterable[str] = USUAL_AUDITS,
    *,
    roots: Sequence[Path] = (),
    left_out: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> AuditRun:
    """Run the named audits, in their fixed order.

    :param only: names from :data:`genaudit.codes.AUDITS`.
    :param roots: further folders to search for references.
    :param left_out: folders that are not searched for them.
    :param progress: of that search, as :func:`genaudit.audits.references.references` calls it.
    """
    wanted = set(only)
    results: dict[str, AuditResult] = {}
    identities = recompute(snapshot) if wanted & {"inventory", "recompute", "rebuild"} else None
    if "inventory" in wanted:
        results["inventory"] = inventory(snapshot, identities)
    if "metadata" in wanted:
        results["metadata"] = metadata(snapshot)
    if "parents" in wanted:
        results["parents"] = parents(snapshot)
    if "recompute" in wanted and identities:
        results["recompute"] = identities
    if "cohorts" in wanted:
        results["cohorts"] = cohorts(snapshot)
    if "rebuild" in wanted and identities:
        results["rebuild"] = rebuild_by_default(snapshot, identities.frame)
    if "references" in wanted:
        results["references"] = references(snapshot, roots, left_out, progress=progress)
    return AuditRun(snapshot, results)
