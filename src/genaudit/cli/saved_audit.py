"""Audits of saved snapshots."""

from __future__ import annotations

from dataclasses import replace

from genaudit.audits.run import check_applicable
from genaudit.cli.commands import finish
from genaudit.cli.options import AuditRequest, report_date
from genaudit.diff.comparison import compare
from genaudit.diff.sections import since_section
from genaudit.errors import ExitCode
from genaudit.snapshots.folder import find_given, read
from genaudit.snapshots.taking import opened, run_saved


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
