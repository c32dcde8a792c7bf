"""Baseline of a command that audits: the given file, or that of the data root."""

from __future__ import annotations

import os
from pathlib import Path

from genaudit.audits.run import AuditRun
from genaudit.baseline.entries import default_path, read_baseline
from genaudit.store.addresses import is_url


def with_baseline(run: AuditRun, given: Path | None, data_root: Path | str, day: str) -> AuditRun:
    """Hold a baseline against the findings of a run; without one, return the run as it is.

    :param given: the file that was asked for; ``None`` for that of the data root, if it has one.
    :param day: the date on which ends are judged.
    :raises DDError: the file is missing, unreadable or damaged.
    """
    path = given or default_path(run.snapshot.root if is_url(data_root) else Path(data_root))
    if given is None and not os.path.lexists(path):
        return run
    return run.against(read_baseline(path), run.snapshot.as_named(str(path)), day)
