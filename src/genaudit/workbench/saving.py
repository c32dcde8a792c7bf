"""Writing the reports of a session, when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genaudit.audits.registry import default_audits
from genaudit.audits.run import AuditRun
from genaudit.errors import DDError
from genaudit.reports import check_output, reports_of, write_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from genaudit.audits.result import AuditResult
    from genaudit.workbench.session import Session


def write_reports(session: Session, audits: Sequence[str], output: Path) -> list[Path] | DDError:
    """Write the reports of some audits, as the commands of the same names do.

    :param audits: all the usual ones, which is when the findings and the HTML page are written as well, or some.
    :returns: the files written; or why none could be, for the page to say.
    """
    results = {name: result for name, result in session.run.results.items() if name in audits}
    return write_results(session, results, output)


def write_results(session: Session, results: Mapping[str, AuditResult[Any]], output: Path) -> list[Path] | DDError:
    """Write the reports of results that the session's run has, or that were asked for beside it.

    :returns: as :func:`write_reports`.
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
