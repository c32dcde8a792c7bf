"""marimo elements of the migration notebook: long tasks behind a progress bar, states and commands."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import marimo as mo

from genaudit.errors import DDError, Reason
from genaudit.migration.plan import Plan
from genaudit.migration.simulate import Simulation
from genaudit.workbench.listings import inert
from genaudit.workbench.migrations import SHORT, Command, MigrationState, checks, simulated
from genaudit.workbench.panels import chart_widget, listed, paragraph
from genaudit.workbench.plans import Asked, planned
from genaudit.workbench.rename_preview import Chains
from genaudit.workbench.session import Percent

_Result = TypeVar("_Result")
_WHOLE: Final = 100
_MOST_PROBLEMS: Final = 20
# Wraps at the page edge; one click selects the whole command.
_WHOLE_LINE: Final = "overflow-wrap: anywhere; user-select: all"
_TONES: Final[Mapping[str, Literal["danger", "warn", "success"]]] = {
    "alarm": "danger",
    "attention": "warn",
    "good": "success",
}
# The next step, if the meaning of the error does not imply it.
_ADVICE: Final[Mapping[Reason, str]] = {
    Reason.MIGRATION_INTERRUPTED: "A migration was interrupted: go on with it or undo it first, by a command above.",
    Reason.OUTPUT_INSIDE_STORE: "A plan inside the store would itself reference ids: choose a path outside.",
    Reason.TARGET_NOT_EMPTY: "There is something in that folder: choose a new or an empty one.",
    Reason.TARGET_IS_NO_FOLDER: "That is no folder: choose a new or an empty one.",
    Reason.STORE_DRIFTED: "The store or the plan has changed: plan again.",
    Reason.WORKSPACE_DAMAGED: "A file of the migrations is damaged. Nothing was changed; restore it from a backup.",
}


def make(root: Path, asked: Asked) -> Plan | DDError:
    """Make a plan behind a progress bar."""
    return _with_bar("Planning", lambda step: planned(root, asked, step))


def try_out(root: Path, plan: Plan, into: str) -> Simulation | DDError:
    """Simulate a plan on a copy behind a progress bar."""
    return _with_bar("Trying the plan on a copy", lambda step: simulated(root, plan, into, step))


def _with_bar(title: str, work: Callable[[Callable[[int, str], None]], _Result]) -> _Result:
    with mo.status.progress_bar(total=_WHOLE, title=title, show_rate=False, remove_on_exit=True) as bar:
        return work(Percent(lambda percent, what: bar.update(increment=percent, subtitle=what)))


def temporary_copy(plan: Plan) -> str:
    """Propose a folder for the simulation of a plan."""
    return str(Path(tempfile.gettempdir(), f"genaudit-trial-{plan.digest[:SHORT]}"))


def refused(error: DDError) -> mo.Html:
    """Show an error with all its problems."""
    lines = [
        ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in problem.items() if value is not None)
        for problem in error.ctx.get("problems", [])
    ]
    rest = {name: value for name, value in error.ctx.items() if name != "problems"}
    items = "".join(f"<li>{escape(inert(line))}</li>" for line in lines[:_MOST_PROBLEMS])
    more = f"And {len(lines) - _MOST_PROBLEMS:,} more." if len(lines) > _MOST_PROBLEMS else ""
    advice = _ADVICE.get(error.reason, error.reason.meaning) if error.reason else ""
    sentence = paragraph(f"Nothing was done: {DDError(error.code, rest)}.", advice, more)
    return mo.callout(mo.Html(f"{sentence.text}<ul>{items}</ul>") if items else sentence, kind="warn")


def migration_state(found: MigrationState | DDError | None) -> mo.Html:
    """Show the migration state of a store and the commands to continue.

    :param found: ``None`` for a saved snapshot.
    """
    if found is None:
        return paragraph("A saved snapshot cannot be migrated: open the store itself.")
    if isinstance(found, DDError):
        return refused(found)
    parts: list[Any] = [mo.callout(paragraph(found.headline), kind=_TONES[found.tone])]
    if found.commands:
        parts += [
            typed(found.commands),
            mo.accordion({"In detail": listed(found.facts, "fact", columns=("what", "value"))}),
        ]
    return mo.vstack(parts)


def typed(commands: Iterable[Command]) -> mo.Html:
    """Show commands to type; the page runs none of them."""
    items = "".join(
        f"<dt>{escape(command.purpose)}</dt>"
        f"<dd style='margin: 0 0 0.6em'><code style='{_WHOLE_LINE}'>{escape(command.line)}</code></dd>"
        for command in commands
    )
    return mo.Html(f"<dl aria-label='commands to type'>{items}</dl>")


def both_chains(found: Chains | None) -> mo.Html:
    """Show a chain before and after a migration, and each step in a table."""
    if found is None:
        return paragraph("Pick a generation, a row of the table above, to see its chain before and after.")
    columns = ("place", "stage", "gen_id", "new_id", "outcome")
    parts = [mo.md("**Before**"), chart_widget(found.before), mo.md("**After**"), chart_widget(found.after)]
    return mo.vstack([*parts, paragraph(found.caption), listed(found.steps, "generation", columns=columns)])


def outcome(done: Simulation | DDError, into: str) -> mo.Html:
    """Show the result of a simulation, check by check."""
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
    box = mo.callout(paragraph(verdict, facts), kind="success" if done.holds else "danger")
    columns = ("check", "holds", "checked", "problem")
    return mo.vstack([box, listed(table, "row", "check", "problem", columns=columns)])
