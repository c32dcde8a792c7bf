"""Workspace of a migration: the files that it needs to go on, or back, from any intermediate state.

``.genaudit/migrations/<key>/``, with the first digits of the plan's digest as key, holds

- ``plan.json``, the plan;
- ``before.json``: the modification times of the folders that will change;
- ``keys.json``, once partition keys follow: which of them there were;
- ``new/<n>``, the content that the plan's n-th edit puts in place; ``old/<n>``, a copy of the original;
- ``swap/``, names on their way to their places;
- ``journal.jsonl``: what was begun when, one line before each batch of steps.

It is made complete under the name ``<key>.staging``, brought to the disk, and then renamed: before that the store is
untouched, and a folder of that name is rubbish; so is ``<key>.removed``, to which a finished rollback renames it.

How far a migration has come is read off the store itself, step by step: a rename is done when the new name is there
and the old one is not, an edit when the file has the hash in the plan. A step is open, done, or *foreign*:
somebody else has been there. Steps don't depend on each other, so that any subset of them, done or undone in any
order, is a state to go on from. That is why the journal is not needed to recover, and losing its tail does no harm;
it only records the running step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from genaudit.errors import DDError, Reason
from genaudit.layout import GENS, STATE
from genaudit.migration.checksummed_log import append_line, read_lines
from genaudit.migration.edits import Edit, digest
from genaudit.migration.files import Files
from genaudit.migration.ledger import ledger_of
from genaudit.migration.plan import Plan
from genaudit.migration.plan_file import parse_plan
from genaudit.migration.state_files import Before, Carried, Keys, read_state
from genaudit.migration.steps import stopping
from genaudit.store.damage import damaged
from genaudit.store.ledger import KEY_LENGTH, MIGRATION_KEY, MIGRATIONS, kept_waiting
from genaudit.store.records import UnreadableError
from genaudit.store.settings import read_settings

STAGING: Final = ".staging"
REMOVED: Final = ".removed"

_OF_KEYS: Final = ("partitions_add", "partitions_delete")
EVENTS: Final = (
    *("begin", "resume", "edit", "rename", "done"),
    *("rollback", "rename_back", "restore"),
    *_OF_KEYS,
)

_FOLDERS: Final = ("new", "old", "swap")


class JournalStep(StrEnum):
    """How far a step has come; *own* is a file that genaudit itself has written since."""

    OPEN = "open"
    DONE = "done"
    FOREIGN = "foreign"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Survey:
    """The state of each step of a plan.

    :param renames: one entry per rename of the plan, in its order.
    :param edits: one entry per edit of the plan, in its order.
    """

    renames: tuple[JournalStep, ...]
    edits: tuple[JournalStep, ...]

    def count(self, step: JournalStep) -> int:
        """Count the steps in a state."""
        return self.renames.count(step) + self.edits.count(step)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one migration.

    :param base: its path.
    """

    base: str

    @property
    def journal(self) -> str:
        """The path of the journal."""
        return f"{self.base}/journal.jsonl"

    @property
    def plan(self) -> str:
        """The path of the plan."""
        return f"{self.base}/plan.json"

    @property
    def before(self) -> str:
        """The path of the earlier state."""
        return f"{self.base}/before.json"

    @property
    def keys(self) -> str:
        """The path of the partition keys that existed before they followed."""
        return f"{self.base}/keys.json"

    @property
    def carried(self) -> str:
        """The path of the marker for a rollback that has carried files over."""
        return f"{self.base}/carried.json"

    def new(self, number: int) -> str:
        """Return the path of an edit's new content."""
        return f"{self.base}/new/{number}"

    def old(self, number: int) -> str:
        """Return the path of an edit's original."""
        return f"{self.base}/old/{number}"

    def swap(self, number: int | str) -> str:
        """Return the temporary path of a content."""
        return f"{self.base}/swap/{number}"

    def folders(self) -> Iterator[str]:
        """Yield the folders inside."""
        return (f"{self.base}/{name}" for name in _FOLDERS)


def workspace_of(plan: Plan) -> Workspace:
    """Return the workspace of a plan."""
    return Workspace(f"{MIGRATIONS}/{plan.digest[:KEY_LENGTH]}")


def workspaces(files: Files) -> list[str]:
    """Return the keys of the kept migrations, sorted."""
    return [name for name in state_names(files) if MIGRATION_KEY.fullmatch(name)]


def state_names(files: Files) -> list[str]:
    """Return the entries of the folder of migrations, sorted."""
    try:
        return sorted(files.names(MIGRATIONS))
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        for path in (STATE, MIGRATIONS):
            if files.kind(path) == "file":
                raise damaged(path, "is a file, expected a folder") from None
        raise


def kept_plan(files: Files, workspace: Workspace) -> Plan:
    """Read the plan of a migration from its own folder.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``: it is missing, malformed, or another one.
    """
    try:
        plan = parse_plan(files.read(workspace.plan), workspace.plan, read_settings(files.root).stages)
    except (OSError, UnreadableError) as error:
        raise damaged(workspace.plan, str(error)) from error
    except DDError as error:
        raise damaged(workspace.plan, str(error)) from error
    if workspace_of(plan) != workspace:
        raise damaged(workspace.plan, "is the plan of another migration", digest=plan.digest)
    return plan


def check_state(files: Files, workspace: Workspace) -> None:
    """Validate every state file of a migration.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    for path in workspace.folders():
        if (kind := files.kind(path)) != "folder":
            raise damaged(path, f"is {kind}, expected a folder")
    read_state(files, workspace.before, Before)
    for path, model in ((workspace.keys, Keys), (workspace.carried, Carried)):
        if files.kind(path) != "gone":
            read_state(files, path, model)
    followed = any(entry["event"] in _OF_KEYS for entry in journalled(files, workspace))
    if followed and files.kind(workspace.keys) == "gone":
        raise damaged(workspace.keys, "is missing, though partition keys have followed")


def stage_folders(plan: Plan) -> list[str]:
    """Return the folders whose entries are renamed."""
    return [f"{GENS}/{stage}" for stage in plan.stages]


def survey(files: Files, plan: Plan) -> Survey:
    """Find out how far each step of a plan has come."""
    names = {stage: frozenset(_names(files, f"{GENS}/{stage}")) for stage in plan.stages}
    renames = tuple(
        _rename_step(rename.old in names[rename.stage], rename.new in names[rename.stage]) for rename in plan.renames
    )
    with files.holding(stage_folders(plan)):
        edits = tuple(_edit_step(files, edit, place(edit.path, plan.ids, names)) for edit in plan.edits)
    return Survey(renames, edits)


def _names(files: Files, path: str) -> list[str]:
    try:
        return files.names(path)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _rename_step(old: bool, new: bool) -> JournalStep:  # noqa: FBT001 (two answers of one kind)
    if old == new:
        return JournalStep.FOREIGN
    return JournalStep.DONE if new else JournalStep.OPEN


def _edit_step(files: Files, edit: Edit, path: str) -> JournalStep:
    try:
        found = digest(files.read(path))
    except OSError:
        return JournalStep.FOREIGN
    return {edit.before: JournalStep.OPEN, edit.after: JournalStep.DONE}.get(found, JournalStep.FOREIGN)


def place(path: str, ids: Mapping[str, Mapping[str, str]], names: Mapping[str, frozenset[str]]) -> str:
    """Return the current path of a file: its generation's folder may have the old or the new name.

    :param ids: the new ids by stage and old id.
    :param names: the entries of each stage's folder.
    """
    parts = path.split("/")
    if parts[0] == GENS and len(parts) > 3:  # noqa: PLR2004 (gens, stage, id, file)
        new = ids.get(parts[1], {}).get(parts[2])
        if new is not None and new in names[parts[1]]:
            parts[2] = new
    return "/".join(parts)


def places(files: Files, plan: Plan) -> list[str]:
    """Return the present path of each edited file."""
    names = {stage: frozenset(_names(files, f"{GENS}/{stage}")) for stage in plan.stages}
    return [place(edit.path, plan.ids, names) for edit in plan.edits]


def journal(files: Files, workspace: Workspace, event: str, **facts: object) -> None:
    """Append an event to the journal."""
    append_line(files, workspace.journal, {"event": event, **facts})


def journalled(files: Files, workspace: Workspace) -> list[dict[str, Any]]:
    """Read the journal.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``.
    """
    entries = read_lines(files, workspace.journal).entries
    for number, entry in enumerate(entries, start=1):
        if entry.get("event") not in EVENTS:
            raise damaged(workspace.journal, "holds an unknown event", line=number, value=str(entry.get("event")))
    return entries


def unfinished(files: Files) -> list[str]:
    """The keys of the migrations that were begun and are not in the ledger, at a glance."""
    return kept_waiting(workspaces(files), ledger_of(files).applied())


@dataclass(frozen=True, slots=True)
class KeptMigration:
    """A migration with a workspace.

    :param survey: its state; determined only for the latest one.
    :param is_complete: whether it was fully applied and nothing of it is undone.
    """

    workspace: Workspace
    plan: Plan
    survey: Survey
    is_complete: bool


def latest(files: Files) -> KeptMigration | None:
    """Find the running migration, else the last one that was applied.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``; ``IO_ERROR``, reason
        ``not_readable``.
    """
    with stopping(Reason.NOT_READABLE):
        applied = [digest[:KEY_LENGTH] for digest in ledger_of(files).applied()]
        keys = [*unfinished(files), *applied[-1:]]
        # Without its workspace the last one cannot be undone, and so none before it either.
        if not keys or keys[0] not in workspaces(files):
            return None
    key = keys[0]
    workspace = Workspace(f"{MIGRATIONS}/{key}")
    plan = kept_plan(files, workspace)
    check_state(files, workspace)
    steps = survey(files, plan)
    is_whole = steps.count(JournalStep.OPEN) == 0 and files.kind(workspace.carried) == "gone"
    return KeptMigration(workspace, plan, steps, key in applied and is_whole)
