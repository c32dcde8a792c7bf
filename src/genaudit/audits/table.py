"""Table of audits: the facts that the command line needs before it imports an audit.

A new audit is a row here and the module that its descriptor is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """An audit as the command line lists it.

    :param descriptor: its descriptor, as ``module:NAME``, imported on first use.
    :param help: a sentence for ``--help``.
    :param page: the page of a report folder that shows it, if it is not named like the audit.
    :param on_demand: the help of the option ``--with-NAME`` by which ``genaudit audit`` runs it; ``None`` if it runs
        unasked.
    """

    descriptor: str
    help: str
    page: str | None = None
    on_demand: str | None = None


# In the order of a report.
TABLE: Final = {
    "inventory": Row(
        "genaudit.audits.inventory_sections:INVENTORY",
        "Count generations, classify every id, and compare id lengths with chance.",
    ),
    "metadata": Row(
        "genaudit.audits.metadata_sections:METADATA",
        "Validate every record: fields, types, names, contradictions, catalogs.",
    ),
    "parents": Row(
        "genaudit.audits.parents_sections:PARENTS",
        "Follow every parent, and list broken references for repair by hand.",
    ),
    "recompute": Row(
        "genaudit.audits.recompute_sections:RECOMPUTE",
        "Recompute every id, and map each name to the id that its record gives.",
        page="identity",
    ),
    "cohorts": Row(
        "genaudit.audits.cohorts_sections:COHORTS",
        "Compare the members of every cohort with the store.",
    ),
    "rebuild": Row(
        "genaudit.audits.rebuild.sections:REBUILD",
        "Compare the rebuild modes: what each would reuse, parse, copy or pay for again.",
    ),
    "content": Row(
        "genaudit.audits.content.sections:CONTENT",
        "Compare every stored prompt with today's rendering, and check every stored text.",
        on_demand="Compare prompts with today's templates and check texts too: reads every generation's files.",
    ),
    "references": Row(
        "genaudit.audits.references_sections:REFERENCES",
        "Find every reference to an id in the data root and further folders.",
        on_demand="Search the data root for references too: reads every file.",
    ),
}


def default_audits() -> tuple[str, ...]:
    """Names of the audits that ``genaudit audit`` runs unasked."""
    return tuple(name for name, row in TABLE.items() if row.on_demand is None)


def on_demand() -> dict[str, str]:
    """Return the help of the option that adds an audit to ``genaudit audit``, by the audit's name."""
    return {name: row.on_demand for name, row in TABLE.items() if row.on_demand is not None}


def audits_by_page() -> dict[str, tuple[str, ...]]:
    """Return the audits that each page of a report folder shows, in reading order."""
    pages: dict[str, tuple[str, ...]] = {}
    for name, row in TABLE.items():
        page = row.page or name
        pages[page] = (*pages.get(page, ()), name)
    return pages
