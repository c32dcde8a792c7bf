"""A store that was read and audited once, shared by every notebook and window of a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from genaudit.audits.run import AuditRun, run_audits
from genaudit.audits.run_summary import RunSummary, summarise_run
from genaudit.layout import Layout
from genaudit.scores import aggregate_scores
from genaudit.stages import STAGE_NAMES
from genaudit.store.snapshot import scan
from genaudit.workbench.generations import generations
from genaudit.workbench.kin import Kin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from genaudit.audits.result import AuditResult
    from genaudit.page_model import Section
    from genaudit.store.snapshot import Snapshot

MOST_KEPT: Final = 2
# How much of the time a scan takes, in percent; the audits take the rest.
_SCAN: Final = 70
_WHOLE: Final = 100


@dataclass(frozen=True)
class Session:
    """What one reading of a store found, and what is worked out from it when it is first asked for.

    :param root: the data root.
    :param run: the results of the usual audits.
    :param read_at: when it was read.
    :param searches: what searches for quotes of ids found, by the folder of reports that they left out.
    """

    root: Path
    run: AuditRun
    read_at: datetime
    searches: dict[Path, AuditResult[Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def snapshot(self) -> Snapshot:
        """What the scan found."""
        return self.run.snapshot

    @property
    def day(self) -> str:
        """The date of the reports: when the store was read, in UTC."""
        return self.read_at.date().isoformat()

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings, columns of :data:`genaudit.schemas.FINDINGS`."""
        return self.run.findings

    @cached_property
    def generations(self) -> pd.DataFrame:
        """A row for each generation, columns of :data:`genaudit.workbench.generations.COLUMNS`."""
        return generations(self.run, self.findings)

    @cached_property
    def kin(self) -> Kin:
        """Who descends from whom."""
        return Kin(self.run)

    @cached_property
    def facts(self) -> RunSummary:
        """The verdict and the key numbers."""
        return summarise_run(self.run)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """The sections of the report page, by key."""
        return {section.key: section for section in self.run.sections}

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The score of every evaluation, columns of :data:`genaudit.schemas.SCORES`; reads a text for each."""
        return aggregate_scores(self.snapshot)


class Sessions:
    """Keeps the stores that were read last, so that a second notebook does not read them again.

    :param clock: says when a store is read.
    :param most: how many stores are kept.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(tz=UTC), most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most = most
        self._kept: dict[str, tuple[tuple[object, ...], Session]] = {}
        self._lock = Lock()

    def open(self, root: Path, progress: Callable[[int, str], None] | None = None, *, again: bool = False) -> Session:
        """Read and audit a store, or take what an earlier call read.

        A store is read anew when generations or cohorts came or went since; a change inside of a file is not noticed.

        :param progress: called with percents newly done, and what is being done.
        :param again: read it in any case.
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
    layout = Layout(root)
    folders = (layout.root, layout.gens, *map(layout.stage, STAGE_NAMES), layout.cohorts)
    return tuple(_changed(folder) for folder in folders)


def _changed(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _read(root: Path, now: datetime, percent: Percent) -> Session:
    snapshot = scan(root, lambda done, total: percent(_SCAN * done // max(total, 1), "reading the store"))
    percent(_SCAN, "auditing")
    run = run_audits(snapshot)
    percent(_WHOLE, "auditing")
    return Session(root, run, now)


class Percent:
    """Turns how far a task has come into the steps that a progress bar wants."""

    def __init__(self, progress: Callable[[int, str], None] | None) -> None:
        self._progress = progress
        self._done = 0

    def __call__(self, percent: int, what: str) -> None:
        """Say how many percents are done by now, and what is being done."""
        if self._progress and percent > self._done:
            self._progress(percent - self._done, what)
        self._done = max(self._done, percent)
