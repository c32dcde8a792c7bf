"""Conversion of the package's errors to Dagster failures, and of its results to metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import orjson

from genaudit.errors import DDError


@contextmanager
def failures() -> Iterator[None]:
    """Convert a :class:`~genaudit.errors.DDError` to a Dagster failure.

    The failure's metadata has ``code``, ``reason`` and ``context``.

    :raises dagster.Failure: in place of :class:`~genaudit.errors.DDError`.
    """
    try:
        yield
    except DDError as error:
        metadata = {
            "code": str(error.code),
            "reason": error.reason and str(error.reason),
            "context": as_json(error.ctx),
        }
        # A retry would give the same result: generators already retry temporary errors.
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from None


def as_json(value: Mapping[str, Any]) -> dg.JsonMetadataValue:
    """Convert plain values, including paths and numpy numbers, to metadata."""
    return dg.MetadataValue.json(orjson.loads(orjson.dumps(value, default=str, option=_PLAIN)))


_PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
