"""Limits on the work that files of a store can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_MEMBERS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """The limits that a store sets, ``[limits]`` in its ``genaudit.toml``.

    :param max_members: the largest number of members of a stage in a plan.
    """

    max_members: int | None = None

    def members(self, asked: int) -> int:
        """Return the limit in force: a store can lower a limit and never raise one, because its files are untrusted.

        :param asked: the limit of the caller.
        """
        return asked if self.max_members is None else min(asked, self.max_members)


NO_LIMITS: Final = StoreLimits()
