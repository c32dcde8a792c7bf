"""Writer for the ledger of a data root (:mod:`genaudit.store.ledger`)."""

from __future__ import annotations

from collections.abc import Mapping

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.checksummed_log import append_line, read_lines
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan
from genaudit.store.ledger import APPLIED, LEDGER, UNDONE, WRITTEN, Ledger, ledger_from


def ledger_of(files: Files) -> Ledger:
    """Read the ledger of an open data root, to append to it.

    :raises DDError: as :func:`genaudit.store.ledger.read_ledger` does.
    """
    try:
        return ledger_from(read_lines(files, LEDGER).entries)
    except OSError as error:
        ctx = {"reason": Reason.NOT_READABLE, "path": LEDGER, "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error


def record_applied(files: Files, plan: Plan) -> None:
    """Record that a migration is complete, unless it is already recorded."""
    if plan.digest not in ledger_of(files).applied():
        renames = [[rename.stage, rename.old, rename.new] for rename in plan.renames]
        append_line(files, LEDGER, {"event": APPLIED, "plan": plan.digest, "renames": renames})


def record_carried(files: Files, contents: Mapping[str, str]) -> None:
    """Record files that a rollback carries over, for a rollback of the migration before.

    :param contents: their SHA-256 by path.
    """
    if contents:
        append_line(files, LEDGER, {"event": WRITTEN, "files": dict(contents)})


def record_undone(files: Files, plan: Plan) -> None:
    """Record that a migration is undone, if it was recorded as complete."""
    if plan.digest in ledger_of(files).applied():
        append_line(files, LEDGER, {"event": UNDONE, "plan": plan.digest})
