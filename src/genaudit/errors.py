"""The one exception of the package: a narrow code and a context of plain values.

A broken *call* (a missing root, a malformed option) raises :class:`DDError`; broken *data* never does, it becomes
a row of the findings (:mod:`genaudit.codes`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Err(StrEnum):
    """Codes of errors."""

    DATA_MISSING = "data_missing"
    INVALID_CONFIG = "invalid_config"
    INVALID_MEMBERSHIP = "invalid_membership"
    IO_ERROR = "io_error"
    PARSER_FAILURE = "parser_failure"


class DDError(Exception):
    """An error of a call.

    :param code: its kind, one of :class:`Err`.
    :param ctx: plain values: ``reason`` (a snake_case word), and the file, the field and the value concerned.

    >>> error = DDError(Err.DATA_MISSING, {"reason": "no_store", "path": "data"})
    >>> error.code, error.ctx["reason"]
    (<Err.DATA_MISSING: 'data_missing'>, 'no_store')
    >>> print(error)
    no store: path 'data' [data_missing]
    """

    def __init__(self, code: Err, ctx: dict[str, Any] | None = None) -> None:
        """Create the error; its message is derived from code and context."""
        self.code = code
        self.ctx: dict[str, Any] = dict(ctx or {})
        super().__init__(code, self.ctx)

    def __str__(self) -> str:
        """Return the reason, then each context value by its name, then the code."""
        reason = str(self.ctx.get("reason", self.code)).replace("_", " ")
        values = ", ".join(f"{name} {value!r}" for name, value in self.ctx.items() if name != "reason")
        return f"{reason}: {values} [{self.code}]" if values else f"{reason} [{self.code}]"
