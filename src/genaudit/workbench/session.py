"""One read and audited store, shared by all notebooks and windows of a server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final
from weakref import finalize

import pandas as pd

from genaudit.audits.memberships import Cohorts
from genaudit.audits.parents import repairs
from genaudit.audits.result import AuditResult
from genaudit.audits.run import AuditRun
from genaudit.audits.run_summary import RunSummary, summarise_run
from genaudit.audits.table import default_audits
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.layout import Layout
from genaudit.lookup.generation import Lookup
from genaudit.lookup.lineage import Lineage
from genaudit.page_model import Section
from genaudit.schemas import SCORES, from_rows
from genaudit.scores import aggregate_scores
from genaudit.snapshots.folder import is_snapshot, read
from genaudit.snapshots.saved import Saved
from genaudit.snapshots.taking import laid_out, run_saved, under_flags
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import Snapshot, scan
from genaudit.workbench.generations import generations

MOST_KEPT: Final = 2
# Percentages of the time at which the scan and the audits end; the indexes take the rest.
_SCAN: Final = 50
_INDEXES: Final = 80
_WHOLE: Final = 100


@dataclass(frozen=True)
class Session:
    """One reading of a store, with values computed on first use.

    :param root: the data root, or the folder of a saved snapshot.
    :param run: the results of the usual audits.
    :param read_at: time of the reading.
    :param searches: results of reference searches, by the report folder that they left out.
    :param on_demand: results of other audits that ran on demand, by name.
    :param saved: the saved snapshot that was opened; ``None`` for a store.
    :param memberships: all memberships of the store, if they were read already.
    """

    root: Path
    run: AuditRun
    read_at: datetime
    searches: dict[Path, AuditResult[Any]] = field(default_factory=dict, compare=False, repr=False)
    on_demand: dict[str, AuditResult[Any]] = field(default_factory=dict, compare=False, repr=False)
    saved: Saved | None = None
    memberships: Cohorts | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The name of the store, with the day if it is a saved snapshot."""
        return self.snapshot.name if self.saved is None else f"{self.snapshot.name} on {self.saved.manifest.date}"

    @property
    def is_saved(self) -> bool:
        """Whether this is a saved snapshot, which has no texts and cannot be changed."""
        return self.saved is not None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the scan."""
        return self.run.snapshot

    @property
    def day(self) -> str:
        """The date of the reports: the day of the reading, in UTC."""
        return self.read_at.date().isoformat()

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in their order."""
        return tuple(self.snapshot.stages)

    @cached_property
    def repairs(self) -> pd.DataFrame:
        """Links to repair by hand, columns of :data:`genaudit.schemas.REPAIRS`."""
        return repairs(self.run.parents.frame)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings, columns of :data:`genaudit.schemas.FINDINGS`."""
        return self.run.findings

    @cached_property
    def generations(self) -> pd.DataFrame:
        """One row per generation, columns of :data:`genaudit.workbench.generations.COLUMNS`."""
        return generations(self.run, self.findings)

    @cached_property
    def lookup(self) -> Lookup:
        """The lookup of single generations."""
        return Lookup(self.run, self.memberships)

    @property
    def lineage(self) -> Lineage:
        """The lookup of relatives."""
        return self.lookup.lineage

    @cached_property
    def facts(self) -> RunSummary:
        """The verdict and the key figures."""
        return summarise_run(self.run)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """The sections of the report page, by key."""
        return {section.key: section for section in self.run.sections}

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The score of every evaluation, columns of :data:`genaudit.schemas.SCORES`; reads a text for each."""
        if self.saved is not None:
            return self.saved.scores
        return aggregate_scores(self.snapshot) if self.has_pipeline else from_rows(SCORES, [])

    @property
    def has_pipeline(self) -> bool:
        """Whether the store has the built-in stages, which scores and rebuilds are made for."""
        return has_pipeline_stages(self.snapshot.stages)


class Sessions:
    """A cache of the stores read last, so that a second notebook does not read them again.

    :param clock: source of the read timestamp.
    :param most: maximum number of stores.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(tz=UTC), most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most = most
        self._kept: dict[str, tuple[tuple[object, ...], Session]] = {}
        self._lock = Lock()

    def open(self, root: Path, progress: Callable[[int, str], None] | None = None, *, again: bool = False) -> Session:
        """Read and audit a store, or return an earlier reading.

        A store is read again if generations or cohorts were added or removed since; changes inside files are not
        noticed.

        :param progress: called with the newly completed percentage and the current task.
        :param again: read the store in any case.
        :raises DDError: as :func:`genaudit.store.snapshot.scan`.
        """
        key = str(root.absolute())
        with self._lock:
            mark = _mark(root)
            kept = self._kept.pop(key, None)
            if kept is None or again or kept[0] != mark:
                kept = (mark, _read(root, self._clock(), Percent(progress)))
            self._kept[key] = kept
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
            return kept[1]


SESSIONS: Final = Sessions()


def _mark(root: Path) -> tuple[object, ...]:
    """What changes when a folder is added to a store or taken from it."""
    if is_snapshot(root):
        return (_changed(root),)
    layout = Layout(root, read_settings(root).stages)
    folders = (layout.root, layout.gens, *map(layout.stage, layout.stages), layout.cohorts)
    return (layout.stages, *(_changed(folder) for folder in folders))


def _changed(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _read(root: Path, now: datetime, percent: Percent) -> Session:
    if is_snapshot(root):
        return _read_saved(root, percent)
    snapshot = scan(root, lambda done, total: percent(_SCAN * done // max(total, 1), "reading the store"))
    percent(_SCAN, "auditing")
    lookup = Lookup.audited(snapshot)
    return _indexed(Session(root, lookup.run, now, memberships=lookup.cohorts), percent)


def _indexed(session: Session, percent: Percent) -> Session:
    """Build what the first page and the first search need while a progress bar is shown."""
    percent(_INDEXES, "building indexes")
    _ = session.generations, session.sections
    session.lookup.prepare()
    percent(_WHOLE, "building indexes")
    return session


def _read_saved(path: Path, percent: Percent) -> Session:
    """Open a saved snapshot; its files are laid out for as long as the session lives."""
    saved = read(path)
    percent(_SCAN, "auditing")
    files = ExitStack()
    snapshot = files.enter_context(laid_out(saved))
    with under_flags(saved):
        run = run_saved(saved, snapshot, default_audits())
    day = datetime.fromisoformat(saved.manifest.date).replace(tzinfo=UTC)
    session = Session(path, run, day, saved=saved)
    if saved.references is not None:
        session.searches[Path()] = saved.references
    finalize(session, files.close)
    return _indexed(session, percent)


class Percent:
    """Converter from absolute progress to the increments of a progress bar."""

    def __init__(self, progress: Callable[[int, str], None] | None) -> None:
        self._progress = progress
        self._done = 0

    def __call__(self, percent: int, what: str) -> None:
        """Report the percentage done so far and the current task."""
        if self._progress and percent > self._done:
            self._progress(percent - self._done, what)
        self._done = max(self._done, percent)
