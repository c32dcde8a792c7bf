"""Report files of a run: names and contents.

The same store, options and date give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pandas as pd

from genaudit import __version__
from genaudit.audits.acceptance import findings_frame
from genaudit.audits.registry import AUDITS
from genaudit.audits.result import AuditResult
from genaudit.audits.run import AuditRun
from genaudit.baseline.sections import baseline_section, baseline_values
from genaudit.csv_cells import to_csv
from genaudit.diff.comparison import Diff
from genaudit.diff.sections import REPORT as DIFF_REPORT
from genaudit.diff.sections import changes_table, diff_values
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import AGGREGATED_SCORES, OWN_FOLDERS, report_path
from genaudit.render.markdown import render_audit
from genaudit.store.addresses import is_url
from genaudit.store.gc_pause import without_gc
from genaudit.store.write import write_atomic

_LINKED: Final = ("json", "csv")
# Keys may be members of a text enum.
_JSON: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Report:
    """A report file.

    :param name: its name without date and suffix.
    :param content: function that builds the bytes.
    """

    name: str
    suffix: str
    content: Callable[[], bytes]


def reports_of(run: AuditRun, date: str, *, page: bool) -> Iterator[Report]:
    """Yield the report files of a run; their contents are built on demand.

    :param date: ``YYYY-MM-DD``, part of every name.
    :param page: whether to add the table of all findings and the HTML page of the whole run; otherwise audits with a
        page of their own get that.
    """
    for name, result in run.results.items():
        audit = AUDITS[name]
        yield Report(audit.report, "json", partial(_json, run, name, date))
        for table, frame in audit.tables.items():
            yield Report(table, "csv", partial(_csv, frame, result))
        yield Report(audit.report, "md", partial(_markdown, run, name, date))
        if audit.own_page and not page:
            yield Report(audit.report, "html", partial(_page, run, date, audit.title, f"{audit.report}.json"))
        for extra in audit.files(result, date):
            yield Report(extra.name, extra.suffix, extra.content)
    if page:
        yield Report("findings", "csv", lambda: to_csv(findings_frame(run)))
        yield Report("audit", "html", partial(_page, run, date))


def reports_of_pages(run: AuditRun, scores: pd.DataFrame | None, date: str) -> dict[str, bytes]:
    """Build the report files that the pages of a run link to, by name.

    :param scores: columns of :data:`genaudit.schemas.SCORES`.
    """
    files = {
        f"{report.name}.{report.suffix}": report.content()
        for report in reports_of(run, date, page=True)
        if report.suffix in _LINKED
    }
    return files if scores is None else {**files, AGGREGATED_SCORES: to_csv(scores)}


def reports_of_diff(diff: Diff, date: str) -> Iterator[Report]:
    """List the report files of a diff; their contents are made only when asked for."""
    yield Report(DIFF_REPORT, "json", lambda: to_json(diff_values(diff)))
    yield Report(DIFF_REPORT, "csv", lambda: to_csv(changes_table(diff)))
    yield Report(DIFF_REPORT, "html", partial(_diff_page, diff, date))


def check_output(output: Path, data_root: Path | str) -> None:
    """Check that reports would not land among the files of the store.

    :raises DDError: ``INVALID_CONFIG``, reason ``output_inside_store``.
    """
    if is_url(data_root):
        return
    root, place = Path(data_root).resolve(), output.resolve()
    if place == root or any(place.is_relative_to(root / name) for name in OWN_FOLDERS):
        ctx = {"reason": Reason.OUTPUT_INSIDE_STORE, "option": "--output", "value": str(output)}
        raise DDError(Err.INVALID_CONFIG, ctx)


@without_gc()
def write_report(report: Report, output: Path, date: str) -> Path:
    """Write one report file atomically.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    path = report_path(output, report.name, date, report.suffix)
    write_atomic(path, report.content())
    return path


def write_folder(files: Mapping[str, bytes], output: Path) -> Iterator[Path]:
    """Write a folder of pages, each file atomically, in the given order.

    :param files: contents by name.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    for name, content in files.items():
        write_atomic(output / name, content)
        yield output / name


def summary_of(result: AuditResult[Any]) -> dict[str, Any]:
    """Return an audit's summary, coverage and number of findings by code as plain values."""
    counts = result.findings["code"].value_counts().sort_index()
    return {
        **{field.name: getattr(result.summary, field.name) for field in fields(result.summary)},
        "coverage": {
            "checked": result.coverage.checked,
            "skipped": result.coverage.skipped,
            "unverified": result.coverage.unverified,
        },
        "findings_by_code": dict(zip(counts.index.tolist(), counts.tolist(), strict=True)),
    }


def baseline_of(run: AuditRun, audits: Iterable[str]) -> dict[str, Any]:
    """Return the baseline of some audits' findings under the key ``baseline``; nothing without a baseline."""
    match = run.part(audits).baseline
    return {"baseline": baseline_values(match)} if match else {}


def to_json(value: object) -> bytes:
    """Serialise plain values as indented JSON that ends with a newline; keys keep their order."""
    return orjson.dumps(value, option=_JSON)


def _json(run: AuditRun, audit: str, date: str) -> bytes:
    result = run.results[audit]
    return to_json(
        {
            "audit": audit,
            "date": date,
            "data_root": run.snapshot.name,
            "genaudit_version": __version__,
            **summary_of(result),
            **baseline_of(run, [audit]),
            "findings": _findings(result.findings),
        }
    )


def _findings(table: pd.DataFrame) -> orjson.Fragment:
    """Serialise findings as a value of a report, in the layout of :func:`to_json`, column by column.

    A store can have a finding for each generation; a dictionary for each would cost more than the audit.
    """
    names = ",\n".join(f'      "{name}": %s' for name in table.columns)
    cells = (_cells(table[name]) for name in table.columns)
    objects = ",\n".join(map(f"    {{\n{names}\n    }}".__mod__, zip(*cells, strict=True)))
    return orjson.Fragment(f"[\n{objects}\n  ]" if objects else "[]")


def _cells(column: pd.Series[Any]) -> list[str]:
    values = column.astype(object).where(column.notna(), None).tolist()
    known = {value: orjson.dumps(value).decode() for value in set(values)}
    return [known[value] for value in values]


def _csv(frame: Callable[[AuditResult[Any]], Any], result: AuditResult[Any]) -> bytes:
    return to_csv(frame(result))


def _markdown(run: AuditRun, name: str, date: str) -> bytes:
    match = run.part([name]).baseline
    accepted = (baseline_section(match),) if match else ()
    return render_audit(AUDITS[name], run.results[name], run.snapshot, date=date, more=accepted).encode()


def _page(run: AuditRun, date: str, title: str | None = None, findings: str = "findings.csv") -> bytes:
    from genaudit.render.html.page import render_page  # noqa: PLC0415 (only pages need charts and templates)

    return render_page(run, date=date, title=title, findings=findings)


def _diff_page(diff: Diff, date: str) -> bytes:
    from genaudit.render.html.diff import render_diff  # noqa: PLC0415

    return render_diff(diff, date=date)
