"""Audits of saved snapshots, and the section of what changed since one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genaudit.audits.run import check_applicable
from genaudit.cli.finish import finish
from genaudit.cli.options import AuditRequest, report_date
from genaudit.diff.comparison import compare
from genaudit.diff.sections import since_section
from genaudit.errors import ExitCode
from genaudit.page_model import Section
from genaudit.snapshots.folder import find_given, read
from genaudit.snapshots.reuse import Unchanged
from genaudit.snapshots.taking import opened, run_saved, take
from genaudit.store.snapshot import Snapshot


def audit_snapshot(request: AuditRequest, name: str) -> ExitCode:
    """Audit a saved snapshot: the same reports, byte for byte, as the store gave on its day.

    :raises DDError: the snapshot is missing or damaged, or an audit does not apply to it.
    """
    saved = read(find_given(request.output, name))
    request = replace(request, data_root=saved.manifest.data_root)
    day = report_date(request.date or saved.manifest.date)
    with opened(saved) as snapshot:
        if request.by_name:
            check_applicable(request.names, snapshot)
        run = run_saved(saved, snapshot, request.names, request.max_members)
        if request.since is not None:
            earlier = read(find_given(request.output, request.since))
            run = replace(run, more=(since_section(compare(earlier, saved)),))
        return finish(request, run, day)


def unchanged_since(output: Path, name: str) -> Unchanged:
    """Return the generations of a saved snapshot, for a scan that reads only what changed.

    :raises DDError: the snapshot is missing or damaged.
    """
    return Unchanged(read(find_given(output, name)), left_out=[output])


def since(output: Path, name: str, snapshot: Snapshot, day: str) -> Section:
    """Build the section of what changed since a saved snapshot.

    :param output: the folder with the snapshots, which is not part of the store.
    :param name: the name of the saved snapshot.
    :raises DDError: it is missing or damaged.
    """
    now = take(snapshot, date=day, left_out=[output])
    return since_section(compare(read(find_given(output, name)), now))
