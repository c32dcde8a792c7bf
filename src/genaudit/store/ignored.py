"""Reader for the ``[ignore]`` table of a store's ``genaudit.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from fnmatch import translate
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError

SETTINGS: Final = "genaudit.toml"
_MOST_NAMES: Final = 200
_MOST_CHARACTERS: Final = 128


def read_ignored(root: Path) -> re.Pattern[str] | None:
    """Read the names that a scan leaves out.

    ``names`` lists names of files and folders below ``gens/``; ``*`` and ``?`` stand for characters, as in a shell.

    :returns: a pattern for whole names; ``None`` if nothing is left out.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_settings``, with ``path``, ``field`` and ``expected``.
    """
    try:
        with folder(os.path.realpath(root, strict=True)) as base:
            settings = tomllib.loads(read_file(SETTINGS, base).decode())
    except OSError:
        # There is no such file, or the scan itself names what is wrong with the root.
        return None
    except (UnreadableError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(root, SETTINGS, f"a TOML file: {error}") from error
    ignore = settings.get("ignore", {})
    names = ignore.get("names", []) if isinstance(ignore, dict) else None
    if not _are_names(names):
        raise _invalid(root, "ignore.names", f"a list of at most {_MOST_NAMES} names without slashes")
    return re.compile("|".join(map(translate, names))) if names else None


def _are_names(names: object) -> bool:
    if not isinstance(names, Sequence) or isinstance(names, str) or len(names) > _MOST_NAMES:
        return False
    return all(isinstance(one, str) and 0 < len(one) <= _MOST_CHARACTERS and "/" not in one for one in names)


def _invalid(root: Path, field: str, expected: str) -> DDError:
    ctx = {"reason": "invalid_settings", "path": str(root / SETTINGS), "field": field, "expected": expected}
    return DDError(Err.INVALID_CONFIG, ctx)
