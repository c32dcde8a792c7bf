"""Preparation of a migration beside the store: new contents, and links to the originals.

The store itself is not touched. The preparation counts once it is renamed to its final name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from genaudit.cohorts.membership import MEMBERSHIP_NAME
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS
from genaudit.migration.cohort_edits import render_manifest
from genaudit.migration.edits import Edit, EditKind, Ids, Rendered, digest
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.spans import rewritten
from genaudit.migration.state_files import Before, render_state
from genaudit.migration.state_folder import make_state, settle_root
from genaudit.migration.steps import MAX_PROBLEMS
from genaudit.migration.workspace import (
    REMOVED,
    STAGING,
    Workspace,
    stage_folders,
    state_names,
    workspace_of,
)
from genaudit.stages import StageTable
from genaudit.store.ledger import MIGRATIONS
from genaudit.store.snapshot import Snapshot, scan


def check_fresh(files: Files, plan: Plan) -> tuple[Snapshot, Plan]:
    """Make the plan again, and compare.

    :returns: the snapshot that it was made from, and the new plan.
    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted``, with the differences under ``problems``: the store
        is another one, it has changed, or the plan was edited.
    """
    snapshot = scan(files.root)
    present = make_plan(snapshot, plan.choice)
    if present.digest == plan.digest:
        return snapshot, present
    problems = [*_differences(plan, present)]
    if not problems:
        problems = [{"what": "fingerprint", "planned": plan.fingerprint, "present": present.fingerprint}]
    ctx = {"reason": Reason.STORE_DRIFTED, "path": str(files.root), "planned": plan.digest, "present": present.digest}
    raise DDError(Err.INVALID_CONFIG, {**ctx, "problems": problems[:MAX_PROBLEMS]})


def _differences(plan: Plan, present: Plan) -> Iterator[dict[str, Any]]:
    planned = {(rename.stage, rename.old): rename.new for rename in plan.renames}
    now = {(rename.stage, rename.old): rename.new for rename in present.renames}
    for key in sorted(planned.keys() | now.keys()):
        if planned.get(key) != now.get(key):
            stage, gen_id = key
            yield {"stage": stage, "gen_id": gen_id, "planned": planned.get(key), "present": now.get(key)}
    edits, edits_now = ({edit.path: edit for edit in each.edits} for each in (plan, present))
    for path in sorted(edits.keys() | edits_now.keys()):
        if edits.get(path) != edits_now.get(path):
            yield {"path": path, "planned": path in edits, "present": path in edits_now}


def stage(files: Files, plan: Plan, progress: Callable[[int], None]) -> Workspace:
    """Prepare a migration.

    :param plan: as :func:`check_fresh` made it from the current store.
    :param progress: called for each prepared file.
    :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted``: a file differs from the plan.
    """
    final = workspace_of(plan)
    # Noted before the first folder is made: that changes the times of those above.
    clear_rubbish(files)
    before = render_state(_before(files, plan))
    staging = Workspace(f"{final.base}{STAGING}")
    make_state(files)
    files.make_folder(staging.base)
    for path in staging.folders():
        files.make_folder(path)
    files.write_new(staging.plan, plan.to_bytes())
    files.write_new(staging.before, before)
    contents = Contents(files, plan.edits, plan.ids, plan.stages, plan.manifests)
    with files.holding([*staging.folders(), *stage_folders(plan)]):
        for number, edit in enumerate(plan.edits):
            files.write_new(staging.new(number), contents.after(edit), like=edit.path)
            files.copy(edit.path, staging.old(number))
            progress(1)
    files.sync()
    files.rename(staging.base, final.base)
    files.sync_folder(MIGRATIONS)
    return final


def clear_rubbish(files: Files) -> None:
    """Delete the leftovers of interrupted preparations and of finished rollbacks."""
    settle_root(files)
    for name in state_names(files):
        if name.endswith((STAGING, REMOVED)):
            files.clear(f"{MIGRATIONS}/{name}")


def _before(files: Files, plan: Plan) -> Before:
    """Record the inputs of a rollback: times of folders, and files that already reference new ids."""
    folders = {edit.path.rpartition("/")[0] for edit in plan.edits}
    folders |= {f"{GENS}/{rename.stage}" for rename in plan.renames}
    folders |= {f"{GENS}/{rename.stage}/{rename.old}" for rename in plan.renames}
    # Files that reference a new id before it exists are not later additions to a rollback.
    return Before(mtimes={path: files.mtime(path) for path in sorted(folders)}, quoting=[*plan.quoting])


class Contents:
    """Builder of the new contents of files.

    :param edits: all edits: a manifest is rendered for the new membership.
    :param ids: the new ids by stage and old id.
    :param stages: the store's table of stages.
    :param manifests: contents that were rendered before, by path.
    """

    def __init__(
        self,
        files: Files,
        edits: Iterable[Edit],
        ids: Ids,
        stages: StageTable,
        manifests: Mapping[str, Rendered] = MappingProxyType({}),
    ) -> None:
        self.files = files
        self.edits = {edit.path: edit for edit in edits}
        self.ids = ids
        self.stages = stages
        self.manifests = manifests

    def after(self, edit: Edit) -> bytes:
        """Build the content of a file after its edit.

        :raises DDError: ``INVALID_CONFIG``, reason ``store_drifted``: the file is not the one that the edit was made
            for.
        """
        data = self.files.read(edit.path)
        if digest(data) != edit.before:
            raise _drifted(edit, digest(data))
        try:
            new = rewritten(data, edit.spans) if edit.kind == EditKind.SPANS else self._manifest(edit, data)
        except ValueError as error:
            raise _drifted(edit, str(error)) from error
        if digest(new) != edit.after:
            raise _drifted(edit, digest(new))
        return new

    def _manifest(self, edit: Edit, data: bytes) -> bytes:
        folder, _, _ = edit.path.rpartition("/")
        membership = f"{folder}/{MEMBERSHIP_NAME}"
        content = self.files.read(membership)
        known = self.manifests.get(edit.path)
        if known and known.membership == digest(content):
            return known.content
        beside = self.edits.get(membership)
        # A membership that already has its new content is used as it is.
        as_before = beside is not None and digest(content) == beside.before
        after = rewritten(content, beside.spans) if beside and as_before else content
        return render_manifest(data, after, folder.rpartition("/")[2], self.ids, self.stages)


def _drifted(edit: Edit, present: str) -> DDError:
    ctx = {"reason": Reason.STORE_DRIFTED, "path": edit.path, "planned": edit.before, "present": present}
    return DDError(Err.INVALID_CONFIG, ctx)
