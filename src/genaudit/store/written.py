"""Records in the ledger of the files that genaudit writes while a migration can be rolled back."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import STATE
from genaudit.store.checksummed_log import parse_lines, render_line
from genaudit.store.folders import folder
from genaudit.store.ledger import GONE, LEDGER, WRITTEN, ledger_from
from genaudit.store.write import write_atomic

_OPEN: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


def write_recorded(root: Path, path: Path, data: bytes) -> None:
    """Write a whole file of a store, and record it first.

    :raises DDError: as :func:`record_written` and :func:`~genaudit.store.write.write_atomic`.
    """
    record_written(root, {path: data})
    write_atomic(path, data)


def record_written(root: Path, files: Mapping[Path, bytes | None]) -> None:
    """Record files that are about to be written, or deleted (``None``), if a migration can be rolled back.

    :param files: their new contents by path.
    :raises DDError: ``IO_ERROR``, reason ``not_writable``; ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    if not files:
        return
    try:
        with folder(os.path.realpath(root, strict=True)) as top, folder(STATE, top) as state:
            handle = os.open(LEDGER.removeprefix(f"{STATE}/"), _OPEN, dir_fd=state)
            with os.fdopen(handle, "r+b", buffering=0) as ledger:
                # Steps of a pipeline write at the same time.
                fcntl.flock(ledger, fcntl.LOCK_EX)
                lines = parse_lines(ledger.readall(), LEDGER)
                if not ledger_from(lines.entries).applied():
                    return
                contents = {
                    path.relative_to(root).as_posix(): GONE if data is None else sha256(data).hexdigest()
                    for path, data in files.items()
                }
                ledger.truncate(lines.end)
                ledger.seek(lines.end)
                _write(ledger.fileno(), render_line({"event": WRITTEN, "files": contents}))
                os.fsync(ledger)
    except FileNotFoundError:
        return
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(root / LEDGER), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
