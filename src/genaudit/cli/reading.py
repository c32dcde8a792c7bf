"""Progress bar for audits that read files after the scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

from genaudit.audits.registry import AUDITS
from genaudit.cli.terminal import progress_bar


def reading_bar(names: Iterable[str]) -> AbstractContextManager[Callable[[int, int], None] | None]:
    """Show the progress of the audit that reads files, if one of these does.

    :param names: names of the audits that run.
    """
    reads = next((text for name in names if (text := AUDITS[name].reads)), None)
    return progress_bar(reads) if reads else nullcontext()
