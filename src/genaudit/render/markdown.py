"""Markdown renderer: an audit's sections, findings and coverage as one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from genaudit.audits.audit import Audit
from genaudit.audits.finding_kinds import Kind, kinds_of, worded
from genaudit.audits.result import AuditResult, Coverage
from genaudit.codes import SEVERITIES
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.page_model import Action, Section, Table, spaced
from genaudit.schemas import rows
from genaudit.store.snapshot import Snapshot

_MOST_ROWS: Final = 12
_BACKTICKS: Final = re.compile("`+")
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "|": "\\|", "`": "\\`", "[": "\\[", "<": "&lt;", "&": "&amp;"})


def render_audit(
    audit: Audit[Any], result: AuditResult[Any], snapshot: Snapshot, *, date: str, more: Sequence[Section] = ()
) -> str:
    """Render an audit as a page of Markdown, the same text for the same result.

    :param snapshot: the audited snapshot.
    :param more: sections to add to those of the audit.
    """
    sections = (*audit.sections(result), *more)
    lines = [f"# {audit.title}, {date}", "", f"**{audit.question}** {_verdict(sections[0], result)}", ""]
    for place, section in enumerate(sections):
        if place:
            lines += [f"# {text(section.title)}", "", f"**{text(section.question)}** {text(section.verdict)}", ""]
        lines += _body(section)
    return "\n".join([*lines, *_findings(result.findings, snapshot), *_coverage(result.coverage), ""])


def verdict(audit: Audit[Any], result: AuditResult[Any]) -> str:
    """Summarise an audit in a sentence, with its number of findings."""
    return _verdict(audit.sections(result)[0], result)


def _verdict(section: Section, result: AuditResult[Any]) -> str:
    counts = result.findings["severity"].value_counts()
    parts = [counted(int(counts.get(one, 0)), one) for one in SEVERITIES if counts.get(one, 0)]
    return f"{text(section.verdict)} Findings: {', '.join(parts) or 'none'}."


def _body(section: Section) -> Iterator[str]:
    for sentence in section.sentences[1:]:
        yield f"- {text(sentence)}"
    if len(section.sentences) > 1:
        yield ""
    if section.sentences and section.good:
        yield from (text(section.good), "")
    if section.overview:
        yield from _table(section.overview)
    for figure in section.figures:
        if figure.numbers and figure.numbers == section.overview:
            yield from (text(figure.caption), "")
        elif figure.numbers:
            yield from _table(figure.numbers, figure.caption)
    for table in section.tables:
        yield from _table(table)
    for action in section.actions:
        yield from _action(action)


def _table(table: Table, caption: str = "") -> Iterator[str]:
    yield from (f"## {text(table.caption)}", "")
    if caption:
        yield from (text(caption), "")
    yield from _rows([column.label for column in table.columns], _lines_joined(table))
    if table.total > _MOST_ROWS:
        yield from ("", f"The first {_MOST_ROWS:,} of {table.total:,}.")
    yield ""


def _lines_joined(table: Table) -> Iterator[list[Any]]:
    """Write the lines of a text side by side, as a cell has only one."""
    lines = {place for place, column in enumerate(table.columns) if column.kind == "lines"}
    for cells in table.cells[:_MOST_ROWS]:
        yield [" / ".join(cell.split("\n")) if place in lines else cell for place, cell in enumerate(cells)]


def _rows(heads: Sequence[str], cells: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(map(text, heads))} |"
    yield f"|{'---|' * len(heads)}"
    for row in cells:
        yield f"| {' | '.join(f'{one:,}' if isinstance(one, int) else text(one) for one in row)} |"


def _action(action: Action) -> Iterator[str]:
    yield from (f"**To {text(action.purpose)}.** {text(action.reason)}", "")
    if action.lines:
        lines = [*map(legible, action.lines)]
        # A fence is longer than any row of backticks inside it.
        fence = "`" * max(3, 1 + max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0))
        yield from (f"{fence}text", *lines, fence, "")


def _findings(findings: pd.DataFrame, snapshot: Snapshot) -> Iterator[str]:
    """List the codes found, worst first, each with its extent, its first finding and its fix."""
    yield from ("## Findings", "")
    if findings.empty:
        yield from ("None.", "")
        return
    kinds = sorted(
        kinds_of(findings, snapshot), key=lambda kind: (SEVERITIES.index(kind.code.severity), kind.code.name)
    )
    examples = {row.code: row._asdict() for row in rows(findings.drop_duplicates("code"))}
    cells = [
        [kind.code.severity, kind.code.name, _number(kind), _example(examples[kind.code.name]), kind.code.fix]
        for kind in kinds
    ]
    yield from _rows(["severity", "code", "found", "for example", "fix"], cells)
    yield ""


def _number(kind: Kind) -> int | str:
    """Return the number of findings, for a code that hits most of a stage with its extent."""
    if not kind.extent:
        return kind.count
    return kind.extent if kind.extent.startswith(f"{kind.count:,} of ") else f"{kind.count:,} ({kind.extent})"


def _example(row: Mapping[str, str | None]) -> str:
    where = "/".join(filter(None, [row["stage"], row["gen_id"]])) or row["path"] or ""
    return ": ".join([where if row["field"] is None else f"{where}, {row['field']}", *worded(row)])


def _coverage(coverage: Coverage) -> Iterator[str]:
    yield from ("## Coverage", "")
    for title, counts in (
        ("Checked", coverage.checked),
        ("Left out", coverage.skipped),
        ("Not verified", coverage.unverified),
    ):
        listed = "; ".join(f"{text(spaced(name))} ({number:,})" for name, number in counts.items() if number)
        yield f"- {title}: {listed or 'nothing'}."


def text(value: object) -> str:
    r"""Escape a value so that it stays one cell and no markup.

    >>> text("a|b")
    'a\\|b'
    """
    return legible("" if value is None else str(value)).translate(_ESCAPED)
