"""How the migrations of a store stand, what to type to go on, what a generation was called, and a plan tried out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.simulate import Simulation, simulate
from genaudit.migration.status import status
from genaudit.migration.steps import stopping
from genaudit.migration.workspace import latest
from genaudit.store.ledger import read_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from genaudit.migration.choice import Choice
    from genaudit.migration.plan import Plan
    from genaudit.migration.status import Status

# As many digits of a digest as tell plans apart.
SHORT: Final = 16
_TRYING: Final = "applying the plan to a copy"
_WHOLE: Final = 100


class Command(NamedTuple):
    """A command to type, and what for."""

    purpose: str
    line: str


class Standing(NamedTuple):
    """How the migrations of a store stand.

    :param tone: as of a verdict: ``good``, ``attention`` or ``alarm``.
    :param facts: ``what`` and ``value``.
    :param commands: how to go on.
    """

    tone: str
    headline: str
    facts: pd.DataFrame
    commands: tuple[Command, ...]


def standing(root: Path) -> Standing | DDError:
    """Find out how the migrations of a store stand.

    :returns: the error instead, for the page to say, when what migrations keep is damaged or cannot be read.
    """
    try:
        with Files(root) as opened:
            found, kept = status(opened), latest(opened)
    except DDError as error:
        return error
    plan = root.absolute() / kept.workspace.plan if kept else None
    tone, headline = _headline(found)
    facts = [
        ("migrations that stand", ", ".join(digest[:SHORT] for digest in found.standing) or "none"),
        ("the latest", found.digest[:SHORT] if found.digest else "none"),
        *((name, f"{getattr(found, field):,}") for name, field in _STEPS if found.digest),
        *([("begun last", found.journal[-1].replace("_", " "))] if found.journal else []),
    ]
    table = pd.DataFrame(facts, columns=["what", "value"], dtype="str")
    return Standing(tone, headline, table, tuple(_ways_on(root, found, plan)))


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
    if found.standing:
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
        return [Command("see what an undoing would do", _typed("rollback", *at)), back]
    return []


def commands(root: Path, choice: Choice, plan_file: Path, into: Path) -> list[Command]:
    """Say what to type to carry a plan out, and to take it back.

    :param plan_file: the plan, in the folder that it is written to.
    :param into: the folder of the copy to try it on.
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
        Command("see what it would do", _typed("apply", file, *at)),
        Command("do it", _typed("apply", file, *at, "--yes")),
        Command("see how it went", _typed("status", *at)),
        Command("take it back", _typed("rollback", *at, "--yes")),
    ]


def _typed(*words: str) -> str:
    return shlex.join(("genaudit", "migrate", *words))


def names_of(root: Path, gen_id: str) -> pd.DataFrame | DDError:
    """Look up every name that the generations had which have or had this one.

    :returns: ``stage``, ``gen_id`` (the first name first), ``plan`` (the migration that gave the name; missing for
        the first one) and ``now``; no rows for a name that no migration touched; or why the ledger cannot be read.
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


def tried(root: Path, plan: Plan, into: str, progress: Callable[[int, str], None]) -> Simulation | DDError:
    """Apply a plan to a copy of the store, and check what came of it.

    :param into: the folder of the copy: new or empty, outside the store.
    :param progress: called with the percents done so far, and what is being done.
    :returns: the error instead, for the page to say, when the plan could not be tried.
    """
    try:
        with stopping("not_readable"):
            return simulate(
                root,
                plan,
                Path(into),
                progress=lambda done, total: progress(_WHOLE * done // max(total, 1), _TRYING),
            )
    except DDError as error:
        return error


def checks(done: Simulation) -> pd.DataFrame:
    """List the checks of a trial: ``check``, ``holds``, ``checked`` (things looked at) and ``problem``.

    A check that does not hold has a row for each problem that is known of it.
    """
    rows = [
        (check.name, not check.problems, check.checked, problem)
        for check in done.checks
        for problem in check.problems or (None,)
    ]
    table = pd.DataFrame(rows, columns=["check", "holds", "checked", "problem"])
    return table.astype({"check": "str", "holds": "bool", "checked": "int64", "problem": "str"})
