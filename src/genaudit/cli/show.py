"""Results on stdout: text for people, JSON for programs, and the formats of CI systems."""

from __future__ import annotations

import sys

from genaudit.audits.run import AuditRun
from genaudit.baseline.sections import baseline_section
from genaudit.cli.options import AuditFormat, AuditRequest, FailOn
from genaudit.cli.terminal import log
from genaudit.codes import CODES, Severity
from genaudit.formats.github import render_github
from genaudit.formats.junit import render_junit
from genaudit.formats.sarif import render_sarif
from genaudit.render.terminal import print_findings, print_lines, print_sections, print_table
from genaudit.reports import baseline_of, summary_of, to_json


def show(run: AuditRun, request: AuditRequest) -> None:
    """Print the results in the format that was asked for."""
    failing = None if request.fail_on is FailOn.NEVER else Severity(request.fail_on)
    match request.shown:
        case AuditFormat.JSON:
            show_json(run)
        case AuditFormat.SARIF:
            sys.stdout.write(render_sarif(run).decode())
        case AuditFormat.JUNIT:
            sys.stdout.write(render_junit(run, failing).decode())
        case AuditFormat.GITHUB:
            sys.stdout.write(render_github(run).decode())
        case AuditFormat.TEXT:
            show_text(run)


def show_json(run: AuditRun) -> None:
    """Print each audit's summary, by its name, and the baseline if there is one."""
    summaries = {name: summary_of(result) for name, result in run.results.items()}
    sys.stdout.write(to_json(summaries | baseline_of(run, run.results)).decode())


def show_text(run: AuditRun) -> None:
    """Print the sections of each audit, then the active findings by code with their fix."""
    print_sections(run.sections)
    for table in baseline_section(run.baseline).tables if run.baseline else ():
        print_table(table)
    print_findings(run.active)
    print_lines(
        f"Not run: {name}. {result.not_run.sentence}" for name, result in run.results.items() if result.not_run
    )


def point_out(run: AuditRun) -> None:
    """Log every error code, and the entries that the baseline no longer covers."""
    active = run.active
    counts = active.loc[active["severity"] == Severity.ERROR, "code"].value_counts().sort_index()
    for code, count in zip(counts.index.tolist(), counts.tolist(), strict=True):
        log.warning("needs a person: %d x %s: %s", count, code, CODES[code].title)
    if run.baseline is None:
        return
    if expired := sum(run.baseline.expired):
        log.warning("EXPIRED in %s: %d accepted findings are active again", run.baseline.path, expired)
    if unmatched := len(run.baseline.unmatched):
        log.warning("%s: %d entries match no finding: see genaudit baseline prune", run.baseline.path, unmatched)
