"""Ledger of a data root: the permanent record of the names of generations, by migration.

``.genaudit/ledger.jsonl`` gets a line when a migration is complete (``applied``, with the plan's digest and all its
renames) and one when it is undone (``undone``). While a migration can be undone, each file that genaudit writes gets
its content's digest into a line too (``written``), before it is written: a rollback needs to know these files.
A line is the whole of its event: it is there with its checksum, or the event did not happen. Lines are never changed
nor removed.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import STATE, is_safe_name
from genaudit.store.checksummed_log import parse_lines
from genaudit.store.damage import damaged
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError

LEDGER: Final = f"{STATE}/ledger.jsonl"
MIGRATIONS: Final = f"{STATE}/migrations"
KEY_LENGTH: Final = 16
MIGRATION_KEY: Final = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")
APPLIED: Final = "applied"
UNDONE: Final = "undone"
WRITTEN: Final = "written"
GONE: Final = "gone"

_CONTENT: Final = re.compile(rf"[0-9a-f]{{64}}|{GONE}")
_MAX_BYTES: Final = 1 << 32
_RENAME_PARTS: Final = 3


class Names(NamedTuple):
    """The names of one generation, the current one last; a restored name is listed again.

    :param plans: the digest of the plan behind each change, one fewer than names.
    """

    stage: str
    names: tuple[str, ...]
    plans: tuple[str, ...]

    @property
    def current(self) -> str:
        """The generation's current name."""
        return self.names[-1]


@dataclass(frozen=True)
class Ledger:
    """The contents of the ledger.

    :param events: in the order in which they happened.
    """

    events: Sequence[dict[str, Any]]

    def applied(self) -> list[str]:
        """Return the digests of the migrations that were applied and not undone, in order."""
        found: list[str] = []
        for event in self.events:
            if event["event"] == APPLIED:
                found.append(event["plan"])
            elif event["event"] == UNDONE and event["plan"] in found:
                found.remove(event["plan"])
        return found

    def written_since(self, plan: str) -> dict[str, set[str]]:
        """The SHA-256 of each content that genaudit wrote since a migration, by path; ``gone`` for a deleted file.

        :param plan: the digest of its plan.
        """
        found: dict[str, set[str]] = {}
        for event in self.events:
            if event["event"] == APPLIED and event["plan"] == plan:
                found = {}
            elif event["event"] == WRITTEN:
                for path, content in event["files"].items():
                    found.setdefault(path, set()).add(content)
        return found

    def resolve(self, gen_id: str) -> list[Names]:
        """Find the generations that have or had a name, with all their names; sorted by stage.

        :returns: empty for a name that no migration touched.
        """
        return [names for stage in self._stages for names in self._index.get((stage, gen_id), ())]

    def named(self, stage: str, gen_id: str) -> list[Names]:
        """Find the generations of a stage that have or had a name; one that has it now comes first."""
        return sorted(self._index.get((stage, gen_id), ()), key=lambda names: names.current != gen_id)

    def current(self, stage: str, gen_id: str) -> str:
        """Return the current name of a generation, or the name itself if no migration touched it."""
        return next((names.current for names in self.named(stage, gen_id)), gen_id)

    @cached_property
    def _stages(self) -> list[str]:
        return sorted({stage for stage, _ in self._index})

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], list[Names]]:
        index: dict[tuple[str, str], list[Names]] = defaultdict(list)
        for found in self._histories():
            for name in dict.fromkeys(found.names):
                index[found.stage, name].append(found)
        return dict(index)

    def _histories(self) -> Iterator[Names]:
        known: dict[tuple[str, str], list[tuple[str, str]]] = {}
        gone: list[tuple[str, list[tuple[str, str]]]] = []
        renames: dict[str, list[list[str]]] = {}
        for event in self.events:
            if event["event"] == WRITTEN:
                continue
            if event["event"] == APPLIED:
                renames[event["plan"]] = event["renames"]
            undone = event["event"] == UNDONE
            changes = [
                (stage, new, old) if undone else (stage, old, new) for stage, old, new in renames[event["plan"]]
            ]
            moved = [(stage, new, known.pop((stage, old), [(old, "")]), event["plan"]) for stage, old, new in changes]
            for stage, new, names, plan in moved:
                if (stage, new) in known:
                    # That generation was deleted, or its name would not have been free.
                    gone.append((stage, known[stage, new]))
                known[stage, new] = [*names, (new, plan)]
        found = [*((stage, names) for (stage, _), names in known.items()), *gone]
        for stage, names in sorted(found, key=lambda each: (each[0], each[1][-1][0], each[1])):
            yield Names(stage, tuple(name for name, _ in names), tuple(plan for _, plan in names[1:]))


def ledger_from(entries: Sequence[dict[str, Any]]) -> Ledger:
    """Convert the objects of the ledger's lines to events.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``, with ``path``, ``line`` and ``problem``: an
        entry is no event, or none that can follow those before it.
    """
    applied: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        problem = _problem_of_files(entry) if entry.get("event") == WRITTEN else _problem(entry, applied)
        if problem:
            raise damaged(LEDGER, problem, line=number)
        if entry["event"] != WRITTEN:
            applied ^= {entry["plan"]}
    return Ledger(entries)


def _problem(entry: Mapping[str, Any], applied: set[str]) -> str | None:
    event, plan = entry.get("event"), entry.get("plan")
    if event not in (APPLIED, UNDONE) or not isinstance(plan, str):
        return "no event of a migration"
    if (event == APPLIED) is (plan in applied):
        return "applied twice" if event == APPLIED else "undone, but not applied"
    if event == UNDONE:
        return None
    renames = entry.get("renames")
    if not isinstance(renames, list) or not all(map(_is_rename, renames)):
        return "renames that are none"
    for names in ([(stage, old) for stage, old, _ in renames], [(stage, new) for stage, _, new in renames]):
        if len(set(names)) < len(names):
            return "a name twice"
    return None


def _problem_of_files(entry: Mapping[str, Any]) -> str | None:
    files = entry.get("files")
    if isinstance(files, dict) and all(isinstance(each, str) and _CONTENT.fullmatch(each) for each in files.values()):
        return None
    return "written files without their digests"


def _is_rename(value: object) -> bool:
    if not isinstance(value, list) or len(value) != _RENAME_PARTS or not all(isinstance(each, str) for each in value):
        return False
    stage, old, new = value
    return is_safe_name(stage) and is_safe_name(old) and is_safe_name(new)


def read_ledger(root: Path) -> Ledger:
    """Read the ledger of a data root, empty if nothing was ever migrated.

    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; ``INVALID_CONFIG``, reason ``workspace_damaged``;
        ``IO_ERROR``, reason ``not_readable``.
    """
    try:
        with folder(os.path.realpath(root, strict=True)) as top:
            data = _content(top)
    except FileNotFoundError as error:
        ctx = {"reason": Reason.NO_SUCH_ROOT, "path": str(root), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.DATA_MISSING, ctx) from error
    except OSError as error:
        raise _unreadable(os.strerror(error.errno or 0)) from error
    except UnreadableError as error:
        raise damaged(LEDGER, error.detail) from error
    return ledger_from(parse_lines(data, LEDGER).entries)


def unfinished_migrations(root: Path) -> list[str]:
    """Find the folders of migrations that were started and are not in the ledger as applied.

    :returns: their paths below the data root, sorted.
    :raises DDError: as :func:`read_ledger`.
    """
    try:
        kept = sorted(name for name in os.listdir(root / MIGRATIONS) if MIGRATION_KEY.fullmatch(name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(os.strerror(error.errno or 0)) from error
    return [f"{MIGRATIONS}/{key}" for key in _waiting(root, kept)] if kept else []


def _waiting(root: Path, kept: Iterable[str]) -> list[str]:
    try:
        status = (root / LEDGER).lstat()
    except OSError:
        return kept_waiting(kept, read_ledger(root).applied())
    return kept_waiting(kept, _applied(root, (status.st_ino, status.st_size, status.st_mtime_ns)))


@lru_cache(maxsize=8)
def _applied(root: Path, _version: tuple[int, int, int]) -> tuple[str, ...]:
    """Read the ledger once per version: each step of a pipeline asks."""
    return tuple(read_ledger(root).applied())


def kept_waiting(keys: Iterable[str], applied_plans: Iterable[str]) -> list[str]:
    """Choose the migrations that are not in the ledger as applied, by their keys."""
    applied = {digest[:KEY_LENGTH] for digest in applied_plans}
    return [key for key in keys if key not in applied]


def _content(top: int) -> bytes:
    name = LEDGER.removeprefix(f"{STATE}/")
    try:
        with folder(STATE, top) as state:
            return read_file(name, state, _MAX_BYTES)
    except FileNotFoundError:
        return b""


def _unreadable(error: str) -> DDError:
    return DDError(Err.IO_ERROR, {"reason": Reason.NOT_READABLE, "path": LEDGER, "error": error})
