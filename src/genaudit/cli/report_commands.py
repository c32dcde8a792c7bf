"""Implementation of the command for report pages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import AuditRun, run_audits
from genaudit.audits.table import default_audits
from genaudit.cli.accepted import with_baseline
from genaudit.cli.options import Format, report_date
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import MIGRATION_PLAN
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.rename_filter import RenameFilter
from genaudit.render.html.folder import INDEX, Folder, render_folder
from genaudit.render.terminal import print_lines, wrapped
from genaudit.report_pages import MIGRATION, OVERVIEW, report_pages
from genaudit.reports import check_output, reports_of_pages, to_json, write_folder
from genaudit.scores import aggregate_scores, pivot_of
from genaudit.snapshots.folder import find_given, read
from genaudit.snapshots.taking import opened, run_saved
from genaudit.store.snapshot import Snapshot, scan


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The options of the command.

    :param subjects: names of pages; ``None`` for all that can be made.
    :param snapshot: the name of a saved snapshot to show instead of the store.
    """

    data_root: Path | str
    output: Path
    subjects: Sequence[str] | None
    date: str | None
    snapshot: str | None = None


def report(request: ReportRequest, shown: Format, *, dry_run: bool) -> None:
    """Scan, run the audits of the subjects, and write their pages.

    :raises DDError: there is no store or snapshot, or the pages cannot be written.
    """
    output = request.output
    day, folder = _of_store(request) if request.snapshot is None else _of_snapshot(request, request.snapshot)
    for path in [output / name for name in folder.files] if dry_run else write_folder(folder.files, output):
        log.info("%s %s", "would write" if dry_run else "wrote", path)
    if shown is Format.JSON:
        pages = [
            {"subject": entry.page.name, "file": entry.file, "verdict": entry.verdict, "findings": entry.severities}
            for entry in folder.entries
        ]
        sys.stdout.write(to_json({"date": day, "index": INDEX, "pages": pages}).decode())
    else:
        for entry in folder.entries:
            print_lines(wrapped(entry.verdict, f"{entry.page.title}: "))


def _of_store(request: ReportRequest) -> tuple[str, Folder]:
    root, day = request.data_root, report_date(request.date)
    check_output(request.output, root)
    subjects = request.subjects or [*report_pages()]
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    names = _audits(subjects, AUDITS)
    with reading_bar(names) as progress:
        run = run_audits(snapshot, names, left_out=[request.output], progress=progress)
    scores = aggregate_scores(snapshot) if _has_scores(subjects, snapshot) else None
    plan = _plan(snapshot) if MIGRATION in subjects else None
    return day, _folder(with_baseline(run, None, root, day), scores, plan, day, subjects)


def _plan(snapshot: Snapshot) -> Plan:
    with snapshot.whole():
        return make_plan(snapshot, RenameFilter())


def _of_snapshot(request: ReportRequest, name: str) -> tuple[str, Folder]:
    """Show a saved snapshot, without the pages about what it does not keep: texts and references of a plan."""
    saved = read(find_given(request.output, name))
    root, day = saved.manifest.data_root, report_date(request.date or saved.manifest.date)
    check_output(request.output, root)
    kept = [*default_audits(), *(["references"] if saved.references else [])]
    left_out = [page.name for page in report_pages().values() if not {*page.audits} <= {*kept}] + [MIGRATION]
    subjects = request.subjects or [one for one in report_pages() if one not in left_out]
    if MIGRATION in subjects:
        ctx = {"reason": Reason.NOT_IN_SNAPSHOT, "page": MIGRATION, "snapshot": saved.manifest.name}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "expected": "the store itself: a plan reads every file"})
    if request.subjects is None:
        log.info("not in a snapshot, left out: %s", ", ".join(left_out))
    with opened(saved) as snapshot:
        run = run_saved(saved, snapshot, _audits(subjects, kept))
        scores = saved.scores if _has_scores(subjects, snapshot) else None
        return day, _folder(with_baseline(run, None, root, day), scores, None, day, subjects)


def _audits(subjects: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """List the audits that pages show; the overview shows all known ones."""
    shown = {name for subject in subjects for name in report_pages()[subject].audits}
    return tuple(name for name in AUDITS if name in shown or (OVERVIEW in subjects and name in {*known}))


def _has_scores(subjects: Sequence[str], snapshot: Snapshot) -> bool:
    return any("cohorts" in report_pages()[one].audits for one in subjects) and has_pipeline_stages(snapshot.stages)


def _folder(
    run: AuditRun, scores: pd.DataFrame | None, plan: Plan | None, day: str, subjects: Sequence[str]
) -> Folder:
    reports = reports_of_pages(run, scores, day)
    if plan is not None:
        reports[MIGRATION_PLAN] = plan.to_bytes()
    pivot = None if scores is None else pivot_of(run.snapshot, scores)
    return render_folder(run, scores, plan, date=day, only=subjects, reports=reports, pivot=pivot)
