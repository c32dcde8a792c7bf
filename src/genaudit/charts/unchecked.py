"""Specifications of charts for pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from altair.utils.schemapi import debug_mode


def specification(draw: Callable[[], Any]) -> dict[str, Any]:
    """Draw a chart, and return its specification.

    Altair compares each part of a chart with its schema as it is made, which takes longer than the rest of a page.
    The tests of the charts make that comparison.
    """
    with debug_mode(arg=False):
        made: dict[str, Any] = draw().to_dict(validate=False)
    return made
