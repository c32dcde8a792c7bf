"""Registry of audits: commands, reports, pages, Markdown, notebooks and documentation derive from it.

A row names the descriptor as ``module:NAME``. It is imported on first use, so that modules below the audits, such as
the table of file types, can list the names of all reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from genaudit.audits.audit import Audit

# In the order of a report.
_ROWS: Final = {
    "inventory": "genaudit.audits.inventory_sections:INVENTORY",
    "metadata": "genaudit.audits.metadata_sections:METADATA",
    "parents": "genaudit.audits.parents_sections:PARENTS",
    "recompute": "genaudit.audits.recompute_sections:RECOMPUTE",
    "cohorts": "genaudit.audits.cohorts_sections:COHORTS",
    "rebuild": "genaudit.audits.rebuild.sections:REBUILD",
    "content": "genaudit.audits.content.sections:CONTENT",
    "references": "genaudit.audits.references_sections:REFERENCES",
}


@cache
def _load(row: str) -> Audit[Any]:
    module, _, name = row.partition(":")
    audit: Audit[Any] = getattr(import_module(module), name)
    return audit


class Registry(Mapping[str, Audit[Any]]):
    """Audits by name.

    :param rows: descriptors as ``module:NAME``, by name.
    """

    def __init__(self, rows: dict[str, str]) -> None:
        self.rows = rows

    def __getitem__(self, name: str) -> Audit[Any]:
        """Return an audit."""
        return _load(self.rows[name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of a report."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Return the number of audits."""
        return len(self.rows)


AUDITS: Final = Registry(_ROWS)


def default_audits() -> tuple[str, ...]:
    """Names of the audits that ``genaudit audit`` runs unasked."""
    return tuple(name for name, audit in AUDITS.items() if audit.on_demand is None)


def report_names() -> frozenset[str]:
    """Return the names of all report files that audits write, without date and suffix."""
    names = {"findings", "audit"}
    for audit in AUDITS.values():
        names |= {audit.report, *audit.tables, *audit.more_reports}
    return frozenset(names)
