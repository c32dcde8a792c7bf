"""Pages of a report folder, derived from the registry of audits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from genaudit.audits.table import audits_by_page

OVERVIEW: Final = "overview"
MIGRATION: Final = "migration"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of a report folder.

    :param name: the file name without suffix, and the value of ``--only``.
    :param audits: names of the audits it shows; empty for the overview and the migration page.
    """

    name: str
    title: str
    question: str
    audits: tuple[str, ...] = ()


def page_names() -> list[str]:
    """List the names of the pages, in reading order."""
    return [OVERVIEW, *audits_by_page(), MIGRATION]


def report_pages() -> dict[str, ReportPage]:
    """List the pages by name, in reading order."""
    from genaudit.audits.registry import AUDITS  # noqa: PLC0415 (names come without importing the audits)

    pages = {OVERVIEW: ReportPage(OVERVIEW, "Overview", "What state is the store in, and what comes first?")}
    for name, audits in audits_by_page().items():
        first = AUDITS[audits[0]]
        pages[name] = ReportPage(name, first.title, first.question, audits)
    question = "What would a migration rename, and which files would change with it?"
    return pages | {MIGRATION: ReportPage(MIGRATION, "Migration", question)}
