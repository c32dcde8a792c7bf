"""A generator that asks a service with OpenAI's interface, through the official client.

The client retries what may pass by itself (429, 5xx, timeouts, lost connections), as often as it is told and waiting
longer each time, or as long as the service asks. No error quotes what the service said: it may repeat the key.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

from genaudit.errors import DDError, Err
from genaudit.generating.generator import TRUNCATED, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openai.types.chat import ChatCompletion

    from genaudit.generating.generator import Request

KEY_VARIABLE: Final = "OPENAI_API_KEY"
_USAGE: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_PASSING: Final = 500
_TOO_MANY: Final = 429


class OpenAIGenerator:
    """Asks a service for chat completions, one message a prompt.

    :param base_url: the service; ``None`` is OpenAI's own.
    :param key_variable: the environment variable that has the key.
    :param max_tokens: where an answer is cut off; ``None`` leaves it to the service.
    :param max_retries: how often a request is tried again.
    :param timeout_s: seconds until a request counts as lost.
    :param clock: seconds from any moment on.
    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing`` (the client is not installed) or
        ``api_key_missing``.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key_variable: str = KEY_VARIABLE,
        max_tokens: int | None = None,
        max_retries: int = 4,
        timeout_s: float = 600.0,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            import openai  # noqa: PLC0415 (an extra, and slow to import)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "openai":
                raise
            ctx = {"reason": "extra_missing", "extra": "openai", "install": "pip install 'genaudit[openai]'"}
            raise DDError(Err.INVALID_CONFIG, ctx) from None
        key = environ.get(key_variable, "").strip()
        if not key:
            raise DDError(Err.INVALID_CONFIG, {"reason": "api_key_missing", "variable": key_variable})
        self._openai = openai
        self._client = openai.OpenAI(api_key=key, base_url=base_url, max_retries=max_retries, timeout=timeout_s)
        self._limits: dict[str, Any] = {} if max_tokens is None else {"max_tokens": max_tokens}
        self._clock = clock

    def generate(self, request: Request) -> Answer:
        """Ask the service.

        :raises DDError: ``IO_ERROR``, reason ``service_unavailable`` (all tries failed), ``service_refused``
            (``status``) or ``answer_malformed``, with ``error``, the kind of the client's error.
        """
        started = self._clock()
        completion = self._completion(request)
        duration = round(self._clock() - started, 2)
        try:
            choice = completion.choices[0]
            text, reason = choice.message.content or "", choice.finish_reason
            usage = completion.usage
            tokens = {name: int(getattr(usage, name)) for name in _USAGE} if usage else {}
        except (AttributeError, TypeError, IndexError, ValueError) as error:
            # The client takes any JSON that comes for an answer, and hands other text on as it is.
            raise _failure("answer_malformed", request, error) from None
        if not isinstance(text, str):
            raise _failure("answer_malformed", request, TypeError())
        served = completion.model if isinstance(getattr(completion, "model", None), str) else None
        return Answer(text, TRUNCATED if reason == "length" else reason, duration, tokens, served)

    def _completion(self, request: Request) -> ChatCompletion:
        try:
            completion: ChatCompletion = self._client.chat.completions.create(
                model=request.model, messages=[{"role": "user", "content": request.prompt}], **self._limits
            )
        except self._openai.APIStatusError as error:
            passing = error.status_code == _TOO_MANY or error.status_code >= _PASSING
            reason = "service_unavailable" if passing else "service_refused"
            raise _failure(reason, request, error, status=error.status_code) from None
        except self._openai.APIConnectionError as error:
            raise _failure("service_unavailable", request, error) from None
        except (self._openai.OpenAIError, ValueError) as error:
            raise _failure("answer_malformed", request, error) from None
        return completion


def _failure(reason: str, request: Request, error: Exception, **more: object) -> DDError:
    ctx = {"reason": reason, "model": request.model, "error": type(error).__name__, **more}
    return DDError(Err.IO_ERROR, ctx)
