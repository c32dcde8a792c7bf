"""Migration state of a store: commands to continue, earlier names of a generation, and simulation."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from genaudit.errors import DDError, Reason
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan
from genaudit.migration.rename_filter import RenameFilter
from genaudit.migration.simulate import Simulation, simulate
from genaudit.migration.status import Status, status
from genaudit.migration.steps import stopping
from genaudit.migration.workspace import latest
from genaudit.store.ledger import read_ledger

# Enough digits of a digest to distinguish plans.
SHORT: Final = 16
_TRYING: Final = "applying the plan to a copy"
_WHOLE: Final = 100


class Command(NamedTuple):
    """A command to type, with its purpose."""

    purpose: str
    line: str


class MigrationState(NamedTuple):
    """The migration state of a store.

    :param tone: tone of the verdict: ``good``, ``attention`` or ``alarm``.
    :param facts: ``what`` and ``value``.
    :param commands: commands that continue or undo the migration.
    """

    tone: str
    headline: str
    facts: pd.DataFrame
    commands: tuple[Command, ...]


def state_of_migrations(root: Path) -> MigrationState | DDError:
    """Read the migration state of a store.

    :returns: the error, for display, if the migration files are damaged or cannot be read.
    """
    try:
        with Files(root) as opened:
            found, kept = status(opened), latest(opened)
    except DDError as error:
        return error
    plan = root.absolute() / kept.workspace.plan if kept else None
    tone, headline = _headline(found)
    facts = [
        ("applied migrations", ", ".join(digest[:SHORT] for digest in found.in_force) or "none"),
        ("the latest", found.digest[:SHORT] if found.digest else "none"),
        *((name, f"{getattr(found, field):,}") for name, field in _STEPS if found.digest),
        *([("begun last", found.journal[-1].replace("_", " "))] if found.journal else []),
    ]
    table = pd.DataFrame(facts, columns=["what", "value"], dtype="str")
    return MigrationState(tone, headline, table, tuple(_ways_on(root, found, plan)))


_STEPS: Final = (("steps done", "done"), ("steps open", "open"), ("steps that somebody else changed", "foreign"))


def _headline(found: Status) -> tuple[str, str]:
    if found.rolling_back:
        return "alarm", "A rollback stopped midway. It can only be finished."
    if found.is_interrupted:
        return "alarm", f"A migration stopped midway: {found.done:,} of its steps are done, {found.open:,} are open."
    if found.digest and found.foreign:
        return "attention", f"A migration is applied, and {found.foreign:,} of its places were changed since."
    if found.digest:
        return "good", "A migration is applied, whole, and can be undone."
    if found.in_force:
        return "attention", "Migrations are applied, and nothing is kept to undo them with."
    return "good", "No migration is applied here, and none was interrupted."


def _ways_on(root: Path, found: Status, plan: Path | None) -> list[Command]:
    at = ("--data-root", str(root.absolute()))
    if found.rolling_back:
        return [Command("finish the rollback", _typed("rollback", *at, "--carry-over", "--yes"))]
    back = Command("undo it", _typed("rollback", *at, "--yes"))
    if found.is_interrupted:
        return [Command("go on with it", _typed("apply", str(plan), *at, "--yes")), back]
    if found.digest:
        return [Command("preview the rollback", _typed("rollback", *at)), back]
    return []


def commands(root: Path, choice: RenameFilter, plan_file: Path, into: Path) -> list[Command]:
    """List the commands that apply a plan and undo it.

    :param plan_file: the path of the plan in its output folder.
    :param into: the folder for the simulated copy.
    """
    at = ("--data-root", str(root.absolute()))
    file = str(plan_file.absolute())
    asked = [f"--stages={stage}" for stage in choice.stages or ()]
    asked += [f"--cohort={choice.cohort}"] if choice.cohort is not None else []
    asked += [f"--only={gen_id}" for gen_id in choice.only or ()]
    asked += [f"--except={gen_id}" for gen_id in choice.excepted]
    return [
        Command("write this plan", _typed("plan", *at, *asked, "--output", str(plan_file.absolute().parent))),
        Command("try it on a copy", _typed("simulate", file, *at, "--into", str(into.absolute()))),
        Command("preview its effect", _typed("apply", file, *at)),
        Command("do it", _typed("apply", file, *at, "--yes")),
        Command("see how it went", _typed("status", *at)),
        Command("take it back", _typed("rollback", *at, "--yes")),
    ]


def _typed(*words: str) -> str:
    return shlex.join(("genaudit", "migrate", *words))


def names_of(root: Path, gen_id: str) -> pd.DataFrame | DDError:
    """Look up all past and present names of the generations that have or had this id.

    :returns: ``stage``, ``gen_id`` (the first name first), ``plan`` (the migration that gave the name; missing for
        the first) and ``now``. Empty if no migration touched the id; the error if the ledger cannot be read.
    """
    try:
        found = read_ledger(root).resolve(gen_id.strip())
    except DDError as error:
        return error
    rows = [
        (each.stage, name, plan and plan[:SHORT], place == len(each.names) - 1)
        for each in found
        for place, (name, plan) in enumerate(zip(each.names, (None, *each.plans), strict=True))
    ]
    table = pd.DataFrame(rows, columns=["stage", "gen_id", "plan", "now"])
    return table.astype({"stage": "str", "gen_id": "str", "plan": "str", "now": "bool"})


def simulated(root: Path, plan: Plan, into: str, progress: Callable[[int, str], None]) -> Simulation | DDError:
    """Apply a plan to a copy of the store, and check the result.

    :param into: the folder of the copy: new or empty, outside the store.
    :param progress: called with the percentage done so far and the current task.
    :returns: the error, for display, if the simulation failed.
    """
    try:
        with stopping(Reason.NOT_READABLE):
            return simulate(
                root,
                plan,
                Path(into),
                progress=lambda done, total: progress(_WHOLE * done // max(total, 1), _TRYING),
            )
    except DDError as error:
        return error


def checks(done: Simulation) -> pd.DataFrame:
    """List the checks of a simulation: ``check``, ``holds``, ``checked`` (number of items) and ``problem``.

    A failed check has one row per problem.
    """
    rows = [
        (check.name, not check.problems, check.checked, problem)
        for check in done.checks
        for problem in check.problems or (None,)
    ]
    table = pd.DataFrame(rows, columns=["check", "holds", "checked", "problem"])
    return table.astype({"check": "str", "holds": "bool", "checked": "int64", "problem": "str"})
