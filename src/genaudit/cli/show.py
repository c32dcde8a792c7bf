"""Results on stdout: text for people, JSON for programs."""

from __future__ import annotations

import sys

import pandas as pd

from genaudit.audits.run import AuditRun
from genaudit.cli.terminal import log
from genaudit.codes import CODES, Severity
from genaudit.render.terminal import print_findings, print_lines, print_sections
from genaudit.reports import summary_of, to_json


def show_json(run: AuditRun) -> None:
    """Print each audit's summary, by its name."""
    sys.stdout.write(to_json({name: summary_of(result) for name, result in run.results.items()}).decode())


def show_text(run: AuditRun) -> None:
    """Print the sections of each audit, then the findings by code with their fix."""
    print_sections(run.sections)
    print_findings(run.findings)
    print_lines(
        f"Not run: {name}. {result.not_run.sentence}" for name, result in run.results.items() if result.not_run
    )


def point_out(findings: pd.DataFrame) -> None:
    """Log the codes that a person has to look at: every error."""
    counts = findings.loc[findings["severity"] == Severity.ERROR, "code"].value_counts().sort_index()
    for code, count in zip(counts.index.tolist(), counts.tolist(), strict=True):
        log.warning("needs a person: %d x %s: %s", count, code, CODES[code].title)
