"""Matching of a run's findings with the entries of a baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress

import pandas as pd

from genaudit.baseline.entries import Baseline, BaselineEntry
from genaudit.codes import CODES
from genaudit.fingerprints import FindingSubject, renamed, subjects
from genaudit.store.ledger import Ledger


@dataclass(frozen=True)
class BaselineMatch:
    """A baseline held against the findings of a run.

    :param path: the baseline file.
    :param day: the date on which ends are judged, ``YYYY-MM-DD``.
    :param entries: the entry of each finding, in the order of the findings; ``None`` for a new finding.
    :param subjects: the subject of each finding.
    :param unmatched: entries of audits that ran, without a finding.
    :param unchecked: entries of audits that did not run.
    """

    path: str
    day: str
    entries: tuple[BaselineEntry | None, ...]
    subjects: tuple[FindingSubject, ...]
    unmatched: tuple[BaselineEntry, ...]
    unchecked: tuple[BaselineEntry, ...]

    @cached_property
    def accepted(self) -> tuple[bool, ...]:
        """Whether each finding is accepted: it has an entry that has not expired."""
        return tuple(entry is not None and not entry.is_expired(self.day) for entry in self.entries)

    @cached_property
    def expired(self) -> tuple[bool, ...]:
        """Whether each finding was accepted until a day that has passed."""
        return tuple(entry is not None and entry.is_expired(self.day) for entry in self.entries)

    def active(self, findings: pd.DataFrame) -> pd.DataFrame:
        """Return the findings that are not accepted, with new row numbers."""
        return findings.loc[[not one for one in self.accepted]].reset_index(drop=True)

    def part(self, kept: Sequence[bool], audits: Collection[str]) -> BaselineMatch:
        """Return the match of some of the findings.

        :param kept: whether each finding stays.
        :param audits: names of the audits that they are from.
        """
        return replace(
            self,
            entries=tuple(compress(self.entries, kept)),
            subjects=tuple(compress(self.subjects, kept)),
            unmatched=_of_audits(self.unmatched, audits, ran=True),
            unchecked=_of_audits(self.unchecked, audits, ran=True),
        )


def match_baseline(
    baseline: Baseline, findings: pd.DataFrame, ledger: Ledger, *, audits: Collection[str], path: str, day: str
) -> BaselineMatch:
    """Hold a baseline against the findings of a run.

    Entries are read under the present names of their generations, so that they hold after a migration.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    :param ledger: the migrations of the store.
    :param audits: names of the audits that ran to their end.
    :param path: the baseline file.
    :param day: the date on which ends are judged, ``YYYY-MM-DD``.
    """
    known = {renamed(entry.subject, ledger.current): entry for entry in baseline.entries}
    found = subjects(findings)
    present = set(found)
    left = [entry for subject, entry in known.items() if subject not in present]
    return BaselineMatch(
        path=path,
        day=day,
        entries=tuple(known.get(subject) for subject in found),
        subjects=tuple(found),
        unmatched=_of_audits(left, audits, ran=True),
        unchecked=_of_audits(left, audits, ran=False),
    )


def _of_audits(entries: Iterable[BaselineEntry], audits: Collection[str], *, ran: bool) -> tuple[BaselineEntry, ...]:
    """Keep the entries whose audit ran, or those whose audit did not; an unknown code belongs to the first."""
    return tuple(one for one in entries if _ran(one.subject.code, audits) is ran)


def _ran(code: str, audits: Collection[str]) -> bool:
    return code not in CODES or CODES[code].audit in audits
