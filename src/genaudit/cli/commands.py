"""Implementation of the audit and sample commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genaudit.audits.run import AuditRun, run_audits
from genaudit.cli.accepted import with_baseline
from genaudit.cli.options import AuditRequest, FailOn, Format, report_date
from genaudit.cli.outcome import write_outcome
from genaudit.cli.reading import reading_bar
from genaudit.cli.show import point_out, show
from genaudit.cli.terminal import log, progress_bar
from genaudit.codes import SEVERITIES
from genaudit.diff.comparison import compare
from genaudit.diff.sections import since_section
from genaudit.errors import ExitCode
from genaudit.layout import report_path
from genaudit.migration.files import Files
from genaudit.migration.workspace import unfinished
from genaudit.reports import check_output, reports_of, to_json, write_report
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.sample.write import check_target
from genaudit.snapshots.folder import find, read
from genaudit.snapshots.taking import opened, run_saved, take
from genaudit.store.snapshot import scan


def audit(request: AuditRequest) -> ExitCode:
    """Scan, audit, write the reports and show the results.

    :raises DDError: there is no store, or the reports cannot be written.
    """
    if request.snapshot is not None:
        return _audit_snapshot(request, request.snapshot)
    day = report_date(request.date)
    check_output(request.output, request.data_root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(request.data_root, progress)
    _warn_of_interruption(request.data_root)
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
        now = take(snapshot, date=day, left_out=[request.output])
        run = replace(run, more=(since_section(compare(read(find(request.output, request.since)), now)),))
    return finish(request, run, day)


def _audit_snapshot(request: AuditRequest, name: str) -> ExitCode:
    """Audit a saved snapshot: the same reports, byte for byte, as the store gave on its day."""
    saved = read(find(request.output, name))
    request = replace(request, data_root=Path(saved.manifest.data_root))
    day = report_date(request.date or saved.manifest.date)
    with opened(saved) as snapshot:
        run = run_saved(saved, snapshot, request.names, request.max_members)
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


def _warn_of_interruption(data_root: Path) -> None:
    """Warn that a store is partly migrated, which explains most of its findings."""
    with Files(data_root) as files:
        for key in unfinished(files):
            log.warning("migration %s was interrupted: see genaudit migrate status", key)


def exit_code(run: AuditRun, fail_on: FailOn) -> ExitCode:
    """Choose the exit code: an audit that could not run outranks findings at or above ``fail_on``."""
    if any(result.not_run for result in run.results.values()):
        return ExitCode.USAGE
    if fail_on is FailOn.NEVER:
        return ExitCode.CLEAN
    limit = [str(severity) for severity in SEVERITIES].index(fail_on)
    bad = set(SEVERITIES[: limit + 1])
    return ExitCode.FINDINGS if run.active["severity"].isin(bad).any() else ExitCode.CLEAN


def make_sample(path: Path, options: Mapping[str, Any], output: Path | None, shown: Format, *, dry_run: bool) -> None:
    """Write a sample store and show its key figures.

    :param output: the folder for a report of the planted findings; ``None`` writes none.
    :raises DDError: an option is out of range, or the folder is not empty.
    """
    chosen = SampleOptions(**{**options, "faults": parse_faults(options["faults"])})
    if dry_run:
        check_target(path)
        log.info("would write a store to %s", path)
        if output:
            write_outcome(output, f"sample_{path.name}", {}, dry_run=True)
        if shown is Format.JSON:
            sys.stdout.write(to_json({"path": str(path), "drafts": chosen.drafts, "seed": chosen.seed}).decode())
        else:
            sys.stdout.write(f"{path}: {chosen.drafts:,} drafts, with their essays and evaluations\n")
        return
    with progress_bar("writing the store") as progress:
        written = write_sample(path, chosen, progress)
    facts = {
        "path": str(written.path),
        "generations": dict(written.generations),
        "legacy": dict(written.legacy),
        "planted": len(written.planted),
    }
    if output:
        findings = [each._asdict() for each in written.planted]
        write_outcome(output, f"sample_{path.name}", {**facts, "findings": findings}, dry_run=False)
    total, legacy = sum(written.generations.values()), sum(written.legacy.values())
    if shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
    else:
        line = f"{total:,} generations, {legacy:,} of them with a legacy id, {len(written.planted)} planted findings"
        sys.stdout.write(f"{written.path}: {line}\n")
