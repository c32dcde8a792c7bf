"""Companion of the search for references."""

from __future__ import annotations

from typing import Any, Protocol


class Companion(Protocol):
    """Another reader of the files of a search, which then opens none of them itself.

    ``wants`` returns whether it takes the bytes of a file, by the path below the data root; ``take`` gets them, with
    more than ``limit`` only if the file is larger. In a search by several processes each has a copy: its ``taken``
    returns the results of a part, and ``join`` adds them to the original.
    """

    limit: int

    def wants(self, path: str) -> bool: ...  # noqa: D102

    def take(self, path: str, data: bytes) -> None: ...  # noqa: D102

    def taken(self) -> Any: ...  # noqa: ANN401, D102

    def join(self, taken: Any) -> None: ...  # noqa: ANN401, D102
