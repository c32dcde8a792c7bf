"""The folder of the state, made so that the data root keeps its modification time.

A new entry changes the time of the root. So the first name of the folder contains that time, and an empty folder
inside repeats it until it is set again: whoever comes after a stop finds it there.
"""

from __future__ import annotations

import re
from typing import Final

from genaudit.layout import STATE
from genaudit.migration.files import Files
from genaudit.store.ledger import MIGRATIONS

_MARK: Final = re.compile(r"root-mtime\.(-?[0-9]{1,18}|[0-9]{19})")
_MAX_TIME: Final = 2**62


def make_state(files: Files) -> None:
    """Make the folder of the state and of the migrations, if there is none."""
    settle_root(files)
    if files.kind(STATE) == "gone":
        files.make_folder(f"{STATE}.root-mtime.{files.mtime('')}")
        settle_root(files)
    if files.kind(MIGRATIONS) == "gone":
        files.make_folder(MIGRATIONS)


def settle_root(files: Files) -> None:
    """Give the root its modification time back, if making the folder of the state was stopped."""
    if files.kind(STATE) == "gone":
        for name in files.names(""):
            mark = name.removeprefix(f"{STATE}.")
            if mark != name and _time_of(mark) is not None:
                if files.kind(f"{name}/{mark}") == "gone":
                    files.make_folder(f"{name}/{mark}")
                files.rename(name, STATE)
                break
    if files.kind(STATE) != "folder":
        return
    for mark in files.names(STATE):
        if (time := _time_of(mark)) is not None:
            files.set_mtime("", time)
            files.sync_folder("")
            files.clear(f"{STATE}/{mark}")


def _time_of(mark: str) -> int | None:
    found = _MARK.fullmatch(mark)
    return int(found[1]) if found and abs(int(found[1])) < _MAX_TIME else None
