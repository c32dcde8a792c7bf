"""State of a migration that a signal stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from genaudit.cli.signals import StoppedError
from genaudit.migration.files import Files
from genaudit.migration.workspace import JournalStep, latest


@contextmanager
def naming_state(files: Files) -> Iterator[None]:
    """Let a stop name the state of the migration, and how to go on."""
    try:
        yield
    except StoppedError as stopped:
        stopped.state = _state(files)
        raise


def _state(files: Files) -> str:
    kept = latest(files)
    if kept is None or kept.is_complete:
        return "no migration waits; call again"
    total = len(kept.plan.renames) + len(kept.plan.edits)
    done = f"{kept.survey.count(JournalStep.DONE):,} of {total:,} steps of {kept.plan.digest[:16]} are done"
    if files.kind(kept.workspace.carried) != "gone":
        return f"{done}; genaudit migrate rollback --yes finishes the rollback"
    return f"{done}; genaudit migrate apply PLAN --yes goes on, genaudit migrate rollback --yes undoes it"
