"""Implementation of the audit commands."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from genaudit.audits.run import run_audits
from genaudit.cli.finish import finish
from genaudit.cli.options import AuditRequest, report_date
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import ExitCode
from genaudit.layout import STATE
from genaudit.reports import check_output
from genaudit.store.snapshot import scan


def audit(request: AuditRequest) -> ExitCode:
    """Scan, audit, write the reports and show the results.

    :raises DDError: there is no store, or the reports cannot be written.
    """
    day = report_date(request.date)
    check_output(request.output, request.data_root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(request.data_root, progress)
    _warn_of_interruption(snapshot.root)
    with reading_bar(request.names) as progress:
        run = run_audits(snapshot, request.names, roots=request.roots, left_out=[request.output], progress=progress)
    if request.since is not None:
        from genaudit.cli import saved_audit  # noqa: PLC0415 (only this option needs snapshots)

        run = replace(run, more=(saved_audit.since(request.output, request.since, snapshot, day),))
    return finish(request, run, day)


<<<<<<< HEAD
def _audit_snapshot(request: AuditRequest, name: str) -> ExitCode:
    """Audit a saved snapshot: the same reports, byte for byte, as the store gave on its day."""
    saved = read(find(request.output, name))
    request = replace(request, data_root=saved.manifest.data_root)
    day = report_date(request.date or saved.manifest.date)
    with opened(saved) as snapshot:
        run = run_saved(saved, snapshot, request.names)
        if request.since is not None:
            earlier = read(find(request.output, request.since))
            run = replace(run, more=(since_section(compare(earlier, saved)),))
        return finish(request, run, day)


def finish(request: AuditRequest, run: AuditRun, day: str) -> ExitCode:
    """Write the reports of a run, or list them in a dry run, and show the results."""
    run = with_baseline(run, request.baseline, request.data_root, day)
    for report in reports_of(run, day, page=request.page):
        if request.dry_run:
            log.info("would write %s", report_path(request.output, report.name, day, report.suffix))
        else:
            log.info("wrote %s", write_report(report, request.output, day))
    show(run, request)
    point_out(run)
    return exit_code(run, request.fail_on)


=======
>>>>>>> main
def _warn_of_interruption(data_root: Path) -> None:
    """Warn that a store is partly migrated, which explains most of its findings."""
    if not os.path.lexists(data_root / STATE):
        return
    from genaudit.migration.files import Files  # noqa: PLC0415 (few stores were ever migrated)
    from genaudit.migration.workspace import unfinished  # noqa: PLC0415

    with Files(data_root) as files:
        for key in unfinished(files):
            log.warning("migration %s was interrupted: see genaudit migrate status", key)
