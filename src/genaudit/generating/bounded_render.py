"""Rendering of templates within limits of time, memory and output.

A template is a small program of the store, so untrusted. Jinja's sandbox keeps it from Python, but not from a loop
without an end or a text of a terabyte. So it runs in a process of its own: the kernel limits the memory of that
process, and it is ended if a template takes too long.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from genaudit.errors import Reason

MAX_SECONDS: Final = 10.0
MAX_OUTPUT_BYTES: Final = 1 << 24
MAX_MEMORY_BYTES: Final = 1 << 30
_MAX_START_SECONDS: Final = 120.0
_CHUNK: Final = 1 << 16
# Jinja is imported in that process only.
_ENGINE: Final = "genaudit.generating.template_engine"


class RenderError(Exception):
    """A template that cannot be rendered.

    :param reason: ``template_invalid``, ``template_undefined``, ``template_forbidden``, ``template_exceeds_limit`` or
        ``template_failed``.
    :param ctx: plain values.
    """

    def __init__(self, reason: str, **ctx: object) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason
        self.ctx = ctx


def render_bounded(text: str, values: Mapping[str, Any], seconds: float = MAX_SECONDS) -> str:
    """Render a template within the limits.

    :param values: texts, numbers, lists, mappings and named tuples.
    :raises RenderError: the template cannot be rendered.
    """
    request = json.dumps({"template": text, "values": _plain(dict(values))}).encode() + b"\n"
    reply = _WORKER.ask(request, seconds)
    if "prompt" in reply:
        return str(reply["prompt"])
    raise RenderError(**reply)


def _plain(value: object) -> object:
    """Turn named tuples into mappings: templates see the same names."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


class _Worker:
    """The process that renders; started when first asked, and again after it was ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, request: bytes, seconds: float) -> dict[str, Any]:
        """Send a request and wait for its reply."""
        with self._lock:
            process = self._running()
            try:
                assert process.stdin  # noqa: S101 (a pipe was asked for)
                process.stdin.write(request)
                process.stdin.flush()
                line = _read_line(process, time.monotonic() + seconds)
            except TimeoutError:
                self._end()
                return exceeds("time", seconds, "seconds")
            except OSError:
                line = b""
            if not line:
                self._end()
                return exceeds("memory", MAX_MEMORY_BYTES, "bytes")
            reply: dict[str, Any] = json.loads(line)
            return reply

    def _running(self) -> subprocess.Popen[bytes]:
        # A process that was forked off has the pipe of its parent, which must not be shared.
        if self._process is None or self._owner != os.getpid():
            # -P: a module in the working directory is no part of the program.
            command = [sys.executable, "-P", "-m", _ENGINE]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(  # noqa: S603 (our own program)
                command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True
            )
            self._owner = os.getpid()
            _read_line(self._process, time.monotonic() + _MAX_START_SECONDS)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        """End the process with this one."""
        if self._owner == os.getpid():
            self._end()


_WORKER: Final = _Worker()
atexit.register(_WORKER.close)


def exceeds(limit: str, allowed: float, unit: str) -> dict[str, Any]:
    """Build the reply for a template that exceeds a limit."""
    return {"reason": Reason.TEMPLATE_EXCEEDS_LIMIT, "limit": limit, "allowed": allowed, "unit": unit}


def _read_line(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Read a line of a process.

    :returns: nothing if the process ended.
    :raises TimeoutError: it takes too long.
    """
    assert process.stdout  # noqa: S101 (a pipe was asked for)
    handle, parts = process.stdout.fileno(), list[bytes]()
    while not parts or not parts[-1].endswith(b"\n"):
        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        parts.append(os.read(handle, _CHUNK))
        if not parts[-1]:
            return b""
    return b"".join(parts)
