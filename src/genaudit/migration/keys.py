"""Partition keys that follow one migration, forwards and back.

The existing keys are noted once, before the first of them changes: a new key that already existed stays when the
migration is undone. All other state is read from the keys themselves, so they can follow later than the store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from genaudit.errors import DDError, Err, Reason
from genaudit.migration.files import Files
from genaudit.migration.partitions import Partitions, follow_renames
from genaudit.migration.plan import Plan
from genaudit.migration.workspace import Workspace, journal
from genaudit.stages import partitions_of

_OLD, _NEW = "old", "new"


def follow(files: Files, plan: Plan, workspace: Workspace, partitions: Partitions) -> None:
    """Rename the keys of the renamed generations.

    :raises DDError: as :func:`genaudit.migration.partitions.follow_renames`.
    """
    if files.kind(workspace.keys) == "gone":
        _note(files, plan, workspace, partitions)
    renamed = {partitions_of(stage): ids for stage, ids in plan.ids.items()}
    follow_renames(partitions, renamed, _journalling(files, workspace))


def follow_back(files: Files, plan: Plan, workspace: Workspace, partitions: Partitions | None) -> bool:
    """Restore the old names of the keys.

    :returns: whether earlier keys are still missing.
    :raises DDError: as :func:`follow`; ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    if files.kind(workspace.keys) == "gone":
        return False
    noted = _noted(files, workspace)
    if partitions is None:
        return any(noted[_OLD].values())
    renamed: dict[str, dict[str, str]] = {}
    for stage, ids in plan.back.items():
        definition = partitions_of(stage)
        old, new = set(noted[_OLD].get(definition, ())), set(noted[_NEW].get(definition, ()))
        # A new key that existed before does not show whether the old key existed.
        renamed[definition] = {name: before for name, before in ids.items() if name not in new or before in old}
    follow_renames(partitions, renamed, _journalling(files, workspace), noted[_NEW])
    return any(set(keys) - set(partitions.keys(definition)) for definition, keys in noted[_OLD].items())


def _note(files: Files, plan: Plan, workspace: Workspace, partitions: Partitions) -> None:
    noted: dict[str, dict[str, list[str]]] = {_OLD: {}, _NEW: {}}
    for stage, ids in plan.ids.items():
        definition = partitions_of(stage)
        present = set(partitions.keys(definition))
        noted[_OLD][definition] = sorted(present.intersection(ids))
        noted[_NEW][definition] = sorted(present.intersection(ids.values()))
    swap = workspace.swap("keys")
    if files.kind(swap) != "gone":
        files.remove(swap)
    files.write_new(swap, orjson.dumps(noted))
    files.sync()
    files.rename(swap, workspace.keys)
    files.sync()


def _noted(files: Files, workspace: Workspace) -> dict[str, dict[str, list[str]]]:
    try:
        content: dict[str, Any] = orjson.loads(files.read(workspace.keys))
    except (OSError, orjson.JSONDecodeError) as error:
        ctx = {"reason": Reason.WORKSPACE_DAMAGED, "path": workspace.keys, "error": str(error)}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    return content


def _journalling(files: Files, workspace: Workspace) -> Callable[[str, str, int], None]:
    return lambda event, definition, number: journal(files, workspace, event, definition=definition, count=number)
