"""Ends of a command by a signal: one line on stderr, and the exit code of the signal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from genaudit.cli.terminal import log
from genaudit.migration.files import Files

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXIT_BASE: Final = 128


class StoppedError(BaseException):
    """A signal asked the command to end.

    :param state: the work done so far, and the next step.
    """

    def __init__(self, number: int) -> None:
        """Keep the signal; nobody has looked at the state yet."""
        super().__init__(number)
        self.signal = signal.Signals(number)
        self.state = "no file was left in part; call again"

    @property
    def exit_code(self) -> int:
        """The exit code that shells give a process that the signal ended."""
        return _EXIT_BASE + self.signal

    def log(self) -> None:
        """Write the line."""
        log.error("stopped by %s: %s", self.signal.name, self.state)


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Turn the signals that ask a process to end into :class:`StoppedError`; ignored ones stay ignored."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in _SIGNALS:
        # The first signal ends the command; a second one must not cut off its line.
        signal.signal(each, signal.SIG_IGN)
    raise StoppedError(number)


@contextmanager
def naming_state(files: Files) -> Iterator[None]:
    """Let a stop name the state of the migration, and how to go on."""
    try:
        yield
    except StoppedError as stopped:
        stopped.state = _state(files)
        raise


def _state(files: Files) -> str:
    from genaudit.migration.workspace import JournalStep, latest  # noqa: PLC0415 (help and usage errors come at once)

    kept = latest(files)
    if kept is None or kept.is_complete:
        return "no migration waits; call again"
    total = len(kept.plan.renames) + len(kept.plan.edits)
    done = f"{kept.survey.count(JournalStep.DONE):,} of {total:,} steps of {kept.plan.digest[:16]} are done"
    if files.kind(kept.workspace.carried) != "gone":
        return f"{done}; genaudit migrate rollback --yes finishes the rollback"
    return f"{done}; genaudit migrate apply PLAN --yes goes on, genaudit migrate rollback --yes undoes it"
