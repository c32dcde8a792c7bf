"""Rollback of a migration, complete or interrupted: restores the old tree byte for byte, times included.

1. Files that were written since and name new ids are searched for: records below renamed generations, cohorts,
   selections, tables. Files that genaudit wrote, by its ledger, are carried over: they get the old ids. Files of
   others are carried over on request, and a reason to refuse otherwise. Carrying over comes first; from then on the
   migration can only be rolled back.
2. The generations get their old names back, evaluations before essays before drafts.
3. The files that were edited are exchanged for the originals, which were kept as copies with their times.
4. The partition keys follow, and the folders get the times that they had.
5. Every step is looked at again; the ledger gets its line, if the migration was complete; what was kept for the way
   back is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS
from genaudit.migration.apply import BATCH, check_not_foreign
from genaudit.migration.edits import Edit, EditKind
from genaudit.migration.files import Files
from genaudit.migration.keys import follow_back
from genaudit.migration.ledger import record_carried, record_undone
from genaudit.migration.partitions import Partitions
from genaudit.migration.plan import Plan
from genaudit.migration.since import Since, changed_since, old_path, own_steps
from genaudit.migration.staging import Contents, clear_rubbish
from genaudit.migration.state_files import Before, Carried, read_state, write_state
from genaudit.migration.steps import MAX_PROBLEMS, Exchange, check_kept, put_all, stopping
from genaudit.migration.workspace import (
    REMOVED,
    JournalStep,
    KeptMigration,
    Workspace,
    journal,
    latest,
    survey,
)
from genaudit.store.ledger import MIGRATIONS


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
        ``added_since`` (with each ``path`` under ``problems``; nothing was done), ``workspace_damaged``;
        ``IO_ERROR``, reason ``migration_busy``, ``migration_stopped`` or ``verification_failed``.
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
    kept: KeptMigration,
    partitions: Partitions | None,
    progress: Callable[[int, int], None] | None,
    *,
    carry_over: bool,
) -> RolledBack:
    plan, workspace = kept.plan, kept.workspace
    since = changed_since(files, kept)
    check_undoable(files, kept, since, carry_over=carry_over)
    before = read_state(files, workspace.before, Before)
    carried = (*since.own, *since.others)
    journal(files, workspace, "rollback", done=kept.survey.count(JournalStep.DONE), carried=len(carried))
    if carried:
        _carry_over(files, workspace, plan, since)
    renamed = _rename_back(files, plan, workspace, kept.survey.renames)
    if progress:
        progress(renamed, renamed + len(plan.edits))
    restored = _restore(files, plan, workspace, since.survey.edits)
    if progress:
        progress(renamed + restored, renamed + restored)
    partitions_left = follow_back(files, plan, workspace, partitions)
    for path, mtime in before.mtimes.items():
        if files.mtime(path) != mtime:
            files.set_mtime(path, mtime)
    files.sync()
    _verify(files, kept)
    record_undone(files, plan)
    removed = Workspace(f"{workspace.base}{REMOVED}")
    files.rename(workspace.base, removed.base)
    files.sync_folder(MIGRATIONS)
    files.clear(removed.base)
    return RolledBack(plan.digest, renamed, restored, tuple(sorted(edit.path for edit in carried)), partitions_left)


def _verify(files: Files, kept: KeptMigration) -> None:
    """Check that every step is undone, but for files that are carried over."""
    steps = own_steps(files, kept, survey(files, kept.plan))
    if steps.count(JournalStep.DONE) + steps.count(JournalStep.FOREIGN):
        ctx = {
            "reason": Reason.VERIFICATION_FAILED,
            "path": str(files.root),
            "not_undone": steps.count(JournalStep.DONE),
        }
        raise DDError(Err.IO_ERROR, ctx)


def check_undoable(files: Files, kept: KeptMigration, since: Since, *, carry_over: bool) -> None:
    """Refuse a rollback that would lose changes of others, or that lacks a file.

    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted``, ``workspace_damaged`` or ``added_since``.
    """
    plan, workspace = kept.plan, kept.workspace
    check_not_foreign(files, plan, workspace, since.survey)
    changed = (number for number, step in enumerate(kept.survey.edits) if step is JournalStep.DONE)
    check_kept(files, ((workspace.old(number), plan.edits[number].before) for number in changed))
    was_asked = carry_over or files.kind(workspace.carried) != "gone"
    if since.others and not was_asked:
        problems = [{"path": edit.path, "problem": "contains new ids, and was added since"} for edit in since.others]
        ctx = {"reason": Reason.ADDED_SINCE, "path": str(files.root), "count": len(problems)}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "problems": problems[:MAX_PROBLEMS]})


def _carry_over(files: Files, workspace: Workspace, plan: Plan, since: Since) -> None:
    """Put the old ids into files that were written since; stopped anywhere, the rest is found again."""
    added = (*since.own, *since.others)
    after = {old_path(edit.path, plan.back): edit.after for edit in added}
    if files.kind(workspace.carried) == "gone":
        write_state(files, workspace.carried, Carried(files=after), workspace.swap("carried.json"))
        record_carried(files, after)
    # A manifest is made for its membership, even if that is restored later.
    contents = Contents(files, since.edits, plan.back, plan.stages)
    # A manifest before its membership: in between it belongs to neither, and the membership is still found.
    for number, edit in enumerate(sorted(added, key=lambda edit: edit.kind != EditKind.MANIFEST)):
        swap = workspace.swap(f"carried-{number}")
        files.clear(swap)
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
        # Every generation has its old name by now.
        put_all(files, [_exchange(workspace, number, plan.edits[number]) for number in batch])
    return len(numbers)


def _exchange(workspace: Workspace, number: int, edit: Edit) -> Exchange:
    return Exchange(workspace.old(number), workspace.swap(number), edit.path, edit.before, edit.after)
