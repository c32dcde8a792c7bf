"""How far the migrations of a data root have come, and how to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genaudit.errors import DDError, Err
from genaudit.migration.ledger import ledger_of
from genaudit.migration.rollback import check_undoable
from genaudit.migration.since import changed_since
from genaudit.migration.workspace import Step, journalled, latest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genaudit.migration.files import Files


@dataclass(frozen=True, slots=True)
class Status:
    """What was done, and what is left.

    :param standing: the digests of the migrations that are applied, in order.
    :param digest: the migration that is going on or was applied last; ``None`` where none can be undone.
    :param is_interrupted: it waits to be resumed or rolled back.
    :param rolling_back: a rollback was begun that has carried things over: it can only be finished.
    :param done: how many of its steps are done; ``open``: how many are not; ``foreign``: how many somebody else has
        changed since.
    :param journal: events, in order.
    :param carried_over: files that genaudit has written since; a rollback puts the old ids into them.
    :param added_since: files of others that quote new ids; a rollback with ``carry_over`` does the same with them.
    :param refused: the context of the error with which a rollback would end now, even with ``carry_over``.
    """

    standing: Sequence[str]
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
    """Say how far the migrations of a data root have come.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    standing = ledger_of(files).standing()
    kept = latest(files)
    if kept is None:
        return Status(standing)
    since = changed_since(files, kept)
    refused = None
    try:
        check_undoable(files, kept, since, carry_over=True)
    except DDError as error:
        refused = error.ctx
    return Status(
        standing,
        digest=kept.plan.digest,
        is_interrupted=not kept.is_complete,
        rolling_back=files.kind(kept.workspace.carried) != "gone",
        done=kept.survey.count(Step.DONE),
        open=kept.survey.count(Step.OPEN),
        foreign=since.survey.count(Step.FOREIGN),
        journal=[str(entry["event"]) for entry in journalled(files, kept.workspace)],
        carried_over=[edit.path for edit in since.own],
        added_since=[edit.path for edit in since.others],
        refused=refused,
    )


def check_uninterrupted(files: Files) -> None:
    """Refuse to go on where a migration waits to be finished.

    :raises DDError: ``IO_ERROR``, reason ``migration_interrupted``; as :func:`status`.
    """
    kept = latest(files)
    if kept and not kept.is_complete:
        ctx = {"reason": "migration_interrupted", "path": kept.workspace.base, "digest": kept.plan.digest}
        raise DDError(Err.IO_ERROR, ctx)
