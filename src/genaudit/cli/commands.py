"""Implementation of the audit commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from genaudit.audits.run import check_applicable, run_audits
from genaudit.cli.finish import finish
from genaudit.cli.options import AuditRequest, report_date
from genaudit.cli.reading import reading_bar
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, Err, ExitCode, Reason
from genaudit.layout import STATE
from genaudit.reports import check_output
from genaudit.store.known import Known
from genaudit.store.remote import source_of
from genaudit.store.snapshot import Snapshot, scan
from genaudit.store.source import Source


def audit(request: AuditRequest) -> ExitCode:
    """Scan, audit, write the reports and show the results.

    :raises DDError: there is no store, or the reports cannot be written.
    """
    day = report_date(request.date)
    check_output(request.output, request.data_root)
    with progress_bar("reading the store") as progress:
        snapshot = _scan(request, progress)
    if request.by_name:
        check_applicable(request.names, snapshot)
    _warn_of_interruption(snapshot.root)
    with reading_bar(request.names) as progress:
        run = run_audits(
            snapshot,
            request.names,
            roots=request.roots,
            left_out=[request.output],
            progress=progress,
            max_members=request.max_members,
            jobs=request.jobs,
        )
    if request.since is not None:
        from genaudit.cli import saved_audit  # noqa: PLC0415 (only this option needs snapshots)

        run = replace(run, more=(saved_audit.since(request.output, request.since, snapshot, day),))
    return finish(request, run, day)


def _scan(request: AuditRequest, progress: Callable[[int, int], None] | None) -> Snapshot:
    """Read the store here or on the workers of a cluster, but for what is reused."""
    if request.scheduler is not None and request.workers is not None:
        ctx = {"reason": Reason.CONTRADICTING_OPTIONS, "options": ["--scheduler", "--workers"]}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if request.reuse is not None:
        from genaudit.cli import saved_audit  # noqa: PLC0415 (only this option needs snapshots)

        known = saved_audit.unchanged_since(request.output, request.reuse)
        snapshot = _read(request, source_of(request.data_root, known.contents), progress, known)
        log.info("%d of %d records taken from %s", known.reused, len(snapshot.generations), request.reuse)
        return snapshot
    return _read(request, source_of(request.data_root), progress)


def _read(
    request: AuditRequest, source: Source, progress: Callable[[int, int], None] | None, known: Known | None = None
) -> Snapshot:
    if request.scheduler is None and request.workers is None:
        return scan(source, progress, request.jobs, known=known)
    from genaudit.store.cluster import connected, spread  # noqa: PLC0415 (few audits need many machines)

    with connected(request.scheduler, request.workers, partial(log.info, "dashboard: %s")) as client:
        return scan(source, progress, engine=partial(spread, client), known=known)


def _warn_of_interruption(data_root: Path) -> None:
    """Warn that a store is partly migrated, which explains most of its findings."""
    if not os.path.lexists(data_root / STATE):
        return
    from genaudit.migration.files import Files  # noqa: PLC0415 (few stores were ever migrated)
    from genaudit.migration.workspace import unfinished  # noqa: PLC0415

    with Files(data_root) as files:
        for key in unfinished(files):
            log.warning("migration %s was interrupted: see genaudit migrate status", key)
