"""Run of several audits over one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

import pandas as pd

from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.cohorts import CohortsResult
from genaudit.audits.inventory import InventoryResult
from genaudit.audits.metadata import MetadataResult
from genaudit.audits.parents import ParentsResult
from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.recompute import RecomputeResult
from genaudit.audits.reference_report import ReferencesResult
from genaudit.audits.registry import AUDITS
from genaudit.audits.result import AuditResult
from genaudit.audits.table import default_audits
from genaudit.baseline.entries import Baseline
from genaudit.baseline.matching import BaselineMatch, match_baseline
from genaudit.baseline.sections import baseline_section
from genaudit.limits import MAX_MEMBERS
from genaudit.page_model import Section
from genaudit.schemas import FINDINGS, from_rows
from genaudit.store.gc_pause import without_gc
from genaudit.store.ledger import read_ledger
from genaudit.store.pool import Engine, Workers
from genaudit.store.snapshot import Snapshot

R = TypeVar("R", bound=AuditResult[Any])


class _Results:
    """Types of the results, for type checkers and editors; a further audit works without a row."""

    __slots__ = ()

    inventory: InventoryResult
    metadata: MetadataResult
    parents: ParentsResult
    recompute: RecomputeResult
    cohorts: CohortsResult
    rebuild: RebuildResult
    references: ReferencesResult


@dataclass(frozen=True, slots=True)
class AuditRun(_Results):
    """The results of audits over one snapshot; ``run.recompute`` is the result of the audit ``recompute``.

    :param results: results by audit name, in the order of the registry.
    :param baseline: the baseline held against the findings, if there is one.
    :param more: sections about the whole run, shown after those of the audits.
    """

    snapshot: Snapshot
    results: Mapping[str, AuditResult[Any]]
    baseline: BaselineMatch | None = None
    more: tuple[Section, ...] = ()

    def __getattr__(self, name: str) -> AuditResult[Any]:
        """Return an audit's result.

        :raises AttributeError: the audit did not run; names the closest one that did.
        """
        if not name.startswith("_") and name in self.results:
            return self.results[name]
        near = get_close_matches(name, self.results, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"no audit {name!r} in this run, only {', '.join(self.results)}{hint}")

    def __dir__(self) -> list[str]:
        """List the attributes, results included."""
        return sorted({*object.__dir__(self), *self.results})

    def result(self, audit: Audit[R]) -> R | None:
        """Return an audit's result, or ``None`` if it did not run."""
        return cast("R | None", self.results.get(audit.name))

    @property
    def findings(self) -> pd.DataFrame:
        """All findings, columns of :data:`genaudit.schemas.FINDINGS`, audit by audit."""
        frames = [result.findings for result in self.results.values() if len(result.findings)]
        return pd.concat(frames, ignore_index=True) if frames else from_rows(FINDINGS, [])

    @property
    def active(self) -> pd.DataFrame:
        """The findings that no baseline accepts, expired acceptances among them."""
        return self.baseline.active(self.findings) if self.baseline else self.findings

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of every result, then those about the whole run."""
        audits = (section for name, result in self.results.items() for section in AUDITS[name].sections(result))
        accepted = (baseline_section(self.baseline),) if self.baseline else ()
        return (*audits, *accepted, *self.more)

    def against(self, baseline: Baseline, path: str, day: str) -> AuditRun:
        """Hold a baseline against the findings.

        :param path: the baseline file, as it is shown.
        :param day: the date on which ends are judged, ``YYYY-MM-DD``.
        :raises DDError: the ledger of the store is damaged, as :func:`genaudit.store.ledger.read_ledger`.
        """
        ran = [name for name, result in self.results.items() if not result.not_run]
        ledger = read_ledger(self.snapshot.root)
        match = match_baseline(baseline, self.findings, ledger, audits=ran, path=path, day=day)
        return replace(self, baseline=match)

    def part(self, names: Iterable[str]) -> AuditRun:
        """Return the part of the run with some audits, with the baseline of their findings."""
        results = {name: self.results[name] for name in names}
        if self.baseline is None:
            return AuditRun(self.snapshot, results)
        kept = self.findings["audit"].isin([*results]).tolist()
        return AuditRun(self.snapshot, results, self.baseline.part(kept, results))


def check_applicable(names: Iterable[str], snapshot: Snapshot) -> None:
    """Check that audits that were asked for by name apply to a store.

    :raises DDError: one does not, as the ``check`` of :class:`genaudit.audits.audit.Audit`.
    """
    for name in names:
        AUDITS[name].check(snapshot)


@without_gc()
def run_audits(
    snapshot: Snapshot,
    only: Iterable[str] | None = None,
    *,
    roots: Sequence[Path] = (),
    left_out: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
    known: Mapping[str, AuditResult[Any]] | None = None,
    max_members: int = MAX_MEMBERS,
    jobs: int | None = 1,
    engine: Engine | None = None,
) -> AuditRun:
    """Run audits in the order of the registry.

    :param only: names of audits; the default ones if ``None``.
    :param roots: further folders to search for references.
    :param left_out: folders that are not searched for references.
    :param progress: called with the files read so far and their total.
    :param known: results that are taken as they are, by the name of the audit.
    :param max_members: the largest number of members of a stage in a plan; the store may lower it.
    :param jobs: the number of processes that read texts; ``None`` for one per core, if the store is large.
    :param engine: searches and checks the texts of generations elsewhere instead.
    """
    wanted = {*default_audits()} if only is None else {*only}
    workers = Workers(jobs, engine)
    context = AuditContext(snapshot, roots, left_out, progress, dict(known or {}), wanted, max_members, workers)
    return AuditRun(snapshot, {name: context.result(audit) for name, audit in AUDITS.items() if name in wanted})
