"""Columns of the content audit's frame, and the states of a prompt."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class PromptState(StrEnum):
    """The comparison of a stored prompt with today's rendering.

    ``line_ends``: the two differ only in line endings or in newlines at the end, which counts as the same prompt.
    ``not_rendered``: today's inputs give no prompt. ``unusable``: the stored prompt is no text to compare.
    ``none``: no prompt is stored.
    """

    SAME = "same"
    LINE_ENDS = "line_ends"
    DIFFERS = "differs"
    NOT_RENDERED = "not_rendered"
    UNUSABLE = "unusable"
    NONE = "none"


class ParsedState(StrEnum):
    """The comparison of a stored parsed text with today's parsing of the answer."""

    SAME = "same"
    DIFFERS = "differs"
    NOT_COMPARED = "not_compared"
    NONE = "none"


# A row for each generation; lists are joined with blanks, lines with newlines.
CONTENT: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "template_id": "str",
        "prompt": "str",
        "reason": "str",
        "changed": "str",
        "removed": "str",
        "added": "str",
        "texts": "str",
        "finish_reason": "str",
        "parsed": "str",
        "served_model": "str",
    }
)
# The columns that a comparison fills, with their values of a generation without files.
NOT_COMPARED: Final = MappingProxyType(
    {
        "prompt": PromptState.NONE,
        "reason": None,
        "changed": None,
        "removed": None,
        "added": None,
        "texts": None,
        "finish_reason": None,
        "parsed": ParsedState.NONE,
        "served_model": None,
    }
)
