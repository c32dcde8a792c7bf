"""marimo elements for one generation, and for the results of a search for an id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final, NamedTuple

import marimo as mo
import pandas as pd

from genaudit.audits.result import AuditResult
from genaudit.errors import DDError
from genaudit.lookup.finding import SearchResult, Via
from genaudit.lookup.outcomes import OUTCOMES
from genaudit.lookup.sections import cohorts_section
from genaudit.lookup.texts import MOST_TEXT, Text, excerpt
from genaudit.workbench.generation_detail import GenerationDetail, generation_detail
from genaudit.workbench.notebook_args import Chosen, link
from genaudit.workbench.panels import PAGE_SIZE, PLAIN, anchor, captioned, chain_chart, listed, paragraph, table_of
from genaudit.workbench.session import Session

HEADING: Final = "One generation"
MOST_PARTS: Final = 200
_ANCHOR: Final = "one-generation"
_NEIGHBOURS: Final = ("stage", "gen_id", "class", "status", "template_id", "llm_model_id", "findings")
_FOUND: Final = ("severity", "code", "field", "expected", "actual", "detail", "fix")
_REFERENCES: Final = ("treatment", "kind", "field", "reason", "line", "column", "path")
_BESIDE: Final = "display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr)); gap:1rem"
_SCROLLS: Final = "white-space:pre-wrap; overflow-wrap:anywhere; max-height:24rem; overflow:auto; margin:0"
_VIA: Final[Mapping[Via, str]] = {
    Via.LEDGER: "{asked} is an earlier name of {stage} {gen_id}.",
    Via.RECORD: "{asked} is the id that the record of {stage} {gen_id} gives.",
}


class Look(NamedTuple):
    """The detail of a generation, or the results of a search.

    :param shown: all of it.
    :param elements: controls, which answer only as long as somebody holds them.
    """

    shown: mo.Html
    elements: tuple[Any, ...] = ()


def look_at(
    session: Session,
    chosen: Chosen,
    move_on: Callable[[Chosen], None],
    query: Mapping[str, str | list[str]],
    rebuild: AuditResult[Any] | DDError | None = None,
) -> tuple[GenerationDetail | None, Look]:
    """Show a generation, or what a search has found.

    :param chosen: stage and id, or an id alone, which is looked up among names of today and before.
    :param move_on: called with the generation that a click leads to.
    :param rebuild: a rebuild that was planned on demand.
    """
    title = mo.md(f"## {HEADING}")
    stage, asked = chosen
    if asked is None:
        hint = paragraph(
            "Find an id above, or pick a generation: a row of a table, or a point of a drawing of chains."
        )
        return None, Look(mo.vstack([title, hint]))
    note = ""
    if stage is None:
        try:
            found = session.lookup.find(asked)
        except DDError as error:
            return None, Look(mo.vstack([title, paragraph(f"The id cannot be looked up: {error}.")]))
        if len(found.matches) != 1:
            results = search_results(session, found, move_on)
            return None, Look(mo.vstack([title, results.shown]), results.elements)
        stage, asked = found.matches[0].stage, found.matches[0].gen_id
        note = _VIA.get(found.matches[0].via, "").format(asked=found.asked, stage=stage, gen_id=asked)
    seen = generation_detail(session, stage, asked, rebuild)
    if seen is None:
        return None, Look(mo.vstack([title, paragraph(f"The store has no {stage} {asked}.")]))
    chart = chain_chart(seen.chart, move_on)
    parts = [title, paragraph(f"{stage} {asked}", note), captioned(chart, seen.caption), _tabs(session, seen, query)]
    return seen, Look(mo.vstack(parts), (chart,))


def jump(words: str) -> mo.Html:
    """Link to the detail further down the page."""
    # marimo draws links into the page itself, and fails on one with a style.
    return mo.Html(f"<p><a href='#{_ANCHOR}'>{escape(words)}</a></p>")


def search_results(session: Session, found: SearchResult, move_on: Callable[[Chosen], None]) -> Look:
    """List the generations that an id leads to, or those with a similar id or with the words in their id."""
    table = session.generations
    if found.matches:
        sentence = f"{found.asked} leads to {len(found.matches)} generations; pick one."
        keys = [(match.stage, match.gen_id) for match in found.matches]
        rows = [session.snapshot.rows[stage][gen_id] for stage, gen_id in keys]
        near = table.iloc[rows]
    else:
        sentence = f"No generation has or had the id {found.asked}."
        for stage, gen_id in found.gone:
            sentence += f" The {stage} that had it was last named {gen_id}, and is no longer in the store."
        holds = table["gen_id"].str.contains(found.asked, case=False, regex=False)
        near = pd.concat([table[table["gen_id"].isin(found.nearest)], table[holds]]).drop_duplicates(
            ["stage", "gen_id"]
        )
        sentence += " These are similar or contain it; pick one." if len(near) else " None is similar or contains it."
    if near.empty:
        return Look(paragraph(sentence))
    shown = table_of(near.head(MOST_PARTS), _NEIGHBOURS, "Found", move_on)
    more = f"The first {MOST_PARTS} of {len(near):,}." if len(near) > MOST_PARTS else ""
    return Look(mo.vstack([paragraph(sentence), shown, paragraph(more)]), (shown,))


def _tabs(session: Session, seen: GenerationDetail, query: Mapping[str, str | list[str]]) -> mo.Html:
    tabs: dict[str, object] = {
        "Record": mo.ui.table(seen.facts, **{**PLAIN, "page_size": 2 * PAGE_SIZE}, show_search=False),
        "Texts": texts(session, seen),
        f"Findings ({len(seen.findings):,})": listed(seen.findings, "finding", columns=_FOUND),
        f"Made from ({len(seen.above):,})": listed(seen.above, "generation", columns=_NEIGHBOURS),
        f"Made from it ({len(seen.below):,})": listed(seen.below, "generation", columns=_NEIGHBOURS),
        "In a rebuild": outcomes(seen, query),
        "Cohorts and names": _listed_in(session, seen),
        "References": references_to(session, seen.gen_id, seen.root, query),
    }
    return mo.ui.tabs(tabs)


def outcomes(seen: GenerationDetail, query: Mapping[str, str | list[str]]) -> mo.Html:
    """Show the outcome of a generation in each rebuild mode, or a link that plans it alone."""
    if seen.outcomes is not None:
        return listed(seen.outcomes, "line", columns=OUTCOMES)
    other = "It is not among the generations that the modes were tried on."
    if "file" not in query:
        return paragraph(other, "The notebook rebuild tries them on any id.")
    address = link("rebuild", seen.root, (seen.stage, seen.gen_id))
    return mo.Html(f"<p>{other} {anchor('Try them on it alone', address)}.</p>")


def texts(session: Session, seen: GenerationDetail) -> mo.Html:
    """Show prompt, answer, parsed text and the parent's parsed text side by side."""
    if session.is_saved:
        return paragraph("A snapshot keeps no texts; open the store itself to read them.")
    shown = "".join(_text(name, text) for name, text in session.lookup.titled_texts(seen.stage, seen.gen_id))
    return mo.Html(f"<div style='{_BESIDE}'>{shown}</div>")


def _text(name: str, text: Text) -> str:
    lines = excerpt(text)
    if lines is None:
        body = f"<p>{escape(text.problem or 'missing')}</p>"
    else:
        cut = f"<p>The first {MOST_TEXT:,} of {len(text.content or ''):,} characters.</p>"
        body = f"<pre tabindex='0' aria-label='{escape(name, quote=True)}' style='{_SCROLLS}'>{escape(lines)}</pre>"
        body += cut if len(text.content or "") > MOST_TEXT else ""
    return f"<section style='min-width:0'><h4>{escape(name)}</h4>{body}</section>"


def _listed_in(session: Session, seen: GenerationDetail) -> mo.Html:
    try:
        known = session.lookup.facts(seen.stage, seen.gen_id)
    except DDError as error:
        return paragraph(f"The earlier names cannot be read: {error}.")
    return paragraph("") if known is None else paragraph(*cohorts_section(known).sentences)


def references_to(session: Session, gen_id: str, root: str, query: Mapping[str, str | list[str]]) -> mo.Html:
    """List the references to an id, if the store was searched for references."""
    searches = [*session.searches.values()]
    if searches:
        found = searches[-1].frame
        return listed(found[found["gen_id"] == gen_id], "reference", columns=_REFERENCES)
    words = "Every file has to be read for it"
    if "file" not in query:
        return paragraph(f"{words}: the notebook references does.")
    return mo.Html(f"<p>{words}: {anchor('search for references', link('references', root, (None, gen_id)))}.</p>")
