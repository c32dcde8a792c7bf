"""Program that renders templates in Jinja's sandbox, for :mod:`genaudit.generating.bounded_render`."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import MAX_RANGE, ImmutableSandboxedEnvironment

from genaudit.errors import Reason
from genaudit.generating.bounded_render import MAX_MEMORY_BYTES, MAX_OUTPUT_BYTES, exceeds

_ALARM_SECONDS: Final = 60
_READY: Final = b"ready\n"
# Prompts are plain text: an HTML escape would be noise for a model. One trailing newline goes, as Jinja does it.
_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=256)
def compiled(text: str) -> Template:
    """Compile a template; the same text is compiled once.

    :raises TemplateSyntaxError: as Jinja does.
    """
    return _ENVIRONMENT.from_string(text)


def _render(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Render a template in this process."""
    pieces: list[str] = []
    size = 0
    try:
        for piece in compiled(text).generate(values):
            size += len(piece.encode(errors="replace"))
            if size > MAX_OUTPUT_BYTES:
                return exceeds("output", MAX_OUTPUT_BYTES, "bytes")
            pieces.append(piece)
    except Exception as error:  # noqa: BLE001 (a template is a small program: it can fail in any way)
        return _problem(error)
    return {"prompt": "".join(pieces)}


def _problem(error: Exception) -> dict[str, Any]:
    match error:
        case MemoryError():
            return exceeds("memory", MAX_MEMORY_BYTES, "bytes")
        case OverflowError() if "MAX_RANGE" in str(error):
            return exceeds("range", MAX_RANGE, "numbers")
        case TemplateSyntaxError():
            return {"reason": Reason.TEMPLATE_INVALID, "line": error.lineno, "error": error.message}
        case UndefinedError():
            return {"reason": Reason.TEMPLATE_UNDEFINED, "error": error.message}
        case SecurityError():
            return {"reason": Reason.TEMPLATE_FORBIDDEN, "error": str(error)}
    return {"reason": Reason.TEMPLATE_FAILED, "error": f"{type(error).__name__}: {error}"}


def serve() -> None:
    """Answer requests, a line each, until the other side goes."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    replies.write(_READY)
    replies.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Ends this process if the other one was killed meanwhile.
        signal.alarm(_ALARM_SECONDS)
        replies.write(json.dumps(_render(request["template"], request["values"])).encode() + b"\n")
        replies.flush()
        signal.alarm(0)


if __name__ == "__main__":
    serve()
