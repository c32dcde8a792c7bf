"""The rule that decides what a generation costs: the pipeline acts on it, and the audits predict by it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Decision(StrEnum):
    """What the pipeline does with a generation that a cohort lists.

    ``reuse``: its parsed text is there, so nothing is done. ``parse``: only the model's answer is there, which is
    parsed. ``copy``: its text is its parent's, no model is called. ``call``: a model is called.
    """

    REUSE = "reuse"
    PARSE = "parse"
    COPY = "copy"
    CALL = "call"


COPY_MODE: Final = "copy"


def decide(mode: str | None, *, parsed: bool, raw: bool, force: bool = False) -> Decision:
    """Say what is done with a generation.

    :param mode: the mode of its record: ``llm`` or ``copy``; missing counts as ``llm``.
    :param parsed: whether its ``parsed.txt`` is there.
    :param raw: whether its ``raw.txt`` is there.
    :param force: whether it is made anew whatever is there; a copy stays a copy.

    >>> decide("llm", parsed=False, raw=True), decide("copy", parsed=True, raw=True, force=True)
    (<Decision.PARSE: 'parse'>, <Decision.COPY: 'copy'>)
    """
    if parsed and not force:
        return Decision.REUSE
    if raw and not force:
        return Decision.PARSE
    return Decision.COPY if mode == COPY_MODE else Decision.CALL
