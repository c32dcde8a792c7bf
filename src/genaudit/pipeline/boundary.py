"""Conversion of the package's errors to Dagster failures, and of its results to metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import orjson

from genaudit.errors import DDError


@contextmanager
def failures(**more: str) -> Iterator[None]:
    """Convert a :class:`~genaudit.errors.DDError` to a Dagster failure.

    The failure's metadata has ``code``, ``reason`` and ``context``.

    :param more: further metadata.
    :raises dagster.Failure: in place of :class:`~genaudit.errors.DDError`.
    """
    try:
        yield
    except DDError as error:
        known = in_metadata(error)
        metadata = {**known, "context": as_json(known["context"]), **more}
        # A retry would give the same result: generators already retry temporary errors.
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from None


def in_metadata(error: DDError) -> dict[str, Any]:
    """Return the ``code``, ``reason`` and ``context`` of an error."""
    return {"code": str(error.code), "reason": error.reason and str(error.reason), "context": error.ctx}


def as_json(value: Mapping[str, Any]) -> dg.JsonMetadataValue:
    """Convert plain values, including paths and numpy numbers, to metadata."""
    return dg.MetadataValue.json(orjson.loads(orjson.dumps(value, default=str, option=_PLAIN)))


_PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
