"""Last part of a command that audits: reports, results and exit code."""

from __future__ import annotations

from pathlib import Path

from genaudit.audits.run import AuditRun
from genaudit.cli.accepted import with_baseline
from genaudit.cli.options import AuditRequest, FailOn
from genaudit.cli.show import point_out, show
from genaudit.cli.terminal import log
from genaudit.codes import SEVERITIES
from genaudit.errors import ExitCode
from genaudit.layout import report_path
from genaudit.reports import reports_of, write_report


def finish(request: AuditRequest, run: AuditRun, day: str) -> ExitCode:
    """Write the reports of a run, or list them in a dry run, and show the results."""
    run = with_baseline(run, request.baseline, request.data_root, day)
    page: Path | None = None
    for report in reports_of(run, day, page=request.page):
        path = report_path(request.output, report.name, day, report.suffix)
        if not request.dry_run:
            write_report(report, request.output, day)
        if request.verbose or request.dry_run:
            log.info("%s %s", "would write" if request.dry_run else "wrote", path)
        elif report.suffix == "html":
            page = path
    show(run, request, page)
    point_out(run)
    return exit_code(run, request.fail_on)


def exit_code(run: AuditRun, fail_on: FailOn) -> ExitCode:
    """Choose the exit code: an audit that could not run outranks findings at or above ``fail_on``."""
    if any(result.not_run for result in run.results.values()):
        return ExitCode.USAGE
    if fail_on is FailOn.NEVER:
        return ExitCode.CLEAN
    limit = [str(severity) for severity in SEVERITIES].index(fail_on)
    bad = set(SEVERITIES[: limit + 1])
    return ExitCode.FINDINGS if run.active["severity"].isin(bad).any() else ExitCode.CLEAN
