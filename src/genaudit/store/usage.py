"""Token counts of a model call, in the report beside its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

USAGE: Final = ("prompt_tokens", "completion_tokens")

# The tokens of the prompt and of the answer; None if the report does not give both.
Usage: TypeAlias = "tuple[int, int] | None"


def usage_in(report: Mapping[str, Any]) -> Usage:
    """Return the token counts in a report."""
    usage = report.get("usage")
    counts = [usage.get(name) for name in USAGE] if isinstance(usage, dict) else []
    # bool is a subclass of int, and not a number of tokens.
    match [value for value in counts if type(value) is int and value >= 0]:
        case [prompt, completion]:
            return (prompt, completion)
        case _:
            return None
