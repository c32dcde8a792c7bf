"""Tables of a run's findings and of the finding codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from genaudit.audits.acceptance import findings_frame
from genaudit.audits.finding_kinds import condensed, kinds_of
from genaudit.audits.run import AuditRun
from genaudit.codes import CODES, SEVERITIES
from genaudit.page_model import Column, Table, listing

_FINDINGS: Final = (
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Finding", "finding", choose=True),
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("field", "Field", "code", choose=True),
    Column("expected", "Expected", "value"),
    Column("actual", "Found", "value"),
    Column("detail", "Detail"),
    Column("path", "Path", "path"),
)
_ACCEPTANCE: Final = (Column("accepted", "Accepted", choose=True), Column("reason", "Reason"))
_CODES: Final = (
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Code", "code"),
    Column("audit", "Audit", choose=True),
    Column("count", "Found", "number"),
    Column("title", "Meaning"),
    Column("fix", "Fix"),
)


def findings_table(run: AuditRun, source: str) -> Table:
    """Build the table of all findings, worst first; a code that hits more than half of a stage is one row.

    :param source: the report file with all rows.
    """
    found = findings_frame(run)
    ordered = condensed(found, run.snapshot.rows).sort_values("severity", kind="stable")
    columns = (*_FINDINGS, *_ACCEPTANCE) if run.baseline else _FINDINGS
    table = listing("findings", "All findings", columns, ordered, source=source, expandable=True, each=("code",))
    return replace(table, total=len(found))


def codes_table(run: AuditRun) -> Table:
    """Build the table of finding codes, codes with findings first."""
    kinds = {kind.code.name: kind for kind in kinds_of(run.findings, run.snapshot)}
    known = [code for code in CODES.values() if code.audit in run.results]
    counts = {name: kind.count for name, kind in kinds.items()}
    known.sort(key=lambda code: (code.name not in counts, SEVERITIES.index(code.severity), -counts.get(code.name, 0)))
    cells = [
        [
            code.severity,
            code.name,
            code.audit,
            counts.get(code.name, 0),
            kinds[code.name].with_extent(code.title) if code.name in kinds else code.title,
            code.fix,
        ]
        for code in known
    ]
    return Table("codes", "Finding codes, their meaning and fix", _CODES, cells, len(cells))
