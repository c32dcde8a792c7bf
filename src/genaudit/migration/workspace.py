"""Where a migration keeps what it needs to go on, or back, from wherever it was stopped.

``.genaudit/migrations/<key>/``, the key being the first digits of the plan's digest, holds

- ``plan.json``, the plan;
- ``before.json``: the modification times of the folders that will change;
- ``keys.json``, once partition keys follow: which of them there were;
- ``new/<n>``, the content that the plan's n-th edit puts in place; ``old/<n>``, a copy of the original;
- ``swap/``, names on their way to their places;
- ``journal.jsonl``: what was begun when, one line before each batch of steps.

It is made complete under the name ``<key>.staging``, brought to the disk, and then renamed: before that the store is
untouched, and a folder of that name is rubbish; so is ``<key>.removed``, to which a finished rollback renames it.

How far a migration has come is read off the store itself, step by step: a rename is done when the new name is there
and the old one is not, an edit when the file has the hash that the plan says. A step is open, done, or *foreign*:
somebody else has been there. Steps don't depend on each other, so that any subset of them, done or undone in any
order, is a state to go on from. That is why the journal is not needed to recover, and losing its tail does no harm;
it says what was going on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from genaudit.errors import DDError
from genaudit.layout import GENS, STATE
from genaudit.migration.edits import digest
from genaudit.migration.ledger import ledger_of
from genaudit.migration.lines import append_line, read_lines
from genaudit.migration.plan_file import parse_plan
from genaudit.migration.state_files import Before, Carried, Keys, read_state
from genaudit.migration.steps import stopping
from genaudit.stages import STAGES
from genaudit.store.damage import damaged
from genaudit.store.ledger import KEY_LENGTH, MIGRATION_KEY, MIGRATIONS, kept_waiting
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genaudit.migration.edits import Edit
    from genaudit.migration.files import Files
    from genaudit.migration.plan import Plan

STAGING: Final = ".staging"
REMOVED: Final = ".removed"

EVENTS: Final = (
    *("begin", "resume", "edit", "rename", "done"),
    *("rollback", "rename_back", "restore"),
    *("partitions_add", "partitions_delete"),
)

_FOLDERS: Final = ("new", "old", "swap")


class Step(StrEnum):
    """How far a step has come; *own* is a file that genaudit itself has written since."""

    OPEN = "open"
    DONE = "done"
    FOREIGN = "foreign"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Survey:
    """How far each step of a plan has come.

    :param renames: for each of the plan's renames, in its order.
    :param edits: for each of the plan's edits, in its order.
    """

    renames: tuple[Step, ...]
    edits: tuple[Step, ...]

    def count(self, step: Step) -> int:
        """How many steps have come so far."""
        return self.renames.count(step) + self.edits.count(step)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one migration.

    :param base: its path.
    """

    base: str

    @property
    def journal(self) -> str:
        """The file of what was begun."""
        return f"{self.base}/journal.jsonl"

    @property
    def plan(self) -> str:
        """The file of the plan."""
        return f"{self.base}/plan.json"

    @property
    def before(self) -> str:
        """The file of what was there before."""
        return f"{self.base}/before.json"

    @property
    def keys(self) -> str:
        """The file of the partition keys that there were before they followed."""
        return f"{self.base}/keys.json"

    @property
    def carried(self) -> str:
        """The file that is there once a rollback has changed what was added since."""
        return f"{self.base}/carried.json"

    def new(self, number: int) -> str:
        """The new content of an edit."""
        return f"{self.base}/new/{number}"

    def old(self, number: int) -> str:
        """The original of an edit."""
        return f"{self.base}/old/{number}"

    def swap(self, number: int | str) -> str:
        """The name of a content on its way."""
        return f"{self.base}/swap/{number}"

    def folders(self) -> Iterator[str]:
        """The folders inside."""
        return (f"{self.base}/{name}" for name in _FOLDERS)


def workspace_of(plan: Plan) -> Workspace:
    """The folder of a plan's migration."""
    return Workspace(f"{MIGRATIONS}/{plan.digest[:KEY_LENGTH]}")


def workspaces(files: Files) -> list[str]:
    """The keys of the migrations that are kept, sorted."""
    return [name for name in state_names(files) if MIGRATION_KEY.fullmatch(name)]


def state_names(files: Files) -> list[str]:
    """What the folder of the migrations holds, sorted."""
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
        plan = parse_plan(files.read(workspace.plan), workspace.plan)
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
    journalled(files, workspace)


def survey(files: Files, plan: Plan) -> Survey:
    """Find out how far each step of a plan has come."""
    names = {stage: frozenset(_names(files, f"{GENS}/{stage}")) for stage in STAGES}
    renames = tuple(
        _rename_step(rename.old in names[rename.stage], rename.new in names[rename.stage]) for rename in plan.renames
    )
    edits = tuple(_edit_step(files, edit, place(edit.path, plan.ids, names)) for edit in plan.edits)
    return Survey(renames, edits)


def _names(files: Files, path: str) -> list[str]:
    try:
        return files.names(path)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _rename_step(old: bool, new: bool) -> Step:  # noqa: FBT001 (two answers of one kind)
    if old == new:
        return Step.FOREIGN
    return Step.DONE if new else Step.OPEN


def _edit_step(files: Files, edit: Edit, path: str) -> Step:
    try:
        found = digest(files.read(path))
    except OSError:
        return Step.FOREIGN
    return {edit.before: Step.OPEN, edit.after: Step.DONE}.get(found, Step.FOREIGN)


def place(path: str, ids: Mapping[str, Mapping[str, str]], names: Mapping[str, frozenset[str]]) -> str:
    """Say where a file of the old tree is now: a generation's folder may have its new name or not.

    :param ids: the new ids by stage and old id.
    :param names: what stands in each stage's folder.
    """
    parts = path.split("/")
    if parts[0] == GENS and len(parts) > 3:  # noqa: PLR2004 (gens, stage, id, file)
        new = ids.get(parts[1], {}).get(parts[2])
        if new is not None and new in names[parts[1]]:
            parts[2] = new
    return "/".join(parts)


def places(files: Files, plan: Plan) -> list[str]:
    """Say where the file of each of a plan's edits is now."""
    names = {stage: frozenset(_names(files, f"{GENS}/{stage}")) for stage in STAGES}
    return [place(edit.path, plan.ids, names) for edit in plan.edits]


def journal(files: Files, workspace: Workspace, event: str, **facts: object) -> None:
    """Say in the journal what is about to be done, or was."""
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
    return kept_waiting(workspaces(files), ledger_of(files).standing())


@dataclass(frozen=True, slots=True)
class Kept:
    """A migration whose folder is there.

    :param survey: how far it has come; only looked into for the latest one.
    :param is_complete: whether it was applied as a whole and nothing of that is undone.
    """

    workspace: Workspace
    plan: Plan
    survey: Survey
    is_complete: bool


def latest(files: Files) -> Kept | None:
    """Find the migration that is going on, else the one that was applied last.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``; ``IO_ERROR``, reason
        ``not_readable``.
    """
    with stopping("not_readable"):
        standing = [digest[:KEY_LENGTH] for digest in ledger_of(files).standing()]
        keys = [*unfinished(files), *standing[-1:]]
        # Without its folder the last one cannot be undone, and so none before it either.
        if not keys or keys[0] not in workspaces(files):
            return None
    key = keys[0]
    workspace = Workspace(f"{MIGRATIONS}/{key}")
    plan = kept_plan(files, workspace)
    check_state(files, workspace)
    steps = survey(files, plan)
    is_whole = steps.count(Step.OPEN) == 0 and files.kind(workspace.carried) == "gone"
    return Kept(workspace, plan, steps, key in standing and is_whole)
