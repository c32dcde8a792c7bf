"""The section about accepted findings, for every renderer, and the same as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from genaudit.baseline.entries import BaselineEntry
from genaudit.baseline.matching import BaselineMatch
from genaudit.humanize import counted
from genaudit.page_model import Column, Section, Table

_COLUMNS: Final = (
    Column("code", "Finding", "finding", choose=True),
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("field", "Field", "code"),
    Column("path", "Path", "path"),
    Column("reason", "Reason"),
    Column("by", "By", choose=True),
    Column("until", "Until"),
)


def baseline_section(match: BaselineMatch) -> Section:
    """Build the section about a baseline: accepted findings, expired entries, and entries without a match."""
    accepted, expired = _entries(match, match.accepted), _entries(match, match.expired)
    tables = (
        _listing("accepted", "Accepted findings, with their reasons", accepted),
        _listing("expired", "Findings whose acceptance has expired", expired),
        _listing("unmatched", "Entries of the baseline without a finding", match.unmatched),
        _listing("unchecked", "Entries of audits that did not run", match.unchecked),
    )
    return Section(
        "baseline",
        "Accepted findings",
        "Which findings are accepted, why, and until when?",
        tuple(_sentences(match, accepted, expired)),
        tables=tuple(table for table in tables if table.cells),
    )


def baseline_values(match: BaselineMatch) -> dict[str, Any]:
    """Return the same facts as plain values, each entry as the baseline file has it."""
    groups = {
        "accepted": _entries(match, match.accepted),
        "expired": _entries(match, match.expired),
        "unmatched": match.unmatched,
        "unchecked": match.unchecked,
    }
    return {"file": match.path} | {name: [entry.to_dict() for entry in entries] for name, entries in groups.items()}


def _entries(match: BaselineMatch, chosen: Iterable[bool]) -> tuple[BaselineEntry, ...]:
    """Return the entries of chosen findings, under the findings' present names."""
    rows = zip(match.entries, match.subjects, chosen, strict=True)
    return tuple(
        BaselineEntry(subject, one.reason, one.by, one.until) for one, subject, wanted in rows if one and wanted
    )


def _sentences(
    match: BaselineMatch, accepted: tuple[BaselineEntry, ...], expired: tuple[BaselineEntry, ...]
) -> Iterable[str]:
    are = "is accepted and does" if len(accepted) == 1 else "are accepted and do"
    yield f"{counted(len(accepted), 'finding')} {are} not fail a run, by {match.path}."
    if expired:
        have = "has" if len(expired) == 1 else "have"
        yield (
            f"EXPIRED: the acceptance of {counted(len(expired), 'finding')} {have} ended: active again."
            " Fix them, or accept them again with a new --until."
        )
    if match.unmatched:
        match_ = "matches" if len(match.unmatched) == 1 else "match"
        number = counted(len(match.unmatched), "acceptance")
        yield f"{number} in the baseline {match_} no finding. To remove: genaudit baseline prune."


def _listing(key: str, caption: str, entries: tuple[BaselineEntry, ...]) -> Table:
    cells = [
        [(getattr(entry, name, None) or getattr(entry.subject, name, None)) or "" for name in _names()]
        for entry in entries
    ]
    return Table(f"baseline-{key}", caption, _COLUMNS, cells, len(cells))


def _names() -> tuple[str, ...]:
    return tuple(column.name for column in _COLUMNS)
