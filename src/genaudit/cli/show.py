"""Results on stdout: text for people, JSON for programs, and the formats of CI systems."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from genaudit.audits.finding_kinds import kinds_of
from genaudit.audits.registry import AUDITS
from genaudit.audits.run import AuditRun
from genaudit.audits.run_summary import summarise_run
from genaudit.baseline.sections import baseline_section
from genaudit.cli.options import AuditFormat, AuditRequest, FailOn
from genaudit.cli.terminal import log
from genaudit.codes import Severity
from genaudit.formats.github import render_github
from genaudit.formats.junit import render_junit
from genaudit.formats.sarif import render_sarif
from genaudit.page_model import Section
from genaudit.render.terminal import print_kinds, print_lines, print_sections, print_table, wrapped
from genaudit.reports import baseline_of, summary_of, to_json

_MOST_KINDS: Final = 10


def show(run: AuditRun, request: AuditRequest, page: Path | None = None) -> None:
    """Print the results in the format that was asked for.

    :param page: the page that was written, if there is one.
    """
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
        case AuditFormat.TEXT if request.verbose:
            show_text(run)
        case AuditFormat.TEXT:
            show_brief(run, page)


def show_json(run: AuditRun) -> None:
    """Print each audit's summary, by its name, and the baseline if there is one."""
    summaries = {name: summary_of(result) for name, result in run.results.items()}
    sys.stdout.write(to_json(summaries | baseline_of(run, run.results)).decode())


def show_text(run: AuditRun) -> None:
    """Print the sections of each audit, then the active findings by code with their fix."""
    print_sections(run.sections)
    if run.baseline:
        _print_tables(baseline_section(run.baseline))
    print_kinds(kinds_of(run.active, run.snapshot), ["fix"])
    print_lines(
        f"Not run: {name}. {result.not_run.sentence}" for name, result in run.results.items() if result.not_run
    )


def show_brief(run: AuditRun, page: Path | None) -> None:
    """Print the verdict, a line for each audit, the worst findings by code, and the next step."""
    summary = summarise_run(run)
    print_lines([f"{summary.headline}.", *wrapped(summary.verdict), ""])
    width = max((len(AUDITS[name].title) for name in run.results), default=0)
    for name, result in run.results.items():
        sentence = result.not_run.sentence if result.not_run else AUDITS[name].sections(result)[0].verdict
        print_lines(wrapped(sentence, f"{AUDITS[name].title:<{width}}  "))
    print_lines([""])
    kinds = kinds_of(run.active, run.snapshot)
    print_kinds(kinds, ["title"], _MOST_KINDS)
    if run.baseline:
        accepted = baseline_section(run.baseline)
        print_lines(["", *wrapped(" ".join(accepted.sentences))])
        _print_tables(accepted)
    for section in run.more:
        print_lines(["", *wrapped(" ".join(section.sentences), f"{section.title}  ")])
    print_lines(["", f"open {page}" if page else "Nothing was written; -v prints every section."])


def _print_tables(section: Section) -> None:
    for table in section.tables:
        print_table(table)


def point_out(run: AuditRun) -> None:
    """Log the entries that the baseline no longer covers."""
    if run.baseline is None:
        return
    if expired := sum(run.baseline.expired):
        log.warning("EXPIRED in %s: %d accepted findings are active again", run.baseline.path, expired)
    if unmatched := len(run.baseline.unmatched):
        log.warning("%s: %d entries match no finding: see genaudit baseline prune", run.baseline.path, unmatched)
