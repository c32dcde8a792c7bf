"""Rollback of a migration, complete or interrupted: restores the old tree byte for byte, times included.

1. The rollback looks for later additions that reference the new ids: records under renamed generations, cohorts,
   selections, tables. They are an error, or are carried over: the old ids are put into them. Carrying over comes
   first; from then on the migration can only be rolled back.
2. The generations get their old names back, evaluations before essays before drafts.
3. The edited files are replaced by the originals, which were kept by a link and so have their times.
4. The partition keys follow, and the folders get their earlier times.
5. Every step is checked again; the ledger gets its line, if the migration was complete; the kept originals are
   deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS
from genaudit.migration.apply import BATCH, check_not_foreign
from genaudit.migration.edits import Edit, EditKind
from genaudit.migration.files import Files
from genaudit.migration.keys import follow_back
from genaudit.migration.ledger import record_undone
from genaudit.migration.partitions import Partitions
from genaudit.migration.plan import Plan, scan_edits
from genaudit.migration.staging import Contents, clear_rubbish, remove_workspace
from genaudit.migration.steps import MAX_PROBLEMS, Exchange, check_kept, put, stopping
from genaudit.migration.workspace import (
    REMOVED,
    JournalStep,
    Kept,
    Workspace,
    journal,
    kept_before,
    latest,
    places,
    survey,
)
from genaudit.store.ledger import MIGRATIONS
from genaudit.store.snapshot import scan


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The result of a rollback.

    :param carried: files added since the apply that now have the old ids.
    :param partitions_left: partition keys had followed the apply, and some were not restored.
    """

    digest: str
    renamed: int
    restored: int
    carried: tuple[str, ...]
    partitions_left: bool


def rollback(
    files: Files,
    partitions: Partitions | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    carry_over: bool = False,
) -> RolledBack | None:
    """Undo the interrupted migration, else the last one that was applied.

    :param carry_over: put the old ids into later additions that reference the new ones.
    :returns: ``None`` if there is none to undo.
    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted`` (files were changed since; nothing was done),
        ``added_since`` (with each ``path`` under ``problems``; nothing was done), ``workspace_damaged`` or
        ``lines_damaged``; ``IO_ERROR``, reason ``migration_busy``, ``migration_stopped`` or ``verification_failed``.
    """
    files.lock()
    with stopping(Reason.NOT_WRITABLE):
        clear_rubbish(files)
    kept = latest(files)
    if kept is None:
        return None
    with stopping(Reason.MIGRATION_STOPPED, kept.workspace.base):
        return _undo(files, kept, partitions, progress, carry_over=carry_over)


def _undo(
    files: Files,
    kept: Kept,
    partitions: Partitions | None,
    progress: Callable[[int, int], None] | None,
    *,
    carry_over: bool,
) -> RolledBack:
    plan, workspace = kept.plan, kept.workspace
    check_not_foreign(files, plan, workspace, kept.survey)
    before = kept_before(files, workspace)
    changed = (number for number, step in enumerate(kept.survey.edits) if step is JournalStep.DONE)
    check_kept(files, ((workspace.old(number), plan.edits[number].before) for number in changed))
    added = added_since(files, workspace, plan)
    if added and not carry_over:
        problems = [{"path": edit.path, "problem": "quotes new ids, and was added since"} for edit in added]
        ctx = {"reason": Reason.ADDED_SINCE, "path": str(files.root), "count": len(added)}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "problems": problems[:MAX_PROBLEMS]})
    journal(files, workspace, "rollback", done=kept.survey.count(JournalStep.DONE), carried=len(added))
    if added:
        _carry_over(files, workspace, plan, added)
    renamed = _rename_back(files, plan, workspace, kept.survey.renames)
    if progress:
        progress(renamed, renamed + len(plan.edits))
    restored = _restore(files, plan, workspace, kept.survey.edits)
    if progress:
        progress(renamed + restored, renamed + restored)
    partitions_left = follow_back(files, plan, workspace, partitions)
    for path, mtime in before["mtimes"].items():
        if files.mtime(path) != mtime:
            files.set_mtime(path, mtime)
    files.sync()
    steps = survey(files, plan)
    if steps.count(JournalStep.OPEN) != len(plan.renames) + len(plan.edits):
        ctx = {
            "reason": Reason.VERIFICATION_FAILED,
            "path": str(files.root),
            "not_undone": steps.count(JournalStep.DONE),
        }
        raise DDError(Err.IO_ERROR, ctx)
    record_undone(files, plan)
    removed = Workspace(f"{workspace.base}{REMOVED}")
    files.rename(workspace.base, removed.base)
    files.sync_folder(MIGRATIONS)
    remove_workspace(files, removed)
    carried = tuple(edit.path for edit in added)
    return RolledBack(plan.digest, renamed, restored, carried, partitions_left)


def added_since(files: Files, workspace: Workspace, plan: Plan) -> Sequence[Edit]:
    """Find references to new ids that the plan did not write: the edits that would restore the old ids."""
    known = {*places(files, plan), *(edit.path for edit in plan.edits), *kept_before(files, workspace)["quoting"]}
    return sorted(edit for edit in scan_edits(scan(files.root), plan.back).edits if edit.path not in known)


def _carry_over(files: Files, workspace: Workspace, plan: Plan, added: Sequence[Edit]) -> None:
    """Put the old ids into later additions; after an interruption, the rest is found again."""
    if files.kind(workspace.carried) == "gone":
        files.write_new(workspace.carried, orjson.dumps([edit.path for edit in added]))
        files.sync()
    contents = Contents(files, added, plan.back, plan.stages)
    # A manifest before its membership: in between it belongs to neither, and the membership is still found.
    for number, edit in enumerate(sorted(added, key=lambda edit: edit.kind != EditKind.MANIFEST)):
        swap = workspace.swap(f"carried-{number}")
        if files.kind(swap) != "gone":
            files.remove(swap)
        files.write_new(swap, contents.after(edit), like=edit.path)
        files.sync()
        files.replace(swap, edit.path)


def _rename_back(files: Files, plan: Plan, workspace: Workspace, steps: Sequence[JournalStep]) -> int:
    numbers = [number for number, step in reversed([*enumerate(steps)]) if step is JournalStep.DONE]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        journal(files, workspace, "rename_back", first=batch[0], last=batch[-1], count=len(batch))
        for number in batch:
            rename = plan.renames[number]
            base = f"{GENS}/{rename.stage}"
            files.rename(f"{base}/{rename.new}", f"{base}/{rename.old}")
    return len(numbers)


def _restore(files: Files, plan: Plan, workspace: Workspace, steps: Sequence[JournalStep]) -> int:
    numbers = [number for number, step in enumerate(steps) if step is JournalStep.DONE]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        journal(files, workspace, "restore", first=batch[0], last=batch[-1], count=len(batch))
        for number in batch:
            edit = plan.edits[number]
            # By now every generation has its old name.
            put(files, Exchange(workspace.old(number), workspace.swap(number), edit.path, edit.before, edit.after))
    return len(numbers)
