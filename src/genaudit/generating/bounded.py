"""Bounded rendering: plain templates in this process, all others in one that can be ended.

Jinja's sandbox keeps a template from the machine, not from its time and memory: ``{{ "x" * 10 ** 10 }}`` is allowed.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from genaudit.generating.rendering import MAX_PROMPT, Fault, RenderError, is_plain, render

SECONDS: Final = 10.0
_SECONDS_TO_START: Final = 60.0
_MODULE: Final = "genaudit.generating.render_worker"
# JSON writes a character as up to twelve.
_MOST_ANSWER: Final = 12 * MAX_PROMPT + 1024
_CHUNK: Final = 1 << 16


class Renderer:
    """Renders templates; starts its process with the first one that is not plain.

    :param seconds: the time for one template.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._refused: dict[str, RenderError] = {}

    def render(self, text: str, values: Mapping[str, Any]) -> str:
        """Render a template.

        A template that ran out of time or memory once is not tried again.

        :param values: texts, and under ``concepts`` a sequence of concepts.
        :raises RenderError: the template gives no prompt.
        """
        if is_plain(text):
            return render(text, values)
        with self._lock:
            if text in self._refused:
                raise self._refused[text]
            request = json.dumps({"text": text, "values": values}).encode() + b"\n"
            try:
                answer = self._ask(request)
            except RenderError as error:
                self._refused[text] = error
                raise
        if "prompt" in answer:
            return str(answer["prompt"])
        raise RenderError(Fault(answer["fault"]), str(answer["message"]), answer["line"])

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, request: bytes) -> dict[str, Any]:
        process = self._started()
        try:
            # The process reads a request whole before it works on it.
            process.stdin.write(request)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return self._answer(process, self._seconds)
        except (RenderError, OSError, ValueError) as error:
            self.close()
            if isinstance(error, RenderError):
                raise
            raise RenderError(Fault.FAILED, f"rendering ended abruptly: {type(error).__name__}") from error
        except BaseException:
            self.close()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            if self._owner == os.getpid():
                self.close()
            command = [sys.executable, "-P", "-m", _MODULE, str(int(self._seconds) + 1)]
            self._process = subprocess.Popen(  # noqa: S603 (a fixed command)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._owner = os.getpid()
            self._answer(self._process, _SECONDS_TO_START)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        """Read an answer.

        :raises RenderError: none came in time, it is too long, or the process ended.
        """
        pipe = process.stdout.fileno()  # type: ignore[union-attr]
        until = time.monotonic() + seconds
        data = bytearray()
        while not data.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise RenderError(Fault.TOO_SLOW, f"more than {seconds:g} seconds")
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                raise RenderError(Fault.FAILED, "rendering took too much memory or processor time")
            data += chunk
            if len(data) > _MOST_ANSWER:
                raise RenderError(Fault.TOO_LONG, f"more than {MAX_PROMPT:,} characters")
        answer: dict[str, Any] = json.loads(data)
        return answer


RENDERER: Final = Renderer()
atexit.register(RENDERER.close)
