"""Parts of a store on the worker processes of a Dask cluster. The extra ``scale`` installs it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pickle import dumps, loads
from typing import Any, Final, TypeVar

from genaudit.errors import DDError, Err, Reason
from genaudit.store.bucket import EXTRA
from genaudit.store.source import Part

R = TypeVar("R")

_LOOPBACK: Final = "127.0.0.1"
# Each part is tried so often, on whichever worker is left.
_RETRIES: Final = 5
# Parts that are waiting or done per thread of the workers: enough to keep them busy, few enough for memory.
_AHEAD: Final = 4
_CONNECT_S: Final = 30


@contextmanager
def connected(scheduler: str | None, workers: int | None, announce: Callable[[str], None]) -> Iterator[Any]:
    """Connect to a running cluster, or start one on this machine that only this machine can reach.

    :param scheduler: the address of a running scheduler, such as ``tcp://host:8786``.
    :param workers: number of worker processes to start without one.
    :param announce: called with the address of the dashboard.
    :returns: a client of the cluster.
    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing``; ``IO_ERROR``, reason ``scheduler_unreachable``.
    """
    try:
        from dask import config  # noqa: PLC0415 (an extra)
        from distributed import Client, LocalCluster  # noqa: PLC0415
    except ImportError:
        ctx = {"reason": Reason.EXTRA_MISSING, "extra": EXTRA, "install": f"pip install 'genaudit[{EXTRA}]'"}
        raise DDError(Err.INVALID_CONFIG, ctx) from None
    # A worker that dies is replaced, and its shards are read again: nothing that a person has to read.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        # The ids of a large store are sent as they are, which no user can change.
        stack.enter_context(config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}))
        try:
            if scheduler is None:
                started = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host=_LOOPBACK,
                    dashboard_address=f"{_LOOPBACK}:0",
                    silence_logs=logging.CRITICAL,
                )
                cluster = stack.enter_context(started)
                client = stack.enter_context(Client(cluster))
            else:
                client = stack.enter_context(Client(scheduler, timeout=_CONNECT_S))
        except (OSError, ValueError) as error:
            ctx = {
                "reason": Reason.SCHEDULER_UNREACHABLE,
                "value": scheduler or _LOOPBACK,
                "error": type(error).__name__,
            }
            raise DDError(Err.IO_ERROR, ctx) from None
        announce(client.dashboard_link)
        yield client


def spread(
    client: Any,  # noqa: ANN401 (no types)
    parts: Sequence[Part],
    work: Callable[[Part], R],
) -> Iterator[tuple[int, R]]:
    """Work on parts of a store on the workers.

    :param client: a client of :func:`connected`.
    :param work: function of one part, which can be pickled.
    :returns: the number of each part and its result, in order.
    :raises DDError: ``IO_ERROR``, reason ``worker_cannot_read``: a worker does not see the store.
    """
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    # A result on a worker, which is sent once to each of the others, and computed again if its worker dies.
    shared = client.submit(loads, dumps(work), retries=_RETRIES, pure=False)
    waiting: deque[Any] = deque()
    following = iter(parts)
    for number, part in enumerate(parts):
        while len(waiting) < ahead and (new := next(following, None)) is not None:
            waiting.append(client.submit(_worked, shared, new, retries=_RETRIES, pure=False))
        outcome = waiting.popleft().result()
        if outcome is None:
            # A folder may be this machine's alone, or gone since it was listed.
            if part.is_here():
                raise DDError(Err.IO_ERROR, {"reason": Reason.WORKER_CANNOT_READ, "stage": part.stage})
            outcome = work(part)
        yield number, outcome


def _worked(work: Callable[[Part], R], part: Part) -> R | None:
    """Work on a part; return ``None`` if this machine does not see it."""
    return work(part) if part.is_here() else None
