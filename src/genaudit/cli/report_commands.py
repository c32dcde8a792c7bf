"""Implementation of the command for report pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.cli.accepted import with_baseline
from genaudit.cli.options import Format, report_date
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.layout import MIGRATION_PLAN
from genaudit.migration.choice import Choice
from genaudit.migration.plan import make_plan
from genaudit.render.html.folder import INDEX, render_folder
from genaudit.render.terminal import print_lines
from genaudit.report_pages import MIGRATION, OVERVIEW, report_pages
from genaudit.reports import check_output, reports_of_pages, to_json, write_folder
from genaudit.scores import aggregate_scores
from genaudit.store.snapshot import scan


def report(
    root: Path, subjects: Sequence[str], output: Path, date: str | None, shown: Format, *, dry_run: bool
) -> None:
    """Scan, run the audits of the subjects, and write their pages.

    :raises DDError: there is no store, or the pages cannot be written.
    """
    day = report_date(date)
    check_output(output, root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    known = report_pages()
    names = tuple(AUDITS) if OVERVIEW in subjects else tuple(one for name in subjects for one in known[name].audits)
    with reading_bar(names) as progress:
        run = run_audits(snapshot, names, left_out=[output], progress=progress)
    run = with_baseline(run, None, root, day)
    has_scores = any("cohorts" in known[name].audits for name in subjects) and has_pipeline_stages(snapshot.stages)
    scores = aggregate_scores(snapshot) if has_scores else None
    plan = make_plan(snapshot, Choice()) if MIGRATION in subjects else None
    reports = reports_of_pages(run, scores, day)
    if plan is not None:
        reports[MIGRATION_PLAN] = plan.to_bytes()
    folder = render_folder(run, scores, plan, date=day, only=subjects, reports=reports)
    for path in [output / name for name in folder.files] if dry_run else write_folder(folder.files, output):
        log.info("%s %s", "would write" if dry_run else "wrote", path)
    if shown is Format.JSON:
        pages = [
            {"subject": entry.page.name, "file": entry.file, "says": entry.says, "findings": entry.severities}
            for entry in folder.entries
        ]
        sys.stdout.write(to_json({"date": day, "index": INDEX, "pages": pages}).decode())
    else:
        print_lines([f"{entry.page.title}: {entry.says}" for entry in folder.entries])
