"""Generator for services with OpenAI's interface, through the official client.

The client itself retries temporary errors (429, 5xx, timeouts, lost connections), up to a given number of times, with
growing delays or those that the service requests. No error quotes the service's response, which may contain the key.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from genaudit.errors import DDError, Err, Reason
from genaudit.generating.generator import TRUNCATED, Answer, Request

if TYPE_CHECKING:
    # The client is an extra.
    from openai.types.chat import ChatCompletion

KEY_VARIABLE: Final = "OPENAI_API_KEY"
_USAGE: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_PASSING: Final = 500
_TOO_MANY: Final = 429


class OpenAIGenerator:
    """Generator that requests chat completions from a service, one message per prompt.

    :param base_url: address of the service; ``None`` for OpenAI's own.
    :param key_variable: the environment variable with the key.
    :param max_tokens: token limit of an answer; ``None`` leaves it to the service.
    :param max_retries: maximum number of retries per request.
    :param timeout_s: seconds until a request times out.
    :param clock: monotonic clock in seconds.
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
            ctx = {"reason": Reason.EXTRA_MISSING, "extra": "openai", "install": "pip install 'genaudit[openai]'"}
            raise DDError(Err.INVALID_CONFIG, ctx) from None
        key = environ.get(key_variable, "").strip()
        if not key:
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.API_KEY_MISSING, "variable": key_variable})
        self._openai = openai
        self._client = openai.OpenAI(api_key=key, base_url=base_url, max_retries=max_retries, timeout=timeout_s)
        self._limits: dict[str, Any] = {} if max_tokens is None else {"max_tokens": max_tokens}
        self._clock = clock

    def generate(self, request: Request) -> Answer:
        """Request an answer from the service.

        :raises DDError: ``IO_ERROR``, reason ``service_unavailable`` (all attempts failed), ``service_refused``
            (``status``) or ``answer_malformed``, with ``error``, the class of the client's error.
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
            # The client accepts any JSON as an answer, and returns other text unchanged.
            raise _failure(Reason.ANSWER_MALFORMED, request, error) from None
        if not isinstance(text, str):
            raise _failure(Reason.ANSWER_MALFORMED, request, TypeError())
        served = completion.model if isinstance(getattr(completion, "model", None), str) else None
        return Answer(text, TRUNCATED if reason == "length" else reason, duration, tokens, served)

    def _completion(self, request: Request) -> ChatCompletion:
        try:
            completion: ChatCompletion = self._client.chat.completions.create(
                model=request.model, messages=[{"role": "user", "content": request.prompt}], **self._limits
            )
        except self._openai.APIStatusError as error:
            passing = error.status_code == _TOO_MANY or error.status_code >= _PASSING
            reason = Reason.SERVICE_UNAVAILABLE if passing else Reason.SERVICE_REFUSED
            raise _failure(reason, request, error, status=error.status_code) from None
        except self._openai.APIConnectionError as error:
            raise _failure(Reason.SERVICE_UNAVAILABLE, request, error) from None
        except (self._openai.OpenAIError, ValueError) as error:
            raise _failure(Reason.ANSWER_MALFORMED, request, error) from None
        return completion


def _failure(reason: Reason, request: Request, error: Exception, **more: object) -> DDError:
    ctx = {"reason": reason, "model": request.model, "error": type(error).__name__, **more}
    return DDError(Err.IO_ERROR, ctx)
