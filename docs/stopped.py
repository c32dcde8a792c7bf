"""Run genaudit and end it before its n-th rename of a generation, as abruptly as a kill would: for an example.

``python docs/stopped.py 100 migrate apply reports/migration_plan.json --data-root store --yes``
"""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING

from genaudit.cli import main
from genaudit.migration.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable


def stopping_at(last: int, rename: Callable[[Files, str, str], None]) -> Callable[[Files, str, str], None]:
    """Rename as before, and end the process before the last one."""
    numbers = itertools.count(1)

    def counted(files: Files, path: str, target: str) -> None:
        if next(numbers) == last:
            os._exit(137)
        rename(files, path, target)

    return counted


Files.rename = stopping_at(int(sys.argv.pop(1)), Files.rename)
main()
