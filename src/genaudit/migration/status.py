"""How far the migrations of a data root have come, and how to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.ledger import ledger_of
from genaudit.migration.workspace import Step, journalled, latest

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    :param journal: what was begun last.
    """

    standing: Sequence[str]
    digest: str | None = None
    is_interrupted: bool = False
    rolling_back: bool = False
    done: int = 0
    open: int = 0
    foreign: int = 0
    journal: Sequence[str] = ()


def status(files: Files) -> Status:
    """Say how far the migrations of a data root have come.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged`` or ``lines_damaged``.
    """
    standing = ledger_of(files).standing()
    kept = latest(files)
    if kept is None:
        return Status(standing)
    return Status(
        standing,
        digest=kept.plan.digest,
        is_interrupted=not kept.is_complete,
        rolling_back=files.kind(kept.workspace.carried) != "gone",
        done=kept.survey.count(Step.DONE),
        open=kept.survey.count(Step.OPEN),
        foreign=kept.survey.count(Step.FOREIGN),
        journal=[str(entry["event"]) for entry in journalled(files, kept.workspace)],
    )


def check_uninterrupted(files: Files) -> None:
    """Refuse to go on where a migration waits to be finished.

    :raises DDError: ``IO_ERROR``, reason ``migration_interrupted``; as :func:`status`.
    """
    kept = latest(files)
    if kept and not kept.is_complete:
        ctx = {"reason": Reason.MIGRATION_INTERRUPTED, "path": kept.workspace.base, "digest": kept.plan.digest}
        raise DDError(Err.IO_ERROR, ctx)
