"""The findings of a run with their acceptance: one table for CSV, pages and CI formats."""

from __future__ import annotations

import pandas as pd

from genaudit.audits.run import AuditRun


def findings_frame(run: AuditRun) -> pd.DataFrame:
    """Return all findings, with their acceptance if there is a baseline.

    :returns: columns of :data:`genaudit.schemas.FINDINGS`; with a baseline also ``accepted`` (``yes``, ``expired``
        or ``no``), ``reason``, ``by``, ``until`` and ``fingerprint``.
    """
    match = run.baseline
    if match is None:
        return run.findings
    columns = {
        "accepted": [
            "yes" if accepted else "expired" if expired else "no"
            for accepted, expired in zip(match.accepted, match.expired, strict=True)
        ],
        "reason": [entry.reason if entry else None for entry in match.entries],
        "by": [entry.by if entry else None for entry in match.entries],
        "until": [entry.until if entry else None for entry in match.entries],
        "fingerprint": [subject.fingerprint for subject in match.subjects],
    }
    more = {name: pd.Series(values, dtype="str") for name, values in columns.items()}
    return run.findings.assign(**more)
