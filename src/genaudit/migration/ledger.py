"""Writing the ledger of a data root (:mod:`genaudit.store.ledger`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genaudit.errors import DDError, Err
from genaudit.migration.lines import append_line, read_lines
from genaudit.store.ledger import APPLIED, LEDGER, UNDONE, WRITTEN, Ledger, ledger_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.migration.files import Files
    from genaudit.migration.plan import Plan


def ledger_of(files: Files) -> Ledger:
    """Read the ledger of an open data root, to go on with it.

    :raises DDError: as :func:`genaudit.store.ledger.read_ledger` does.
    """
    try:
        return ledger_from(read_lines(files, LEDGER).entries)
    except OSError as error:
        ctx = {"reason": "not_readable", "path": LEDGER, "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error


def record_applied(files: Files, plan: Plan) -> None:
    """Note that a migration is complete, unless that stands there."""
    if plan.digest not in ledger_of(files).standing():
        renames = [[rename.stage, rename.old, rename.new] for rename in plan.renames]
        append_line(files, LEDGER, {"event": APPLIED, "plan": plan.digest, "renames": renames})


def record_carried(files: Files, contents: Mapping[str, str]) -> None:
    """Record files that a rollback carries over, for a rollback of the migration before.

    :param contents: their SHA-256 by path.
    """
    if contents:
        append_line(files, LEDGER, {"event": WRITTEN, "files": dict(contents)})


def record_undone(files: Files, plan: Plan) -> None:
    """Note that a migration is undone, if it was noted as complete."""
    if plan.digest in ledger_of(files).standing():
        append_line(files, LEDGER, {"event": UNDONE, "plan": plan.digest})
