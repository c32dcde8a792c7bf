"""The permanent ledger of a data root: which generation was called what, and since which migration.

``.genaudit/ledger.jsonl`` gets a line when a migration is complete (``applied``, with the plan's digest and all its
renames) and one when it is undone (``undone``). A line is the whole of its event: it is there with its checksum, or
the event did not happen. Lines are never changed nor removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from genaudit.errors import DDError, Err
from genaudit.layout import STATE
from genaudit.migration.files import Files
from genaudit.migration.lines import append_line, read_lines
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from genaudit.migration.plan import Plan

LEDGER: Final = f"{STATE}/ledger.jsonl"
APPLIED: Final = "applied"
UNDONE: Final = "undone"


class Names(NamedTuple):
    """The names that one generation had, the present one last; a name that came back stands there again.

    :param plans: the digest of the plan behind each change, one fewer than names.
    """

    stage: str
    names: tuple[str, ...]
    plans: tuple[str, ...]

    @property
    def current(self) -> str:
        """The name that the generation has now."""
        return self.names[-1]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger says.

    :param events: in the order in which they happened.
    """

    events: Sequence[dict[str, Any]]

    def standing(self) -> list[str]:
        """The digests of the migrations that were applied and not undone, in order."""
        found: list[str] = []
        for event in self.events:
            if event["event"] == APPLIED:
                found.append(event["plan"])
            elif event["plan"] in found:
                found.remove(event["plan"])
        return found

    def resolve(self, gen_id: str) -> list[Names]:
        """Find the generations that have or had a name, with all their names; sorted by stage.

        :returns: nothing for a name that no migration touched.
        """
        return [found for found in self._histories() if gen_id in found.names]

    def current(self, stage: str, gen_id: str) -> str:
        """The present name of what was called so, or the name itself where no migration touched it."""
        found = [each for each in self._histories() if each.stage == stage and gen_id in each.names]
        # A generation that has the name today is meant before one that had it once.
        return next((each.current for each in sorted(found, key=lambda each: each.current != gen_id)), gen_id)

    def _histories(self) -> Iterator[Names]:
        known: dict[tuple[str, str], list[tuple[str, str]]] = {}
        gone: list[tuple[str, list[tuple[str, str]]]] = []
        renames: dict[str, list[list[str]]] = {}
        for event in self.events:
            if event["event"] == APPLIED:
                renames[event["plan"]] = event["renames"]
            undone = event["event"] == UNDONE
            changes = [
                (stage, new, old) if undone else (stage, old, new) for stage, old, new in renames[event["plan"]]
            ]
            moved = [(stage, new, known.pop((stage, old), [(old, "")]), event["plan"]) for stage, old, new in changes]
            for stage, new, names, plan in moved:
                if (stage, new) in known:
                    # Somebody deleted that generation, or its name would not have been free.
                    gone.append((stage, known[stage, new]))
                known[stage, new] = [*names, (new, plan)]
        found = [*((stage, names) for (stage, _), names in known.items()), *gone]
        for stage, names in sorted(found, key=lambda each: (STAGE_NAMES.index(each[0]), each[1][-1][0], each[1])):
            yield Names(stage, tuple(name for name, _ in names), tuple(plan for _, plan in names[1:]))


def read_ledger(root: Path) -> Ledger:
    """Read the ledger of a data root; where nothing was ever migrated it is empty.

    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; ``INVALID_CONFIG``, reason ``lines_damaged``;
        ``IO_ERROR``, reason ``not_readable``.
    """
    with Files(root) as files:
        return ledger_of(files)


def ledger_of(files: Files) -> Ledger:
    """Read the ledger of an open data root.

    :raises DDError: as :func:`read_ledger` does.
    """
    try:
        return Ledger(read_lines(files, LEDGER).entries)
    except OSError as error:
        ctx = {"reason": "not_readable", "path": LEDGER, "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error


def record_applied(files: Files, plan: Plan) -> None:
    """Note that a migration is complete, unless that stands there."""
    if plan.digest not in ledger_of(files).standing():
        renames = [[rename.stage, rename.old, rename.new] for rename in plan.renames]
        append_line(files, LEDGER, {"event": APPLIED, "plan": plan.digest, "renames": renames})


def record_undone(files: Files, plan: Plan) -> None:
    """Note that a migration is undone, if it was noted as complete."""
    if plan.digest in ledger_of(files).standing():
        append_line(files, LEDGER, {"event": UNDONE, "plan": plan.digest})
