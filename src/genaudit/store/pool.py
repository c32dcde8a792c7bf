"""Processes that read the parts of a store at the same time."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, cast

from genaudit.errors import DDError, Err, Reason
from genaudit.stage_file import StoreSettings
from genaudit.store.scan import Shard
from genaudit.store.source import Part

Read = Callable[[Part, StoreSettings], Shard]

# Below this number of generations, starting the processes takes longer than they save: measured, the start takes as
# much as reading 1,700 generations, and more on a busy machine.
WORTH_IT: Final = 10_000
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


def read_parts(parts: Sequence[Part], settings: StoreSettings, read: Read, jobs: int) -> Iterator[tuple[int, Shard]]:
    """Read parts in several processes, and yield each with its number as soon as it is read.

    The processes end with the iterator, whatever ends it.

    :param read: function that reads one part.
    :param jobs: the number of processes.
    :raises DDError: ``IO_ERROR``, reason ``worker_died``: a process ended before it had read its part.
    """
    with _workers(parts, settings, read, min(jobs, len(parts))) as workers:
        waiting = iter(range(len(parts)))
        busy = {worker.pipe: worker for worker in workers}
        for worker in workers:
            worker.pipe.send(next(waiting))
        while busy:
            for pipe in cast("list[Connection]", wait([*busy])):
                number, shard = _received(busy[pipe])
                following = next(waiting, None)
                if following is None:
                    del busy[pipe]
                else:
                    pipe.send(following)
                yield number, shard


def _received(worker: _Worker) -> tuple[int, Shard]:
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
def _workers(parts: Sequence[Part], settings: StoreSettings, read: Read, number: int) -> Iterator[list[_Worker]]:
    # A copy of this process has the modules and the parts already.
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    # A copy must not take a signal for its own before it has put the handlers aside.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        try:
            for _ in range(number):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, parts, settings, read), daemon=True)
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


def _serve(pipe: Connection, parts: Sequence[Part], settings: StoreSettings, read: Read) -> None:
    """Read the parts whose numbers arrive, until the other side goes."""
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
            outcome: Shard | Exception = read(parts[number], settings)
        except Exception as error:  # noqa: BLE001 (it is raised again on the other side)
            outcome = error
        pipe.send((number, outcome))
