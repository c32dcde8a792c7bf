"""The files that a run of audits leaves behind: what each is called, and what stands in it.

The same store, options and date give the same bytes. Nothing here computes: the results are written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from genaudit import __version__
from genaudit.audits.parents import repairs
from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.rebuild.advice import BACKFILL, selection_text
from genaudit.errors import DDError, Err
from genaudit.layout import Layout, report_path
from genaudit.markdown import render_rebuild
from genaudit.page import render_page
from genaudit.schemas import rows, to_csv
from genaudit.store.write import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from genaudit.audits.result import AuditResult
    from genaudit.audits.run import AuditRun
    from genaudit.page.folder import Folder


_NAMES: Final = {
    "inventory": "gen_id_inventory",
    "metadata": "metadata_validation",
    "parents": "parent_chains",
    "recompute": "gen_id_recompute",
    "cohorts": "cohort_membership",
    "rebuild": "cohort_rebuild",
    "references": "cross_references",
}
REBUILD_TITLE: Final = "Rebuilding a cohort"
# Keys may be members of an enum of texts.
_JSON: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Report:
    """A file to write: its name without date, its suffix, and what makes its content."""

    name: str
    suffix: str
    content: Callable[[], bytes]


def reports_of(run: AuditRun, date: str, *, page: bool) -> Iterator[Report]:
    """List the files of a run; their content is made only when it is asked for.

    :param date: ``YYYY-MM-DD``, part of every name.
    :param page: with the table of all findings and the HTML page, which tell of the whole run.
    """
    results = run.results
    for audit, name in _NAMES.items():
        if audit in results:
            yield Report(name, "json", partial(_json, run, audit, date))
    if "metadata" in results:
        yield Report("metadata_validation", "csv", partial(to_csv, results["metadata"].findings))
    if "parents" in results:
        yield Report("parent_chains", "csv", partial(_repairs, results["parents"]))
    if "recompute" in results:
        yield Report("gen_id_mapping", "csv", partial(to_csv, results["recompute"].frame))
    if "cohorts" in results:
        yield Report("cohort_membership", "csv", partial(to_csv, results["cohorts"].findings))
    if isinstance(result := results.get("rebuild"), RebuildResult):
        yield from _rebuild_reports(run, result, date, page=page)
    if "references" in results:
        yield Report("cross_references", "csv", partial(to_csv, results["references"].frame))
    if page:
        yield Report("findings", "csv", partial(to_csv, run.findings))
        yield Report("audit", "html", partial(render_page, run, date=date))


def _rebuild_reports(run: AuditRun, result: RebuildResult, date: str, *, page: bool) -> Iterator[Report]:
    yield Report("cohort_rebuild", "csv", partial(to_csv, result.frame))
    yield Report("cohort_rebuild", "md", lambda: render_rebuild(result, date=date).encode())
    if not page:
        # A rebuild of a selection of one's own is on no other page.
        yield Report("cohort_rebuild", "html", partial(render_page, run, date=date, title=REBUILD_TITLE))
    for advice in result.advice:
        if advice.purpose == BACKFILL and advice.mode:
            text = selection_text(result.choice, advice, date)
            yield Report(f"selected_{result.choice.stage}s", "txt", text.encode)


def check_output(output: Path, data_root: Path) -> None:
    """Check that reports would not land among the generations.

    :raises DDError: ``INVALID_CONFIG``, reason ``output_inside_store``.
    """
    if output.resolve().is_relative_to(Layout(data_root).gens.resolve()):
        ctx = {"reason": "output_inside_store", "option": "--output", "value": str(output)}
        raise DDError(Err.INVALID_CONFIG, ctx)


def write_report(report: Report, output: Path, date: str) -> Path:
    """Write one file of a run, whole or not at all.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    path = report_path(output, report.name, date, report.suffix)
    write_atomic(path, report.content())
    return path


def write_folder(folder: Folder, output: Path) -> Iterator[Path]:
    """Write a folder of pages, each file whole or not at all, the index at last.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    for name, content in folder.files.items():
        write_atomic(output / name, content)
        yield output / name


def summary_of(result: AuditResult) -> dict[str, Any]:
    """Put an audit's summary, coverage and number of findings by code into plain values."""
    counts = result.findings["code"].value_counts().sort_index()
    return {
        **result.summary,
        "coverage": {
            "checked": result.coverage.checked,
            "skipped": result.coverage.skipped,
            "unverified": result.coverage.unverified,
        },
        "findings_by_code": dict(zip(counts.index.tolist(), counts.tolist(), strict=True)),
    }


def to_json(value: object) -> bytes:
    """Write plain values as indented JSON that ends with a newline; keys stay in their given order."""
    return orjson.dumps(value, option=_JSON)


def _json(run: AuditRun, audit: str, date: str) -> bytes:
    result = run.results[audit]
    return to_json(
        {
            "audit": audit,
            "date": date,
            "data_root": str(run.snapshot.root),
            "genaudit_version": __version__,
            **summary_of(result),
            "findings": [row._asdict() for row in rows(result.findings)],
        }
    )


def _repairs(result: AuditResult) -> bytes:
    return to_csv(repairs(result.frame))
