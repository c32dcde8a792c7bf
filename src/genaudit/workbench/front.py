"""Front page: the notebooks in the order of the work, each with its question, its answer and a small picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

import marimo as mo

from genaudit.audits.registry import AUDITS
from genaudit.errors import DDError
from genaudit.humanize import counted
from genaudit.page_model import Table
from genaudit.snapshots.folder import list_snapshots
from genaudit.workbench.health import findings_by_audit
from genaudit.workbench.notebook_args import link, notebooks
from genaudit.workbench.panels import anchor
from genaudit.workbench.session import Session

_WIDTH: Final = 160
_HEIGHT: Final = 40
_GAP: Final = 3
MOST_BARS: Final = 12
_LONGEST: Final = 150
_GRID: Final = "display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr)); gap:1rem"
_CARD: Final = "border:1px solid currentColor; border-color:color-mix(in srgb,currentColor 25%,transparent);"
_INSIDE: Final = "border-radius:8px; padding:0.75rem 1rem; display:flex; flex-direction:column; gap:0.35rem"


class NotebookCard(NamedTuple):
    """A notebook, or an audit without one, on the front page.

    :param notebook: its file name without suffix; ``None`` for an audit without a notebook.
    :param answer: the verdict of its audit, or the state of what it shows.
    :param picture: an SVG image, or nothing.
    """

    notebook: str | None
    title: str
    question: str
    answer: str
    picture: str


def cards(session: Session, output: str) -> list[NotebookCard]:
    """List the notebooks in reading order, then the audits without a notebook.

    :param output: the output folder, which has the saved snapshots.
    """
    found = dict(findings_by_audit(session))
    listed = [
        NotebookCard(name, about.title, about.question, *_answer(session, about.audits, found))
        for name, about in notebooks().items()
        if about.audits
    ]
    alone = [
        NotebookCard(None, audit.title, audit.question, *_answer(session, (name,), found))
        for name, audit in AUDITS.items()
        if not audit.notebook
    ]
    others = notebooks()
    changes, migration = (others[name] for name in ("changes", "migration"))
    return [
        *listed,
        *alone,
        NotebookCard("changes", changes.title, changes.question, *_saved(output)),
        NotebookCard("migration", migration.title, migration.question, *_renames(session)),
    ]


def front(session: Session, output: str, query: Mapping[str, str | list[str]]) -> mo.Html:
    """Show the cards; they are links on a server of all notebooks."""
    shown = [_shown(card, session, "file" in query) for card in cards(session, output)]
    return mo.Html(f"<div style='{_GRID}'>{''.join(shown)}</div>")


def _shown(card: NotebookCard, session: Session, linked: bool) -> str:  # noqa: FBT001 (a private helper of one caller)
    title = escape(card.title)
    if linked and card.notebook:
        title = anchor(card.title, link(card.notebook, str(session.root)))
    return (
        f"<article style='{_CARD}{_INSIDE}'><strong>{title}</strong><span>{escape(card.question)}</span>"
        f"<em>{escape(card.answer)}</em>{card.picture}</article>"
    )


def _answer(session: Session, audits: tuple[str, ...], found: Mapping[str, str]) -> tuple[str, str]:
    counts = "; ".join(found[name] for name in audits if name in found)
    section = next((session.sections[name] for name in audits if name in session.sections), None)
    if section is None:
        return f"{counts}.", ""
    verdict = (
        section.verdict if len(section.verdict) <= _LONGEST else f"{section.verdict[:_LONGEST].rsplit(' ', 1)[0]} …"
    )
    figure = next((one for one in section.figures if one.numbers is not None), None)
    return f"{verdict} ({counts})", bars(figure.numbers) if figure and figure.numbers else ""


def _saved(output: str) -> tuple[str, str]:
    try:
        known = list_snapshots(Path(output))
    except DDError as error:
        return f"The snapshots cannot be read: {error}.", ""
    sentence = f"{counted(len(known), 'snapshot')} in {output}." if known else f"No snapshot in {output} yet."
    return sentence, _svg([(one.name, sum(one.generations.values())) for one in known[-MOST_BARS:]])


def _renames(session: Session) -> tuple[str, str]:
    section = session.sections.get("recompute")
    figure = section.figure("causes") if section else None
    changing = session.facts.changing or 0
    sentence = f"{counted(changing, 'id')} would change." if changing else "No id would change."
    return sentence, bars(figure.numbers) if figure and figure.numbers else ""


def bars(table: Table) -> str:
    """Draw the first numbers of a table as bars, without axes; their values are in its description."""
    # The first column names the row, even if by a number.
    first = next((place for place, column in enumerate(table.columns) if place and column.kind == "number"), None)
    if first is None:
        return ""
    values = [
        (" ".join(str(cell) for cell in row[:first]), float(row[first]))
        for row in table.cells[:MOST_BARS]
        if isinstance(row[first], int | float)
    ]
    return _svg(values)


def _svg(values: list[tuple[str, float]]) -> str:
    most = max((value for _, value in values), default=0)
    if most <= 0:
        return ""
    width = (_WIDTH + _GAP) / len(values) - _GAP
    drawn = []
    for place, (_, value) in enumerate(values):
        height = max(1.0, _HEIGHT * value / most) if value else 0
        x, y = place * (width + _GAP), _HEIGHT - height
        drawn.append(f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' rx='1'/>")
    words = ", ".join(f"{name} {value:,.4g}" if value % 1 else f"{name} {value:,.0f}" for name, value in values)
    return (
        f"<svg role='img' aria-label='{escape(words, quote=True)}' viewBox='0 0 {_WIDTH} {_HEIGHT}' width='{_WIDTH}'"
        f" height='{_HEIGHT}' fill='currentColor' fill-opacity='0.55'><title>{escape(words)}</title>"
        f"{''.join(drawn)}</svg>"
    )
