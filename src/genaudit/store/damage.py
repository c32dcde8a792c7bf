"""The error of a damaged state file."""

from __future__ import annotations

from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import STATE

WAY_ON: Final = f"nothing was changed; put the file back from a backup of {STATE}, then call again"


def damaged(path: str, problem: str, **place: object) -> DDError:
    """Make the error of a damaged state file, with the next step.

    :param path: the file, relative to the data root.
    :param place: the line or field of the damage, and its value.
    """
    ctx = {"reason": Reason.WORKSPACE_DAMAGED, "path": path, **place, "problem": problem, "next": WAY_ON}
    return DDError(Err.INVALID_CONFIG, ctx)
