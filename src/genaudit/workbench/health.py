"""Key figures of a store."""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from genaudit.audits.references_sections import REFERENCES
from genaudit.audits.registry import AUDITS
from genaudit.audits.run_summary import RunSummary
from genaudit.codes import SEVERITIES, Severity
from genaudit.humanize import counted, share
from genaudit.schemas import IdClass
from genaudit.workbench.session import Session

MOST_KINDS: Final = 12
NOT_RUN: Final = "not run yet"


class KeyNumber(NamedTuple):
    """A number with its label and a remark."""

    label: str
    value: str
    caption: str


def key_numbers(facts: RunSummary) -> list[KeyNumber]:
    """Select the key figures of the overview."""
    by_stage = ", ".join(counted(number, stage) for stage, number in facts.stages.items())
    counts = facts.severities
    numbers = [
        KeyNumber("Generations", f"{facts.total:,}", by_stage),
        KeyNumber(
            "Errors",
            f"{counts[Severity.ERROR]:,}",
            f"and {counted(counts[Severity.WARNING], 'warning')}, {counted(counts[Severity.INFO], 'note')}",
        ),
    ]
    if facts.classes is not None:
        holding = facts.classes[IdClass.DETERMINISTIC]
        numbers.append(
            KeyNumber(
                "Ids that hold",
                share(holding, facts.total) if facts.total else "\N{EN DASH}",
                f"{holding:,}, by recomputing",
            )
        )
    if facts.changing is not None:
        numbers.append(KeyNumber("Ids to change", f"{facts.changing:,}", "if every id were recomputed"))
    if facts.broken is not None:
        numbers.append(
            KeyNumber("Broken links", f"{facts.broken:,}", f"{counted(facts.hanging, 'generation')} below them")
        )
    return numbers


def findings_by_audit(session: Session) -> list[tuple[str, str]]:
    """Count the findings of each audit, most errors first; audits that run only on demand come last."""
    counts = {
        audit: [int((result.findings["severity"] == severity).sum()) for severity in SEVERITIES]
        for audit, result in session.run.results.items()
    }
    if asked := [*session.searches.values()]:
        counts[REFERENCES.name] = [int((asked[-1].findings["severity"] == severity).sum()) for severity in SEVERITIES]
    ordered = sorted(counts.items(), key=lambda item: [-number for number in item[1]])
    words = ("error", "warning", "note")
    listed = [
        (
            audit,
            ", ".join(counted(number, word) for number, word in zip(found, words, strict=True) if number)
            or "nothing found",
        )
        for audit, found in ordered
    ]
    return [*listed, *((audit, NOT_RUN) for audit in AUDITS if audit not in counts)]


def coverage(session: Session) -> pd.DataFrame:
    """List the coverage of each audit: ``audit``, ``what``, ``reason``, ``number``."""
    rows = [
        (audit, what, reason, number)
        for audit, result in session.run.results.items()
        for what, counts in (
            ("checked", result.coverage.checked),
            ("skipped", result.coverage.skipped),
            ("could not be verified", result.coverage.unverified),
        )
        for reason, number in counts.items()
    ]
    return pd.DataFrame(rows, columns=["audit", "what", "reason", "number"])
