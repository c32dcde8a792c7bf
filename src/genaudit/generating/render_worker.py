"""The process that renders unusual templates: a JSON line in, a JSON line out, with little memory and time.

It runs as ``python -m genaudit.generating.render_worker`` and ends when its input does.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from genaudit.generating.rendering import CONCEPTS_VARIABLE, Concept, RenderError, render

READY: Final = "ready"
_MEMORY: Final = 3 << 28


def main(seconds: int) -> None:
    """Answer requests until the input ends.

    :param seconds: processor time for one request; the system ends the process at that limit.
    """
    # An interrupt of the terminal is meant for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _answer({READY: True})
    for line in sys.stdin:
        _limit_time(seconds)
        _answer(_rendered(line))


def _limit_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _rendered(line: str) -> Mapping[str, Any]:
    request = json.loads(line)
    values = dict(request["values"])
    if CONCEPTS_VARIABLE in values:
        values[CONCEPTS_VARIABLE] = [Concept(*each) for each in values[CONCEPTS_VARIABLE]]
    try:
        return {"prompt": render(request["text"], values)}
    except RenderError as error:
        return {"fault": error.fault, "message": error.message, "line": error.line}


def _answer(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
