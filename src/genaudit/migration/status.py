"""State of the migrations of a data root, and the ways to continue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.files import Files
from genaudit.migration.ledger import ledger_of
from genaudit.migration.rollback import check_undoable
from genaudit.migration.since import changed_since
from genaudit.migration.workspace import JournalStep, journalled, latest


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the migrations.

    :param in_force: digests of the applied migrations, in order.
    :param digest: the running or last applied migration; ``None`` if none can be undone.
    :param is_interrupted: it has to be resumed or rolled back.
    :param rolling_back: a rollback has carried files over: it can only be finished.
    :param done: number of finished steps; ``open``: of open ones; ``foreign``: of those that another program has
        changed since.
    :param journal: events, in order.
    :param carried_over: files that genaudit has written since; a rollback puts the old ids into them.
    :param added_since: files of others that name new ids; a rollback with ``carry_over`` does the same with them.
    :param refused: the context of the error with which a rollback would end now, even with ``carry_over``.
    """

    in_force: Sequence[str]
    digest: str | None = None
    is_interrupted: bool = False
    rolling_back: bool = False
    done: int = 0
    open: int = 0
    foreign: int = 0
    journal: Sequence[str] = ()
    carried_over: Sequence[str] = ()
    added_since: Sequence[str] = ()
    refused: Mapping[str, Any] | None = None


def status(files: Files) -> Status:
    """Read the state of the migrations of a data root.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    in_force = ledger_of(files).applied()
    kept = latest(files)
    if kept is None:
        return Status(in_force)
    since = changed_since(files, kept)
    refused = None
    try:
        check_undoable(files, kept, since, carry_over=True)
    except DDError as error:
        refused = error.ctx
    return Status(
        in_force,
        digest=kept.plan.digest,
        is_interrupted=not kept.is_complete,
        rolling_back=files.kind(kept.workspace.carried) != "gone",
        done=kept.survey.count(JournalStep.DONE),
        open=kept.survey.count(JournalStep.OPEN),
        foreign=since.survey.count(JournalStep.FOREIGN),
        journal=[str(entry["event"]) for entry in journalled(files, kept.workspace)],
        carried_over=[edit.path for edit in since.own],
        added_since=[edit.path for edit in since.others],
        refused=refused,
    )


def check_uninterrupted(files: Files) -> None:
    """Raise an error if a migration has to be finished first.

    :raises DDError: ``IO_ERROR``, reason ``migration_interrupted``; as :func:`status`.
    """
    kept = latest(files)
    if kept and not kept.is_complete:
        ctx = {"reason": Reason.MIGRATION_INTERRUPTED, "path": kept.workspace.base, "digest": kept.plan.digest}
        raise DDError(Err.IO_ERROR, ctx)
