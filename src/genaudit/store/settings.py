"""Reader for the settings file at a data root."""

from __future__ import annotations

import os
from pathlib import Path

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import SETTINGS
from genaudit.stage_file import StoreSettings, parse_settings
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError


def read_settings(root: Path) -> StoreSettings:
    """Read a store's settings; without the file, the defaults.

    :raises DDError: ``IO_ERROR``, reason ``not_readable``: it is too large, no file, a link, or cannot be read; as
        :func:`genaudit.stage_file.parse_settings`.
    """
    try:
        with folder(os.path.realpath(root, strict=True)) as top:
            data = read_file(SETTINGS, top)
    except (FileNotFoundError, NotADirectoryError):
        return StoreSettings()
    except OSError as error:
        raise _unreadable(os.strerror(error.errno or 0)) from error
    except UnreadableError as error:
        raise _unreadable(error.detail) from error
    return parse_settings(data)


def _unreadable(error: str) -> DDError:
    return DDError(Err.IO_ERROR, {"reason": Reason.NOT_READABLE, "path": SETTINGS, "error": error})
