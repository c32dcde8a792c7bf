"""Token counts of a model call, in the report beside its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

# The tokens of the prompt and of the answer; None if the report does not give both.
Usage: TypeAlias = "tuple[int, int] | None"


def usage_in(report: Mapping[str, Any]) -> Usage:
    """Return the token counts in a report."""
    usage = report.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return (prompt, completion) if _is_count(prompt) and _is_count(completion) else None


def _is_count(value: object) -> TypeGuard[int]:
    # bool is a subclass of int, and not a number of tokens.
    return type(value) is int and value >= 0
