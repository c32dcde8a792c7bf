"""Completion of values on the command line: ids and cohorts of the store at hand, and finding codes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import rich_click as click

from genaudit.codes import CODES
from genaudit.errors import DDError

# A shell shows no more; a longer beginning narrows them down.
MOST: Final = 200


def complete_id(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """List the ids of the store that begin with the given text."""
    from genaudit.store.names import generation_names  # noqa: PLC0415 (only a completion needs it)

    try:
        names = generation_names(_root(context)).values()
    except DDError:
        return []
    return [name for stage in names for name in stage if name.startswith(incomplete)][:MOST]


def complete_cohort(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """List the cohorts of the store that begin with the given text."""
    from genaudit.store.names import cohort_names  # noqa: PLC0415 (only a completion needs it)

    return [name for name in cohort_names(_root(context)) if name.startswith(incomplete)][:MOST]


def complete_codes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """List the codes that may follow in a list of codes separated by commas."""
    before, comma, last = incomplete.rpartition(",")
    words = [*CODES] if comma else ["all", "none", *CODES]
    return [f"{before}{comma}{code}" for code in words if code.startswith(last)]


def complete_code_or_id(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """List the finding codes and the ids that begin with the given text."""
    return [*(code for code in CODES if code.startswith(incomplete)), *complete_id(context, parameter, incomplete)]


def _root(context: click.Context) -> Path:
    given: Any = context.params.get("data_root") or os.environ.get("DAYDREAMING_DATA_ROOT") or "data"
    return Path(given)
