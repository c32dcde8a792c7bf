"""Implementation of the audit commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from genaudit.audits.run import AuditRun, check_applicable, run_audits
from genaudit.cli.accepted import with_baseline
from genaudit.cli.options import AuditRequest, FailOn, report_date
from genaudit.cli.reading import reading_bar
from genaudit.cli.show import point_out, show
from genaudit.cli.terminal import log, progress_bar
from genaudit.codes import SEVERITIES
from genaudit.errors import DDError, Err, ExitCode, Reason
from genaudit.layout import STATE, report_path
from genaudit.page_model import Section
from genaudit.reports import check_output, reports_of, write_report
from genaudit.store.pool import Engine
from genaudit.store.remote import source_of
from genaudit.store.snapshot import Snapshot, scan


def audit(request: AuditRequest) -> ExitCode:
    """Scan, audit, write the reports and show the results.

    :raises DDError: there is no store, or the reports cannot be written.
    """
    day = report_date(request.date)
    check_output(request.output, request.data_root)
    with _engine(request) as engine:
        with progress_bar("reading the store") as progress:
            snapshot = _scan(request, progress, engine)
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
                engine=engine,
            )
    if request.since is not None:
        run = replace(run, more=(_since(request.output, request.since, snapshot, day),))
    return finish(request, run, day)


def _since(output: Path, name: str, snapshot: Snapshot, day: str) -> Section:
    """Build the section of what changed since a saved snapshot.

    :param output: the folder with the snapshots, which is not part of the store.
    :param name: the name of the saved snapshot.
    :raises DDError: it is missing or damaged.
    """
    from genaudit.diff.comparison import compare  # noqa: PLC0415 (only this option needs snapshots)
    from genaudit.diff.sections import since_section  # noqa: PLC0415
    from genaudit.snapshots.folder import find_given, read  # noqa: PLC0415
    from genaudit.snapshots.taking import take  # noqa: PLC0415

    now = take(snapshot, date=day, left_out=[output])
    return since_section(compare(read(find_given(output, name)), now))


@contextmanager
def _engine(request: AuditRequest) -> Iterator[Engine | None]:
    """Connect to the cluster that reads the store, if there is to be one."""
    if request.scheduler is not None and request.workers is not None:
        ctx = {"reason": Reason.CONTRADICTING_OPTIONS, "options": ["--scheduler", "--workers"]}
        raise DDError(Err.INVALID_CONFIG, ctx)
    if request.scheduler is None and request.workers is None:
        yield None
        return
    from genaudit.store.cluster import connected, spread  # noqa: PLC0415 (few audits need many machines)

    with connected(request.scheduler, request.workers, partial(log.info, "dashboard: %s")) as client:
        yield partial(spread, client)


def _scan(request: AuditRequest, progress: Callable[[int, int], None] | None, engine: Engine | None) -> Snapshot:
    """Read the store, except generations that a saved snapshot has unchanged."""
    if request.reuse is None:
        return scan(source_of(request.data_root), progress, request.jobs, engine)
    from genaudit.snapshots.folder import find_given, read  # noqa: PLC0415 (only this option needs snapshots)
    from genaudit.snapshots.reuse import Unchanged  # noqa: PLC0415

    known = Unchanged(read(find_given(request.output, request.reuse)), left_out=[request.output])
    snapshot = scan(source_of(request.data_root, known.contents), progress, request.jobs, engine, known)
    log.info("%d of %d records taken from %s", known.reused, len(snapshot.generations), request.reuse)
    return snapshot


def _warn_of_interruption(data_root: Path) -> None:
    """Warn that a store is partly migrated, which explains most of its findings."""
    if not os.path.lexists(data_root / STATE):
        return
    from genaudit.migration.files import Files  # noqa: PLC0415 (few stores were ever migrated)
    from genaudit.migration.workspace import unfinished  # noqa: PLC0415

    with Files(data_root) as files:
        for key in unfinished(files):
            log.warning("migration %s was interrupted: see genaudit migrate status", key)


def finish(request: AuditRequest, run: AuditRun, day: str) -> ExitCode:
    """Write the reports of a run, or list them in a dry run, and show the results."""
    run = with_baseline(run, request.baseline, request.data_root, day)
    page: Path | None = None
    for report in reports_of(run, day, page=request.page):
        path = report_path(request.output, report.name, day, report.suffix)
        if not request.dry_run:
            write_report(report, request.output, day)
        if request.verbose or request.dry_run:
            log.info("%s %s", "would write" if request.dry_run else "wrote", path)
        elif report.suffix == "html":
            page = path
    show(run, request, page)
    point_out(run)
    return exit_code(run, request.fail_on)


def exit_code(run: AuditRun, fail_on: FailOn) -> ExitCode:
    """Choose the exit code: an audit that could not run outranks findings at or above ``fail_on``."""
    if any(result.not_run for result in run.results.values()):
        return ExitCode.USAGE
    if fail_on is FailOn.NEVER:
        return ExitCode.CLEAN
    limit = [str(severity) for severity in SEVERITIES].index(fail_on)
    bad = set(SEVERITIES[: limit + 1])
    return ExitCode.FINDINGS if run.active["severity"].isin(bad).any() else ExitCode.CLEAN
