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
        snapshot = scan(request.data_root, progress, request.jobs)
    _warn_of_interruption(snapshot.root)
    with reading_bar(request.names) as progress:
        run = run_audits(
            snapshot,
            request.names,
            roots=request.roots,
            left_out=[request.output],
            progress=progress,
            max_members=request.max_members,
        )
    if request.since is not None:
        from genaudit.cli import saved_audit  # noqa: PLC0415 (only this option needs snapshots)

        run = replace(run, more=(saved_audit.since(request.output, request.since, snapshot, day),))
    return finish(request, run, day)


def _warn_of_interruption(data_root: Path) -> None:
    """Warn that a store is partly migrated, which explains most of its findings."""
    if not os.path.lexists(data_root / STATE):
        return
    from genaudit.migration.files import Files  # noqa: PLC0415 (few stores were ever migrated)
    from genaudit.migration.workspace import unfinished  # noqa: PLC0415

    with Files(data_root) as files:
        for key in unfinished(files):
            log.warning("migration %s was interrupted: see genaudit migrate status", key)
