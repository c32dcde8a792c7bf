"""What an audit found, with an example of each kind, and what it could not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from genaudit.codes import CODES, SEVERITIES
from genaudit.markdown.text import capped, count, text, words
from genaudit.schemas import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from genaudit.audits.result import Coverage

_MOST_KINDS: Final = 12


def findings_section(findings: pd.DataFrame) -> Iterator[str]:
    """Write the kinds of findings, the gravest first, each with its first example and what to do."""
    yield "## Findings"
    yield ""
    if findings.empty:
        yield "None."
    else:
        counts = findings["code"].value_counts()
        kinds = sorted(counts.index, key=lambda code: (SEVERITIES.index(CODES[code].severity), code))
        examples = {row.code: row for row in reversed(list(rows(findings)))}
        cells = [
            [CODES[kind].severity, kind, int(counts[kind]), _example(examples[kind]._asdict()), CODES[kind].fix]
            for kind in kinds
        ]
        yield from capped(["severity", "code", "found", "for example", "what to do"], cells, _MOST_KINDS)
    yield ""


def _example(row: Mapping[str, str | None]) -> str:
    """Name where a finding is, and what was found instead of what."""
    where = "/".join(filter(None, [row["stage"], row["gen_id"]])) or row["path"] or ""
    parts = [where if row["field"] is None else f"{where}, {row['field']}"]
    if row["actual"] is not None:
        parts.append(row["actual"] if row["expected"] is None else f"{row['actual']} instead of {row['expected']}")
    elif row["expected"] is not None:
        parts.append(f"expected {row['expected']}")
    return ": ".join([*parts, *filter(None, [row["detail"]])])


def coverage_section(coverage: Coverage) -> Iterator[str]:
    """Write what was checked, what was left out, and what could not be verified, each with its number."""
    yield "## What could not be verified"
    yield ""
    checked = "; ".join(f"{text(what)} ({number:,})" for what, number in coverage.checked.items())
    yield f"- Checked: {checked}."
    for title, left in (("Left out by rule", coverage.skipped), ("Not verified", coverage.unverified)):
        said = "; ".join(f"{text(words(what))} ({number:,})" for what, number in left.items() if number)
        yield f"- {title}: {said or 'nothing'}."


def found(findings: pd.DataFrame) -> str:
    """Say in words how many findings there are of each severity."""
    counts = findings["severity"].value_counts()
    said = [count(int(counts.get(one, 0)), one) for one in SEVERITIES if counts.get(one, 0)]
    return ", ".join(said) or "no findings"
