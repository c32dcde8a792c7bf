"""Ends of a command by a signal: one line on stderr, and the exit code of the signal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from genaudit.cli.terminal import log

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
