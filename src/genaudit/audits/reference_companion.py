"""Companion of the search for references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol


class Companion(Protocol):
    """Another reader of the files of generations, which then opens none of them itself.

    ``opened`` prepares for a part of the store, below a data root. ``wanted`` lists the files of a generation whose
    bytes it takes, each with its largest size; ``take`` gets them, with more bytes than that only if a file is
    larger. ``finish`` follows with all generations of the part. Each process has a copy: its ``taken`` returns the
    results of a part, and ``join`` adds them to the original.
    """

    def opened(self, root: Path) -> AbstractContextManager[None]: ...  # noqa: D102

    def wanted(self, stage: str, gen_id: str) -> Mapping[str, int]: ...  # noqa: D102

    def take(self, stage: str, gen_id: str, files: Mapping[str, bytes]) -> None: ...  # noqa: D102

    def finish(self, stage: str, gen_ids: Iterable[str]) -> None: ...  # noqa: D102

    def taken(self) -> Any: ...  # noqa: ANN401, D102

    def join(self, taken: Any) -> None: ...  # noqa: ANN401, D102
