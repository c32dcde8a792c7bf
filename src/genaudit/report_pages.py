"""The pages of a report folder, derived from the registry of audits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from genaudit.audits.registry import AUDITS

OVERVIEW: Final = "overview"
MIGRATION: Final = "migration"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of a report folder.

    :param name: the file name without suffix, and the value of ``--only``.
    :param audits: names of the audits it shows; the overview and the migration page have none of their own.
    """

    name: str
    title: str
    question: str
    audits: tuple[str, ...] = ()


def report_pages() -> dict[str, ReportPage]:
    """List the pages by name, in reading order."""
    pages = {OVERVIEW: ReportPage(OVERVIEW, "Overview", "How is the store, and what is to be done first?")}
    for name, audit in AUDITS.items():
        earlier = pages.get(audit.page_name)
        title, question = (earlier.title, earlier.question) if earlier else (audit.title, audit.question)
        names = (*(earlier.audits if earlier else ()), name)
        pages[audit.page_name] = ReportPage(audit.page_name, title, question, names)
    question = "What would a migration rename, and which files would change with it?"
    return pages | {MIGRATION: ReportPage(MIGRATION, "Migration", question)}
