"""Descriptor of an audit, the source for its commands, reports, pages and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import pandas as pd

from genaudit.audits.result import AuditResult
from genaudit.limits import MAX_MEMBERS
from genaudit.page_model import Section
from genaudit.store.pool import ALONE, Workers
from genaudit.store.snapshot import Snapshot

R = TypeVar("R", bound=AuditResult[Any])


def _applies(_snapshot: Snapshot) -> None:
    """Accept every store."""


def _no_files(_result: Any, _date: str) -> Iterable[ExtraFile]:  # noqa: ANN401 (a result of any audit)
    return ()


@dataclass(frozen=True, slots=True)
class ExtraFile:
    """A report file besides an audit's JSON and CSV.

    :param name: its name without date and suffix.
    :param content: function that builds the bytes.
    """

    name: str
    suffix: str
    content: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Audit(Generic[R]):
    """An audit.

    :param name: its command, and its key everywhere.
    :param title: the heading of its page.
    :param question: the question that it answers.
    :param run: function that computes the result.
    :param sections: function that converts the result to sections; the first section is the audit's own.
    :param report: the name of its JSON report, without date and suffix.
    :param tables: its CSV reports by name, each with a function from the result to the frame.
    :param files: function from the result and the date to further report files.
    :param more_reports: the names of these, without date and suffix.
    :param own_page: whether the audit's own command writes an HTML page too.
    :param notebook: its notebook, if it has one of its own.
    :param reads: the text of its progress bar, for an audit that reads files after the scan.
    :param check: raises the error of a store that it does not apply to. It is called if the audit is asked for by
        name; in a run of all audits it is not applicable.
    """

    name: str
    title: str
    question: str
    run: Callable[[AuditContext], R]
    sections: Callable[[R], Sequence[Section]]
    report: str
    tables: Mapping[str, Callable[[R], pd.DataFrame]]
    files: Callable[[R, str], Iterable[ExtraFile]] = _no_files
    more_reports: tuple[str, ...] = ()
    own_page: bool = False
    notebook: str | None = None
    reads: str | None = None
    check: Callable[[Snapshot], None] = _applies


@dataclass
class AuditContext:
    """Inputs of a run of audits, and the results so far.

    :param snapshot: the scanned store.
    :param roots: further folders to search for references.
    :param left_out: folders that are not searched for references.
    :param progress: called with the files read so far and their total.
    :param wanted: names of the audits that run; one of them may compute the result of a later one too.
    :param max_members: the largest number of members of a stage in a plan.
    :param workers: the processes that search and check texts.
    """

    snapshot: Snapshot
    roots: Sequence[Path] = ()
    left_out: Sequence[Path] = ()
    progress: Callable[[int, int], None] | None = None
    results: dict[str, AuditResult[Any]] = field(default_factory=dict)
    wanted: Collection[str] = ()
    max_members: int = MAX_MEMBERS
    workers: Workers = ALONE

    @property
    def left(self) -> set[str]:
        """The audits that are yet to run."""
        return {*self.wanted} - self.results.keys()

    def result(self, audit: Audit[R]) -> R:
        """Return an audit's result, running it first if necessary."""
        if audit.name not in self.results:
            self.results[audit.name] = audit.run(self)
        return cast("R", self.results[audit.name])
