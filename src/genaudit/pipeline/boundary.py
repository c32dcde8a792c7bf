"""Where the package's errors become failures of Dagster, and its results become metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import orjson

from genaudit.errors import DDError


@contextmanager
def failures() -> Iterator[None]:
    """Turn a call that cannot be carried out into a failure that says the same.

    Its metadata has ``code``, ``reason`` and ``context``, everything that the error knows.

    :raises dagster.Failure: in place of :class:`~genaudit.errors.DDError`.
    """
    try:
        yield
    except DDError as error:
        metadata = {"code": str(error.code), "reason": error.ctx.get("reason"), "context": as_json(error.ctx)}
        # Asking again would find the same: generators retry by themselves what can be.
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from None


def as_json(value: Mapping[str, Any]) -> dg.JsonMetadataValue:
    """Write plain values, paths and numbers of numpy among them, as metadata."""
    return dg.MetadataValue.json(orjson.loads(orjson.dumps(value, default=str, option=_PLAIN)))


_PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
