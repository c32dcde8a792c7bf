"""What the pages of a report are about, in the order in which one goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Subject(NamedTuple):
    """A subject.

    :param key: its name on the command line, and its page's without suffix.
    :param title: what its page is called.
    :param audits: the audits that its page tells of; the overview tells of all, the migration of a plan.
    """

    key: str
    title: str
    audits: tuple[str, ...]


OVERVIEW: Final = "overview"
COHORTS: Final = "cohorts"
MIGRATION: Final = "migration"
SUBJECTS: Final[Mapping[str, Subject]] = {
    subject.key: subject
    for subject in (
        Subject(OVERVIEW, "Overview", ()),
        Subject("inventory", "Inventory", ("inventory",)),
        Subject("metadata", "Metadata", ("metadata",)),
        Subject("parents", "Parent chains", ("parents",)),
        Subject("identity", "Identity", ("recompute",)),
        Subject(COHORTS, "Cohorts and scores", ("cohorts",)),
        Subject("rebuild", "Rebuild", ("rebuild",)),
        Subject("references", "References", ("references",)),
        Subject(MIGRATION, "Migration", ()),
    )
}
