"""marimo elements shared by all notebooks.

Text from a store is untrusted: it is escaped, and never read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from html import escape
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import marimo as mo
import pandas as pd

from genaudit.audits.run_summary import RunSummary
from genaudit.charts.interactive import clickable, for_notebook
from genaudit.charts.style import Chart
from genaudit.errors import DDError
from genaudit.page_model import Figure, Section, Table
from genaudit.workbench import scripts
from genaudit.workbench.allowed_roots import allow, check_allowed
from genaudit.workbench.choice import picked
from genaudit.workbench.health import KeyNumber, key_numbers
from genaudit.workbench.listings import inert, listing
from genaudit.workbench.notebook_args import Arguments, Chosen, link, notebooks, one, refusal
from genaudit.workbench.session import SESSIONS, Session

PAGE_SIZE: Final = 10
# Width in pixels of a column whose text wraps.
_WRAPPED: Final = 380
# No cohort, stage or code can have this name.
_ALL: Final = "(all)"
_CARD: Final = (
    "height:100%; border:1px solid color-mix(in srgb,currentColor 25%,transparent); border-radius:8px;"
    " padding:0.75rem 1rem; overflow-wrap:anywhere"
)
# Least width in rem of a chart.
_LEAST_CHART: Final = 48
# A shadow as wide as what the window lacks, and no more than needed to be seen; none where the chart fits.
_EDGE: Final = (
    "grid-area:1/1; justify-self:end; position:sticky; right:0; z-index:1; pointer-events:none;"
    f" width:clamp(0px, {_LEAST_CHART}rem - 100cqw, 0.9rem);"
    " background:linear-gradient(to left, rgb(0 0 0 / 0.35), transparent)"
)
_NUMBERED: Final = "list-style: decimal; padding-left: 1.5em"
_TONES: Final[Mapping[str, Literal["danger", "warn", "success", "neutral"]]] = {
    "alarm": "danger",
    "attention": "warn",
    "good": "success",
    "empty": "neutral",
}
_WHOLE: Final = 100


class Opened(NamedTuple):
    """An opened store, or the message that explains the failure."""

    session: Session | None
    message: mo.Html | None


def open_store(root: str, started: Arguments, *, again: bool) -> Opened:
    """Read and audit a store behind a progress bar, or return a reading that the server already has.

    A script that has to write exits if there is no store.
    """
    with mo.status.progress_bar(total=_WHOLE, title="Opening the store", show_rate=False, remove_on_exit=True) as bar:

        def step(percent: int, what: str) -> None:
            bar.update(increment=percent, subtitle=what)

        try:
            check_allowed(Path(root))
            return Opened(SESSIONS.open(Path(root), step, again=again), None)
        except DDError as error:
            if scripts.write_requested(started):
                scripts.fail(refusal(error))
            return Opened(None, mo.callout(paragraph(refusal(error)), kind="warn"))


def paragraph(*sentences: str) -> mo.Html:
    """Show sentences as a paragraph of plain text."""
    return mo.Html(f"<p>{escape(' '.join(sentence for sentence in sentences if sentence))}</p>")


def sentences(section: Section) -> mo.Html:
    """Show the sentences of a section."""
    return paragraph(*section.sentences, section.good or "")


def root_field(query: Mapping[str, str | list[str]], data_root: str) -> mo.ui.text:
    """Ask for the path of a store.

    :param query: the link, which may name a store below an allowed folder.
    :param data_root: the store that the notebook was started with; it is allowed.
    """
    allow(data_root)
    return mo.ui.text(value=one(query.get("root")) or data_root, label="Data root", full_width=True)


def when_read(session: Session) -> mo.Html:
    """Show the time of the reading."""
    if session.is_saved:
        return paragraph(
            f"A saved snapshot of {session.name}. Texts are not in it; migrations need the store itself."
        )
    return paragraph(
        f"{session.name}, read at {session.read_at:%H:%M} UTC. Added and deleted files are noticed when a page is"
        " opened, changes inside a file when it is read again."
    )


def neighbours(here: str, root: str, chosen: Chosen, query: Mapping[str, str | list[str]]) -> mo.Html:
    """Link to the other notebooks for the same store; links exist only on a server of all notebooks."""
    if "file" not in query:
        return paragraph("Other notebooks:", ", ".join(name for name in notebooks() if name != here) + ".")
    links = (
        f"<strong aria-current='page'>{title}</strong>" if name == here else anchor(title, link(name, root, chosen))
        for name, (title, *_) in notebooks().items()
    )
    return mo.Html(f"<nav aria-label='notebooks'>{' · '.join(links)}</nav>")


def chooser(label: str, values: Iterable[str], value: str | None = None) -> mo.ui.dropdown:
    """Build a dropdown of values, with an entry for all of them."""
    options: dict[str, Any] = {_ALL: None, **{str(one): str(one) for one in values}}
    return mo.ui.dropdown(options, value=value if value in options else _ALL, label=label, searchable=True)


def chart_widget(chart: Chart, on_change: Callable[[Any], None] | None = None) -> mo.ui.altair_chart:
    """Show a chart; the chart itself defines its selections."""
    return mo.ui.altair_chart(for_notebook(chart), chart_selection=False, legend_selection=False, on_change=on_change)


def captioned(chart: mo.ui.altair_chart, caption: str, rows: Sized | None = None, none: str = "") -> mo.Html:
    """Add a caption to a chart.

    :param rows: data of the chart.
    :param none: sentence to show if there are no rows.
    """
    return paragraph(none) if rows is not None and not len(rows) else mo.vstack([_wide(chart), paragraph(caption)])


def _wide(chart: mo.ui.altair_chart) -> mo.Html:
    """Let a chart scroll in a narrow window, where its labels would lie on each other, with a shadow at the edge."""
    drawn = f"<div style='grid-area:1/1; min-width:{_LEAST_CHART}rem'>{chart.text}</div>"
    edge = f"<div aria-hidden='true' style='{_EDGE}'></div>"
    return mo.Html(
        "<div style='container-type:inline-size'><div style='overflow-x:auto; display:grid'>"
        f"{drawn}{edge}</div></div>"
    )


def figure(chart: mo.ui.altair_chart, found: Figure | None, hint: str = "", none: str = "") -> mo.Html:
    """Add the caption and the numbers of a figure to its chart.

    :param hint: effect of a click on the chart.
    :param none: sentence to show if the section has no such figure.
    """
    if found is None:
        return paragraph(none)
    numbers = [mo.accordion({"The same as a table": plain_table(found.numbers)})] if found.numbers else []
    return mo.vstack([_wide(chart), paragraph(found.caption, hint), *numbers])


def plain_table(table: Table) -> mo.ui.table:
    """Show a table of the report page."""
    labels = [column.label for column in table.columns]
    rows = [dict(zip(labels, map(_only_shown, cells), strict=True)) for cells in table.cells]
    return mo.ui.table(rows, **PLAIN, show_search=False, label=table.caption)


def _only_shown(cell: Any) -> Any:  # noqa: ANN401 -- any value of a table cell
    return inert(cell) if isinstance(cell, str) else "" if cell is None else cell


PLAIN: Final[dict[str, Any]] = {
    "selection": None,
    "show_column_summaries": False,
    "show_data_types": False,
    "show_download": False,
    "page_size": PAGE_SIZE,
}


def table_of(
    table: pd.DataFrame,
    columns: Sequence[str],
    label: str,
    on_pick: Callable[[Chosen], None],
    thing: str = "generation",
) -> mo.ui.table:
    """Show a frame, one page at a time, and below its label the number of rows.

    :param columns: columns to show, in order.
    :param on_pick: called with stage and id when a row is picked.
    :param thing: the noun for one row.
    """

    def pick(rows: Any) -> None:  # noqa: ANN401 -- marimo passes the picked rows as a frame
        if len(rows):
            first = rows.iloc[0]
            if first["stage"] and first["id"]:
                on_pick((str(first["stage"]), str(first["id"])))

    made = listing(table, columns, thing)
    return mo.ui.table(
        made.table, **{**PLAIN, "selection": "single"}, label=f"{label}. {made.caption}", on_change=pick
    )


def chain_chart(chart: Chart, move_on: Callable[[Chosen], None]) -> mo.ui.altair_chart:
    """Show a drawing of chains, with the generations on its second layer; a click on one moves to it."""

    def moved(_: Any) -> None:  # noqa: ANN401 -- the type of the chart's data
        for point in picked(shown.selections)[:1]:
            move_on((point["stage"], point["gen_id"]))

    shown = chart_widget(clickable(chart, "stage", "gen_id", layer=1), moved)
    return shown


def listed(
    table: pd.DataFrame, thing: str, *wrapped: str, columns: Sequence[str] | None = None, none: str = "None."
) -> mo.Html:
    """Show a frame without row selection.

    :param thing: the noun for one row.
    :param wrapped: columns, by their labels, whose text wraps over several lines.
    :param columns: columns to show, in order; ``None`` for all.
    :param none: sentence to show if there are no rows.
    """
    if table.empty:
        return paragraph(none)
    made = listing(table, columns or [*table.columns], thing)
    widths = dict.fromkeys(wrapped, _WRAPPED)
    shown = mo.ui.table(made.table, **PLAIN, show_search=False, wrapped_columns=[*wrapped], column_widths=widths)
    return mo.vstack([shown, paragraph(made.caption)])


def verdict(facts: RunSummary) -> mo.Html:
    """Show the verdict on a store in a box, with the key figures."""
    box = mo.callout(
        mo.Html(f"<strong>{escape(facts.headline)}</strong><p>{escape(facts.verdict)}</p>"), kind=_TONES[facts.tone]
    )
    return mo.vstack([box, beside([_key_number(one) for one in key_numbers(facts)], 9, "stretch")])


def _key_number(one: KeyNumber) -> mo.Html:
    """Draw a card with a number; unlike marimo's own, its remark goes on in further lines."""
    return mo.Html(
        f"<div style='{_CARD}'><div>{escape(one.label)}</div>"
        f"<div style='font-size:1.6em; font-weight:600; line-height:1.4'>{escape(one.value)}</div>"
        f"<div style='font-size:0.85em; opacity:0.8'>{escape(one.caption)}</div></div>"
    )


def beside(parts: Sequence[mo.Html], least: int, align: str = "end") -> mo.Html:
    """Place elements side by side, in as many rows as the page's width takes.

    :param least: the least width of each, in rem.
    :param align: how elements of different heights stand, as CSS has it.
    """
    columns = f"repeat(auto-fit,minmax(min(100%,{least}rem),1fr))"
    placed = "".join(f"<div style='min-width:0'>{part.text}</div>" for part in parts)
    return mo.Html(
        f"<div style='display:grid; grid-template-columns:{columns}; gap:1rem; align-items:{align}'>{placed}</div>"
    )


def first_steps(facts: RunSummary) -> mo.Html:
    """Show the first steps to take."""
    items = "".join(
        f"<li><code>{step.code.name}</code> ({step.count:,}): {escape(step.code.title)}. {escape(step.code.fix)}</li>"
        for step in facts.first
    )
    return (
        mo.Html(f"<ol style='{_NUMBERED}'>{items}</ol>") if items else paragraph("Nothing: no audit found anything.")
    )


def anchor(title: str, address: str) -> str:
    """Return a link as HTML."""
    return f"<a style='text-decoration: underline' href='{escape(address, quote=True)}'>{escape(title)}</a>"


def share(
    query: Any,  # noqa: ANN401 -- marimo's query parameters, or a mapping
    root: str,
    default: str,
    chosen: Chosen,
    stage: str | None = None,
    **more: str | None,
) -> None:
    """Write the current choice into the page's address, so that the address can be shared."""
    wanted = {
        "root": root if root != default else None,
        "stage": chosen[0] if chosen[1] else stage,
        "id": chosen[1],
        **more,
    }
    for name, value in wanted.items():
        if query.get(name) != value and (value or name in query):
            query[name] = value
