"""Where the package's errors become failures of Dagster, and its results become metadata."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
import orjson

from genaudit.errors import DDError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def failures() -> Iterator[None]:
    """Turn a call that cannot be carried out into a failure that says the same.

    Its metadata has ``code``, ``reason`` and ``context``, everything that the error knows.

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
        # Asking again would find the same: generators retry by themselves what can be.
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from None


def as_json(value: Mapping[str, Any]) -> dg.JsonMetadataValue:
    """Write plain values, paths and numbers of numpy among them, as metadata."""
    return dg.MetadataValue.json(orjson.loads(orjson.dumps(value, default=str, option=_PLAIN)))


_PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
