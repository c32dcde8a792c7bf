"""Writer for the reports of a session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genaudit.audits.result import AuditResult
from genaudit.audits.run import AuditRun
from genaudit.audits.table import default_audits
from genaudit.errors import DDError
from genaudit.reports import check_output, reports_of, write_report
from genaudit.workbench.session import Session


def write_results(session: Session, results: Mapping[str, AuditResult[Any]], output: Path) -> list[Path] | DDError:
    """Write the reports of results, from the session's run or computed on demand, as the commands do.

    :param results: by audit; all the usual ones also write the findings and the HTML page.
    :returns: the files written, or the error, for display.
    """
    run = AuditRun(session.snapshot, results)
    try:
        check_output(output, session.root)
        return [
            write_report(report, output, session.day)
            for report in reports_of(run, session.day, page={*results} == {*default_audits()})
        ]
    except DDError as error:
        return error
