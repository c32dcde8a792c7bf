"""Processes that share out work on the parts of a store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeVar, cast

from genaudit.errors import DDError, Err, Reason

P = TypeVar("P")
R = TypeVar("R")

# Works on parts elsewhere, and yields each result with the number of its part.
Engine = Callable[[Sequence[Any], Callable[[Any], Any]], Iterator[tuple[int, Any]]]

# Below this number of generations, starting the processes takes longer than they save: measured, the start takes as
# much as reading 1,700 generations, and more on a busy machine.
WORTH_IT: Final = 10_000
_SEVERAL: Final = 2
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A signal that arrives just before the wait begins does not end it: Python looks for it when the wait is over.
_LONGEST_WAIT_SECONDS: Final = 0.5


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def processes(jobs: int | None, generations: int) -> int:
    """Return the number of processes for a store.

    :param jobs: the number that was asked for; ``None`` for one per core, if the store is large.
    """
    return jobs or (cores() if generations >= WORTH_IT else 1)


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes that work on the parts of a store; the result is the same for any.

    :param jobs: the number of processes on this machine; ``None`` for one per core, if the store is large.
    :param engine: works on the parts elsewhere instead.
    """

    jobs: int | None = 1
    engine: Engine | None = None

    def over(
        self, parts: Sequence[Any], work: Callable[[Any], R], generations: int, here: Sequence[Any] = ()
    ) -> Generator[tuple[int, R], None, None]:
        """Work on parts, and yield each result with the number of its part; processes end with the iterator.

        :param work: function of one part, which can be pickled if there is an engine.
        :param generations: the number of generations of the store.
        :param here: parts for this machine alone, whose numbers come before the others.
        """
        every = [*here, *parts]
        jobs = processes(self.jobs, generations)
        if self.engine:
            yield from ((len(here) + number, outcome) for number, outcome in self.engine(parts, work))
            yield from enumerate(map(work, here))
        elif jobs == 1 or len(every) < _SEVERAL:
            yield from enumerate(map(work, every))
        else:
            yield from share_out(every, work, jobs)


ALONE: Final = Workers()


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


def share_out(parts: Sequence[P], work: Callable[[P], R], jobs: int) -> Generator[tuple[int, R], None, None]:
    """Work on parts in several processes, and yield each result with the number of its part as soon as it is there.

    The processes end with the iterator, whatever ends it.

    :param work: function of one part.
    :param jobs: the number of processes.
    :raises DDError: ``IO_ERROR``, reason ``worker_died``: a process ended before it had done its part.
    """
    with _workers(parts, work, min(jobs, len(parts))) as workers:
        waiting = iter(range(len(parts)))
        busy = {worker.pipe: worker for worker in workers}
        for worker in workers:
            worker.pipe.send(next(waiting))
        while busy:
            for pipe in cast("list[Connection]", wait([*busy], _LONGEST_WAIT_SECONDS)):
                number, outcome = _received(busy[pipe])
                following = next(waiting, None)
                if following is None:
                    del busy[pipe]
                else:
                    pipe.send(following)
                yield number, cast("R", outcome)


def _received(worker: _Worker) -> tuple[int, Any]:
    try:
        number, outcome = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        ctx = {"reason": Reason.WORKER_DIED, "exit": worker.process.exitcode, "option": "--jobs"}
        raise DDError(Err.IO_ERROR, ctx) from None
    if isinstance(outcome, BaseException):
        raise outcome
    return number, outcome


@contextmanager
def _workers(parts: Sequence[P], work: Callable[[P], R], number: int) -> Iterator[list[_Worker]]:
    # A copy of this process has the modules and the parts already.
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    # A copy must not take a signal for its own before it has put the handlers aside.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        try:
            for _ in range(number):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, parts, work), daemon=True)
                process.start()
                theirs.close()
                workers.append(_Worker(process, ours))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()


def _serve(pipe: Connection, parts: Sequence[P], work: Callable[[P], R]) -> None:
    """Work on the parts whose numbers arrive, until the other side goes."""
    # On a terminal, a signal reaches every process; the one that started the others ends them.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        try:
            outcome: R | Exception = work(parts[number])
        except Exception as error:  # noqa: BLE001 (it is raised again on the other side)
            outcome = error
        pipe.send((number, outcome))
