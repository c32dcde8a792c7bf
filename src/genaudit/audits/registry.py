"""Registry of audits: commands, reports, pages, Markdown, notebooks and documentation derive from it.

Each row of :data:`genaudit.audits.table.TABLE` names a descriptor. It is imported on first use, so that modules below
the audits, such as the table of file types, can list the names of all reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from genaudit.audits.audit import Audit
from genaudit.audits.table import TABLE, Row


@cache
def _load(descriptor: str) -> Audit[Any]:
    module, _, name = descriptor.partition(":")
    audit: Audit[Any] = getattr(import_module(module), name)
    return audit


class Registry(Mapping[str, Audit[Any]]):
    """Audits by name.

    :param rows: the rows of the table, by name.
    """

    def __init__(self, rows: dict[str, Row]) -> None:
        self.rows = rows

    def __getitem__(self, name: str) -> Audit[Any]:
        """Return an audit."""
        return _load(self.rows[name].descriptor)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of a report."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Return the number of audits."""
        return len(self.rows)


AUDITS: Final = Registry(TABLE)


def report_names() -> frozenset[str]:
    """Return the names of all report files that audits write, without date and suffix."""
    names = {"findings", "audit"}
    for audit in AUDITS.values():
        names |= {audit.report, *audit.tables, *audit.more_reports}
    return frozenset(names)
