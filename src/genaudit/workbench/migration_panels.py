"""marimo's elements of the notebook about migrations: what takes long, behind a progress bar; states and commands."""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import marimo as mo

from genaudit.errors import DDError
from genaudit.workbench.migrations import SHORT, checks, tried
from genaudit.workbench.panels import drawn, listed, said
from genaudit.workbench.plans import planned
from genaudit.workbench.session import Percent
from genaudit.workbench.tables import inert, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from genaudit.migration.plan import Plan
    from genaudit.migration.simulate import Simulation
    from genaudit.workbench.migrations import Command, Standing
    from genaudit.workbench.plans import Asked
    from genaudit.workbench.renaming import Chains

_Result = TypeVar("_Result")
_WHOLE: Final = 100
_MOST_PROBLEMS: Final = 20
# Broken where the page ends, and picked as a whole by one click.
_WHOLE_LINE: Final = "overflow-wrap: anywhere; user-select: all"
_TONES: Final[Mapping[str, Literal["danger", "warn", "success"]]] = {
    "alarm": "danger",
    "attention": "warn",
    "good": "success",
}
_ADVICE: Final = {
    "migration_interrupted": "A migration stopped midway here: go on with it or undo it first, as said above.",
    "output_inside_store": "A plan inside the store would itself be a file that quotes ids: choose a path outside.",
    "target_inside_store": "The copy must lie outside the store, and the store outside the copy.",
    "target_not_empty": "There is something in that folder: choose a new or an empty one.",
    "target_is_no_folder": "That is no folder: choose a new or an empty one.",
    "unknown_ids": "The store has no such generation.",
    "store_drifted": "The store, or the plan, is not what it was: plan again.",
    "workspace_damaged": "A file of the migrations is damaged. Nothing was changed; restore it from a backup.",
}


def make(root: Path, asked: Asked) -> Plan | DDError:
    """Make a plan behind a progress bar."""
    return _with_bar("Planning", lambda step: planned(root, asked, step))


def try_out(root: Path, plan: Plan, into: str) -> Simulation | DDError:
    """Try a plan on a copy behind a progress bar."""
    return _with_bar("Trying the plan on a copy", lambda step: tried(root, plan, into, step))


def _with_bar(title: str, work: Callable[[Callable[[int, str], None]], _Result]) -> _Result:
    with mo.status.progress_bar(total=_WHOLE, title=title, show_rate=False, remove_on_exit=True) as bar:
        return work(Percent(lambda percent, what: bar.update(increment=percent, subtitle=what)))


def temporary_copy(plan: Plan) -> str:
    """Propose a folder to try a plan in."""
    return str(Path(tempfile.gettempdir(), f"genaudit-trial-{plan.digest[:SHORT]}"))


def refused(error: DDError) -> mo.Html:
    """Say why something could not be done, and each problem that is known of it."""
    lines = [
        ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in problem.items() if value is not None)
        for problem in error.ctx.get("problems", [])
    ]
    rest = {name: value for name, value in error.ctx.items() if name != "problems"}
    items = "".join(f"<li>{escape(inert(line))}</li>" for line in lines[:_MOST_PROBLEMS])
    more = f"And {len(lines) - _MOST_PROBLEMS:,} more." if len(lines) > _MOST_PROBLEMS else ""
    advice = _ADVICE.get(str(error.ctx.get("reason")), "")
    sentence = said(f"Nothing was done: {DDError(error.code, rest)}.", advice, more)
    return mo.callout(mo.Html(f"{sentence.text}<ul>{items}</ul>") if items else sentence, kind="warn")


def stand(found: Standing | DDError) -> mo.Html:
    """Say how the migrations of a store stand, and what to type to go on."""
    if isinstance(found, DDError):
        return refused(found)
    parts: list[Any] = [mo.callout(said(found.headline), kind=_TONES[found.tone])]
    if found.commands:
        parts += [
            typed(found.commands),
            mo.accordion({"In detail": listed(listing(found.facts, ("what", "value"), "fact"))}),
        ]
    return mo.vstack(parts)


def typed(commands: Iterable[Command]) -> mo.Html:
    """Show commands to type; nothing on the page runs them."""
    items = "".join(
        f"<dt>{escape(command.purpose)}</dt>"
        f"<dd style='margin: 0 0 0.6em'><code style='{_WHOLE_LINE}'>{escape(command.line)}</code></dd>"
        for command in commands
    )
    return mo.Html(f"<dl aria-label='commands to type'>{items}</dl>")


def both_chains(found: Chains | None) -> mo.Html:
    """Show a chain before and after beneath each other, and every step as a table."""
    if found is None:
        return said("Pick a generation, a row of the table above, to see its chain before and after.")
    columns = ("place", "stage", "gen_id", "new_id", "outcome")
    parts = [mo.md("**Before**"), drawn(found.before), mo.md("**After**"), drawn(found.after)]
    return mo.vstack([*parts, said(found.said), listed(listing(found.steps, columns))])


def outcome(done: Simulation | DDError, into: str) -> mo.Html:
    """Say what came of trying a plan, check by check."""
    if isinstance(done, DDError):
        return refused(done)
    failing = sum(1 for check in done.checks if check.problems)
    verdict = "Every check holds." if done.holds else f"{failing} of {len(done.checks)} checks do not hold."
    facts = (
        f"{done.renamed:,} generations renamed and {done.edited:,} files edited in {into};"
        f" {done.copied:,} files were copied. The store is unchanged, and shares no file with the copy."
        " Delete the folder when you are done with it."
    )
    table = checks(done)
    box = mo.callout(said(verdict, facts), kind="success" if done.holds else "danger")
    return mo.vstack(
        [box, listed(listing(table, ("check", "holds", "checked", "problem"), "row"), "check", "problem")]
    )
