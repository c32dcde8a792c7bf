"""Application of a plan, from any intermediate state.

1. The plan is made again from the store; any drift is an error.
2. Everything is prepared beside the store (:mod:`genaudit.migration.staging`).
3. The files that change get their new contents, each by one rename; then the generations get their new names, drafts
   before essays before evaluations. The journal has a line before each batch: a synced line before each of a hundred
   thousand steps would take minutes, and recovery does not need it (:mod:`genaudit.migration.workspace`).
4. The partition keys follow.
5. Every step is checked again, and every new name is recomputed from its record.
6. The ledger gets its line; from then on the migration is complete.

A second apply finds the ledger's line and does nothing, except for partition keys that are still the old ones. An
interrupted apply continues with the open steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from genaudit.audits.recompute import recompute
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, METADATA
from genaudit.migration.edits import Edit, Ids
from genaudit.migration.files import Files
from genaudit.migration.keys import follow
from genaudit.migration.ledger import ledger_of, record_applied
from genaudit.migration.partitions import Partitions
from genaudit.migration.plan import Plan
from genaudit.migration.staging import check_fresh, clear_rubbish, stage
from genaudit.migration.steps import MAX_PROBLEMS, Exchange, check_kept, put_all, stopping
from genaudit.migration.workspace import (
    JournalStep,
    Survey,
    Workspace,
    journal,
    latest,
    places,
    stage_folders,
    survey,
)
from genaudit.schemas import IdClass
from genaudit.stages import PARENT
from genaudit.store.snapshot import Snapshot, scan

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of an apply.

    :param was_complete: the migration had been applied before; nothing was done.
    :param resumed: an interrupted migration was continued.
    :param before: the store before, if this apply read it.
    """

    digest: str
    renamed: int
    edited: int
    was_complete: bool = False
    resumed: bool = False
    before: Snapshot | None = field(default=None, repr=False, compare=False)

    def facts(self) -> dict[str, Any]:
        """Return the result as plain values, without the store."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "before"}


def apply(
    files: Files,
    plan: Plan,
    partitions: Partitions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Applied:
    """Apply a plan, or resume its application.

    :param files: the data root.
    :param partitions: the keys that follow the ids; without them, only the store changes.
    :param progress: called with the steps done and their number.
    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted`` (the store or the plan has changed; nothing
        was done), ``workspace_damaged``; ``IO_ERROR``, reason ``migration_busy`` (another
        process is at it), ``migration_interrupted`` (another one waits to be finished, or this one is being rolled
        back), ``not_writable`` (nothing was changed), ``migration_stopped`` (resume or roll back) or
        ``verification_failed``.
    """
    files.lock()
    present = latest(files)
    if present and not present.is_complete:
        if present.plan.digest != plan.digest or files.kind(present.workspace.carried) != "gone":
            ctx = {
                "reason": Reason.MIGRATION_INTERRUPTED,
                "path": present.workspace.base,
                "digest": present.plan.digest,
            }
            raise DDError(Err.IO_ERROR, ctx)
        return _carry_out(files, plan, present.workspace, partitions, progress, resumed=True)
    if plan.digest in ledger_of(files).applied() or not plan.renames:
        with stopping(Reason.NOT_WRITABLE):
            clear_rubbish(files)
            if partitions and present and present.plan.digest == plan.digest:
                # The keys could not be reached earlier, or old ones were registered again.
                follow(files, plan, present.workspace, partitions)
        return Applied(plan.digest, 0, 0, was_complete=True)
    with stopping(Reason.NOT_WRITABLE):
        snapshot, made = check_fresh(files, plan)
        total = 2 * len(plan.edits) + len(plan.renames)
        count = _Counter(total, progress)
        workspace = stage(files, made, count.step)
    done = _carry_out(files, plan, workspace, partitions, progress, resumed=False)
    return replace(done, before=snapshot)


class _Counter:
    """Counter of steps for a progress bar."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None, done: int = 0) -> None:
        self.total = total
        self.done = done
        self.progress = progress

    def step(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self.done, self.total)


def _carry_out(
    files: Files,
    plan: Plan,
    workspace: Workspace,
    partitions: Partitions | None,
    progress: Callable[[int, int], None] | None,
    *,
    resumed: bool,
) -> Applied:
    with stopping(Reason.MIGRATION_STOPPED, workspace.base):
        steps = survey(files, plan)
        check_not_foreign(files, plan, workspace, steps)
        if resumed:
            waiting = (number for number, step in enumerate(steps.edits) if step is JournalStep.OPEN)
            check_kept(files, ((workspace.new(number), plan.edits[number].after) for number in waiting))
        total = 2 * len(plan.edits) + len(plan.renames)
        count = _Counter(total, progress, len(plan.edits) + steps.count(JournalStep.DONE))
        journal(files, workspace, "resume" if resumed else "begin", open=steps.count(JournalStep.OPEN))
        edited = _edit(files, plan, workspace, steps, count)
        renamed = _rename(files, plan, workspace, steps, count)
        files.sync()
        if partitions:
            follow(files, plan, workspace, partitions)
        _verify(files, plan)
        record_applied(files, plan)
        journal(files, workspace, "done")
    return Applied(plan.digest, renamed, edited, resumed=resumed)


def check_not_foreign(files: Files, plan: Plan, workspace: Workspace, steps: Survey) -> None:
    """Raise an error if another program changed a file or folder of the migration.

    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted``, with each ``path`` and ``problem``, and the
        locations of a file's ``original`` and ``planned`` content.
    """
    problems: list[dict[str, Any]] = [
        {
            "path": f"{GENS}/{rename.stage}/{rename.old}",
            "problem": "neither or both names are there",
            "new": rename.new,
        }
        for rename, step in zip(plan.renames, steps.renames, strict=True)
        if step is JournalStep.FOREIGN
    ]
    problems += [
        {
            "path": path,
            "problem": "has neither the old nor the new content",
            "original": workspace.old(number),
            "planned": workspace.new(number),
        }
        for number, (path, step) in enumerate(zip(places(files, plan), steps.edits, strict=True))
        if step is JournalStep.FOREIGN
    ]
    if problems:
        ctx = {"reason": Reason.STORE_DRIFTED, "path": str(files.root), "count": len(problems)}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "problems": problems[:MAX_PROBLEMS]})


def _edit(files: Files, plan: Plan, workspace: Workspace, steps: Survey, count: _Counter) -> int:
    paths = places(files, plan)
    numbers = [number for number, step in enumerate(steps.edits) if step is JournalStep.OPEN]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        journal(files, workspace, "edit", first=batch[0], last=batch[-1], count=len(batch))
        with files.holding([*workspace.folders(), *stage_folders(plan)]):
            put_all(files, [_exchange(workspace, number, plan.edits[number], paths[number]) for number in batch])
        count.step(len(batch))
    return len(numbers)


def _exchange(workspace: Workspace, number: int, edit: Edit, target: str) -> Exchange:
    return Exchange(workspace.new(number), workspace.swap(number), target, edit.after, edit.before)


def _rename(files: Files, plan: Plan, workspace: Workspace, steps: Survey, count: _Counter) -> int:
    numbers = [number for number, step in enumerate(steps.renames) if step is JournalStep.OPEN]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        journal(files, workspace, "rename", first=batch[0], last=batch[-1], count=len(batch))
        with files.holding(stage_folders(plan)):
            for number in batch:
                rename = plan.renames[number]
                base = f"{GENS}/{rename.stage}"
                files.rename(f"{base}/{rename.old}", f"{base}/{rename.new}")
        count.step(len(batch))
    return len(numbers)


def _verify(files: Files, plan: Plan) -> None:
    """Check every step again, and recompute every new name."""
    steps = survey(files, plan)
    unfinished = len(plan.renames) + len(plan.edits) - steps.count(JournalStep.DONE)
    snapshot = scan(files.root)
    table = recompute(snapshot).frame
    holds = table.loc[table["class"] == IdClass.DETERMINISTIC, ["stage", "gen_id"]]
    names = set(holds.astype(object).itertuples(index=False, name=None))
    wrong = [rename.new for rename in plan.renames if (rename.stage, rename.new) not in names]
    if unfinished or wrong:
        ctx = {"reason": Reason.VERIFICATION_FAILED, "path": str(files.root), "unfinished": unfinished}
        raise DDError(Err.IO_ERROR, {**ctx, "not_recomputing": wrong[:MAX_PROBLEMS]})
    if problems := [*_orphans(snapshot, plan.ids)]:
        ctx = {"reason": Reason.VERIFICATION_FAILED, "path": str(files.root), "count": len(problems)}
        advice = "put the new parent id into each record, then call apply again; or roll back"
        raise DDError(Err.IO_ERROR, {**ctx, "problems": problems[:MAX_PROBLEMS], "next": advice})


def _orphans(snapshot: Snapshot, ids: Ids) -> Iterator[dict[str, str]]:
    """Find generations that were added meanwhile below the old id of a parent."""
    columns = (snapshot.values(name) for name in ("stage", "gen_id", PARENT))
    for name, gen_id, parent in zip(*columns, strict=True):
        above = snapshot.stages[name].parent
        if above and parent in ids[above]:
            path = f"{GENS}/{name}/{gen_id}/{METADATA}"
            yield {"path": path, "field": PARENT, "value": parent, "new_parent": ids[above][parent]}
