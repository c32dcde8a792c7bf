"""Changes of a baseline: accepting findings, and pruning entries without a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from genaudit.baseline.entries import Baseline, BaselineEntry, baseline_of, is_day
from genaudit.baseline.matching import BaselineMatch
from genaudit.codes import CODES
from genaudit.errors import DDError, Err, Reason
from genaudit.fingerprints import FindingSubject


class Terms(NamedTuple):
    """The terms of an acceptance.

    :param reason: why the findings are accepted.
    :param by: who accepts them.
    :param until: the last day on which they are accepted, ``YYYY-MM-DD``.
    """

    reason: str
    by: str | None = None
    until: str | None = None


class BaselineChange(NamedTuple):
    """A changed baseline.

    :param changed: the entries that were added or replaced, or those that were removed.
    """

    baseline: Baseline
    changed: tuple[BaselineEntry, ...]


def check_terms(terms: Terms, day: str) -> None:
    """Check the terms of an acceptance.

    :param day: today, ``YYYY-MM-DD``.
    :raises DDError: ``INVALID_CONFIG``, reason ``reason_blank``, ``invalid_date`` or ``end_has_passed``.
    """
    if not terms.reason.strip():
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.REASON_BLANK, "option": "--reason", "value": terms.reason}
        )
    if terms.until is None:
        return
    if not is_day(terms.until):
        ctx = {"reason": Reason.INVALID_DATE, "option": "--until", "value": terms.until, "expected": "YYYY-MM-DD"}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if terms.until < day:
        raise DDError(
            Err.INVALID_CONFIG,
            {"reason": Reason.END_HAS_PASSED, "option": "--until", "value": terms.until, "today": day},
        )


def accept(match: BaselineMatch, baseline: Baseline, chosen: Sequence[str], terms: Terms) -> BaselineChange:
    """Accept the findings with some codes or ids, on new terms if they were accepted before.

    :param match: the baseline held against the findings.
    :param chosen: finding codes, generation ids, or fingerprints.
    :raises DDError: ``INVALID_CONFIG``, reason ``nothing_to_accept``: no finding has one of the codes or ids.
    """
    for word in chosen:
        if not any(_is_chosen(subject, {word}) for subject in match.subjects):
            raise _nothing(word, match.subjects)
    wanted = set(chosen)
    pairs = zip(match.subjects, match.entries, strict=True)
    old: set[FindingSubject] = set()
    new: list[BaselineEntry] = []
    for subject, entry in pairs:
        if _is_chosen(subject, wanted):
            new.append(BaselineEntry(subject, terms.reason.strip(), terms.by, terms.until))
            old.update([entry.subject] if entry else [])
    kept = [entry for entry in baseline.entries if entry.subject not in old]
    return BaselineChange(baseline_of([*kept, *new]), tuple(new))


def prune(match: BaselineMatch, baseline: Baseline) -> BaselineChange:
    """Remove the entries that match no finding; entries of audits that did not run stay."""
    return BaselineChange(_without(baseline, match.unmatched), match.unmatched)


def _without(baseline: Baseline, entries: Iterable[BaselineEntry]) -> Baseline:
    gone = {entry.subject for entry in entries}
    return baseline_of(entry for entry in baseline.entries if entry.subject not in gone)


def _is_chosen(subject: FindingSubject, words: set[str]) -> bool:
    return subject.code in words or subject.gen_id in words or subject.fingerprint in words


def _nothing(word: str, subjects: Sequence[FindingSubject]) -> DDError:
    known = sorted(
        {subject.code for subject in subjects} | {subject.gen_id for subject in subjects if subject.gen_id}
    )
    near = get_close_matches(word, [*known, *CODES], n=1)
    return DDError(
        Err.INVALID_CONFIG,
        {"reason": Reason.NOTHING_TO_ACCEPT, "value": word, **({"closest": near[0]} if near else {})},
    )
