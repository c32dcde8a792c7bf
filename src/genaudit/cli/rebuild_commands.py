"""Implementation of the rebuild command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genaudit.audits.rebuild import RebuildRequest
from genaudit.audits.rebuild import rebuild as rebuild_audit
from genaudit.audits.rebuild.choice import selected_ids
from genaudit.audits.rebuild.prices import read_prices
from genaudit.audits.run import AuditRun
from genaudit.cli.commands import finish
from genaudit.cli.options import AuditRequest, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.flags import in_force
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err, ExitCode, Reason
from genaudit.layout import is_safe_name
from genaudit.reports import check_output
from genaudit.store.gc_pause import without_gc
from genaudit.store.snapshot import scan


def rebuild(
    request: AuditRequest,
    options: Mapping[str, Any],
    *,
    deterministic_ids: str | None,
    prices: Path | None,
    force: bool,
) -> ExitCode:
    """Plan modes for a selection, write the reports and show the results.

    :param options: fields of :class:`genaudit.audits.rebuild.RebuildRequest`, as given.
    :raises DDError: there is no store, an option or the selection is invalid, or the reports cannot be written.
    """
    day = report_date(request.date)
    check_output(request.output, request.data_root)
    if not is_safe_name(options["cohort_id"]):
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "option": "--cohort", "value": options["cohort_id"]}
        )
    asked = RebuildRequest(
        **{**options, "ids": tuple(selected_ids(options["ids"])), "modes": tuple(selected_ids(options["modes"]))},
        scheme=None if deterministic_ids is None else IdScheme.parse(deterministic_ids),
        prices=read_prices(prices) if prices else None,
        force=force,
    )
    log.info("%s", in_force(asked.ids_scheme()))
    with progress_bar("reading the store") as progress:
        snapshot = scan(request.data_root, progress, request.jobs)
    with without_gc():
        result = rebuild_audit(snapshot, asked)
    return finish(request, AuditRun(snapshot, {"rebuild": result}), day)
