"""Run several audits over one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

import pandas as pd

from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.registry import AUDITS, default_audits
from genaudit.audits.result import AuditResult
from genaudit.page_model import Section
from genaudit.schemas import FINDINGS, from_rows
from genaudit.store.collector import without_gc
from genaudit.store.snapshot import Snapshot

R = TypeVar("R", bound=AuditResult[Any])


@dataclass(frozen=True, slots=True)
class AuditRun:
    """Results of audits over one snapshot; ``run.recompute`` is the result of the audit ``recompute``.

    :param results: by the name of the audit, in the order of the registry.
    """

    snapshot: Snapshot
    results: Mapping[str, AuditResult[Any]]

    def __getattr__(self, name: str) -> AuditResult[Any]:
        """Return an audit's result.

        :raises AttributeError: the audit did not run; names the nearest one that did.
        """
        if not name.startswith("_") and name in self.results:
            return self.results[name]
        near = get_close_matches(name, self.results, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"no audit {name!r} in this run, only {', '.join(self.results)}{hint}")

    def result(self, audit: Audit[R]) -> R | None:
        """Return an audit's result, or ``None`` if it did not run."""
        return cast("R | None", self.results.get(audit.name))

    @property
    def findings(self) -> pd.DataFrame:
        """All findings, columns of :data:`genaudit.schemas.FINDINGS`, audit by audit."""
        frames = [result.findings for result in self.results.values() if len(result.findings)]
        return pd.concat(frames, ignore_index=True) if frames else from_rows(FINDINGS, [])

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of every result."""
        return tuple(section for name, result in self.results.items() for section in AUDITS[name].sections(result))


@without_gc()
def run_audits(
    snapshot: Snapshot,
    only: Iterable[str] | None = None,
    *,
    roots: Sequence[Path] = (),
    left_out: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> AuditRun:
    """Run audits in the order of the registry.

    :param only: names of audits; by default those that run unasked.
    :param roots: further folders to search for references.
    :param left_out: folders that are not searched for references.
    :param progress: called with the files read so far and their total.
    """
    wanted = {*default_audits()} if only is None else {*only}
    context = AuditContext(snapshot, roots, left_out, progress)
    return AuditRun(snapshot, {name: context.result(audit) for name, audit in AUDITS.items() if name in wanted})
