"""Baseline files: parsing and rendering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from genaudit.errors import DDError, Err, Reason
from genaudit.fingerprints import FindingSubject
from genaudit.layout import BASELINE
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError, decode

VERSION: Final = 1

_MAX_BYTES: Final = 1 << 28
_PARTS: Final = ("code", "stage", "gen_id", "field", "path", "value")


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """An accepted finding.

    :param reason: why it is accepted.
    :param by: who accepted it.
    :param until: the last day on which it is accepted, ``YYYY-MM-DD``; ``None`` for no end.
    """

    subject: FindingSubject
    reason: str
    by: str | None = None
    until: str | None = None

    def is_expired(self, day: str) -> bool:
        """Return whether the entry has ended before a day, ``YYYY-MM-DD``."""
        return self.until is not None and self.until < day

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as it is written to the file; missing parts are left out."""
        subject = self.subject
        parts = {name: getattr(subject, name) for name in _PARTS}
        if subject.occurrence > 1:
            parts["occurrence"] = subject.occurrence
        terms = {"reason": self.reason, "by": self.by, "until": self.until}
        written = {**parts, **terms, "fingerprint": subject.fingerprint}
        return {name: value for name, value in written.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a baseline file, sorted by subject."""

    entries: tuple[BaselineEntry, ...] = ()

    def to_bytes(self) -> bytes:
        """Render the file: JSON, one line for each value, so that a pull request shows each change."""
        content = {"version": VERSION, "accepted": [entry.to_dict() for entry in self.entries]}
        return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def baseline_of(entries: Iterable[BaselineEntry]) -> Baseline:
    """Build a baseline from entries in any order."""
    return Baseline(tuple(sorted(entries, key=lambda entry: entry.subject.order)))


def default_path(root: Path) -> Path:
    """Return the path of a data root's own baseline."""
    return root / BASELINE


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file, following no link.

    :raises DDError: ``DATA_MISSING``, reason ``baseline_missing``; ``INVALID_CONFIG``, reason ``baseline_damaged``
        with ``problems``; ``IO_ERROR``, reason ``baseline_unreadable``.
    """
    try:
        data = read_file(str(path), limit=_MAX_BYTES)
    except FileNotFoundError as error:
        raise DDError(
            Err.DATA_MISSING,
            {"reason": Reason.BASELINE_MISSING, "path": str(path), "expected": "genaudit baseline accept"},
        ) from error
    except UnreadableError as error:
        ctx = {"reason": Reason.BASELINE_UNREADABLE, "path": str(path), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from error
    return parse_baseline(data, str(path))


def parse_baseline(data: bytes, path: str) -> Baseline:
    """Parse a baseline file.

    :param path: the file, for errors.
    :raises DDError: ``INVALID_CONFIG``, reason ``baseline_damaged``, with ``path`` and all ``problems``.
    """
    try:
        content = decode(data)
    except UnreadableError as error:
        raise _damaged(path, [{"problem": f"{error.state.replace('_', ' ')}: {error.detail}"}]) from error
    problems = list(_file_problems(content))
    if problems:
        raise _damaged(path, problems)
    listed = content["accepted"]
    problems = [{"entry": number, **each} for number, raw in enumerate(listed, 1) for each in _problems(raw)]
    if problems:
        raise _damaged(path, problems)
    entries = [_entry(raw) for raw in listed]
    seen: set[FindingSubject] = set()
    for number, entry in enumerate(entries, 1):
        if entry.subject in seen:
            problems.append({"entry": number, "field": "fingerprint", "problem": "the same finding twice"})
        seen.add(entry.subject)
    if problems:
        raise _damaged(path, problems)
    return baseline_of(entries)


def _damaged(path: str, problems: list[dict[str, Any]]) -> DDError:
    return DDError(Err.INVALID_CONFIG, {"reason": Reason.BASELINE_DAMAGED, "path": path, "problems": problems})


def _file_problems(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in sorted(content.keys() - {"version", "accepted"}):
        yield {"field": name, "problem": "unknown field"}
    if content.get("version") != VERSION or type(content.get("version")) is not int:
        yield {"field": "version", "value": content.get("version"), "expected": VERSION}
    if not isinstance(content.get("accepted"), list):
        yield {"field": "accepted", "problem": "is no list"}


def _problems(raw: object) -> Iterator[dict[str, Any]]:
    """Yield the errors of one entry."""
    if not isinstance(raw, dict):
        yield {"problem": "is no object"}
        return
    known = {*_PARTS, "occurrence", "fingerprint", *(each.name for each in fields(BaselineEntry))} - {"subject"}
    for name in sorted(raw.keys() - known):
        yield {"field": name, "problem": "unknown field"}
    wrong = False
    for name in sorted(known - {"occurrence"}):
        value = raw.get(name)
        if value is None and name not in raw and name not in ("code", "reason", "fingerprint"):
            continue
        if not isinstance(value, str) or not value.strip():
            wrong = True
            yield {"field": name, "value": value, "expected": "a text that is not blank"}
    occurrence = raw.get("occurrence", 1)
    if type(occurrence) is not int or occurrence < 1:
        wrong = True
        yield {"field": "occurrence", "value": occurrence, "expected": "a whole number of at least 1"}
    if wrong:
        return
    if "until" in raw and not is_day(raw["until"]):
        yield {"field": "until", "value": raw["until"], "expected": "YYYY-MM-DD"}
    expected = _entry(raw).subject.fingerprint
    if raw["fingerprint"] != expected:
        yield {"field": "fingerprint", "value": raw["fingerprint"], "expected": expected}


def is_day(text: str) -> bool:
    """Return whether a text is a date in the form ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entry(raw: Mapping[str, Any]) -> BaselineEntry:
    subject = FindingSubject(**{name: raw[name] for name in (*_PARTS, "occurrence") if name in raw})
    return BaselineEntry(subject, raw["reason"], raw.get("by"), raw.get("until"))
