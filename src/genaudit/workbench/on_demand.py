"""marimo elements for results computed on demand: rebuilds, reference searches and checks of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

import marimo as mo

from genaudit.audits.content.audit import ContentResult
from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.rebuild.advice import Advice, selection_text
from genaudit.audits.result import AuditResult
from genaudit.errors import DDError
from genaudit.workbench.panels import paragraph
from genaudit.workbench.references import search, searched
from genaudit.workbench.session import Session
from genaudit.workbench.stored_texts import check_texts, checked_texts

_MOST_PROBLEMS: Final = 50


def not_planned(error: object) -> mo.Html:
    """Show why nothing could be planned: one line, or one line per problem."""
    if not isinstance(error, DDError):
        return mo.Html("")
    problems = error.ctx.get("problems", [])
    reason = str(error.ctx.get("reason", error.code)).replace("_", " ")
    about = _values(error.ctx, leave_out=("reason", "problems"))
    lines = [_problem(one) for one in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"and {len(problems) - _MOST_PROBLEMS:,} more")
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    why = escape(": ".join(filter(None, (reason, about))))
    listed = f"<ul>{items}</ul>" if items else ""
    return mo.callout(mo.Html(f"<p>Nothing could be planned: {why}.</p>{listed}"), kind="warn")


def _problem(problem: Mapping[str, Any]) -> str:
    kind = str(problem.get("problem", "")).replace("_", " ")
    again = ("gen_id",) if problem.get("gen_id") == problem.get("value") else ()
    return ": ".join(filter(None, (kind, _values(problem, leave_out=("problem", *again)))))


def _values(context: Mapping[str, Any], leave_out: Sequence[str]) -> str:
    """Format the context of an error, without the ids that the user typed."""
    given = {name: value for name, value in context.items() if name not in leave_out and value not in (None, "--ids")}
    return ", ".join(f"{name} {value!r}" for name, value in given.items())


def failed_modes(result: RebuildResult) -> mo.Html:
    """List the modes that cannot be planned, with the reason."""
    failed: Mapping[str, Mapping[str, Any]] = getattr(result.summary, "failed_modes", {})
    items = "".join(
        f"<li>{escape(mode)}: {escape(str(error['reason']).replace('_', ' '))}</li>" for mode, error in failed.items()
    )
    return mo.callout(mo.Html(f"<p>Cannot be planned:</p><ul>{items}</ul>"), kind="warn") if items else mo.Html("")


def recommendations(result: RebuildResult, day: str) -> mo.Html:
    """Show the recommended selections, each with its selection file."""
    if not result.advice:
        return paragraph("Nothing is recommended: no curated mode was tried on anything.")
    return mo.vstack([_recommendation(result, one, day) for one in result.advice])


def _recommendation(result: RebuildResult, advice: Advice, day: str) -> mo.Html:
    lines = "".join(f"<br><code>{escape(line)}</code>" for line in advice.directives)
    recommended = f"<p><strong>To {escape(advice.purpose)}</strong>{lines}<br>{escape(advice.reason)}</p>"
    if advice.mode is None:
        return mo.Html(recommended)
    # The file name that a build expects.
    name = f"selected_{result.choice.stage}s.txt"
    ready = mo.download(
        lambda: selection_text(result.choice, advice, day).encode(),
        filename=name,
        mimetype="text/plain",
        label=f"Download {name}",
    )
    return mo.vstack([mo.Html(recommended), mo.hstack([ready], justify="start")], gap=0.25)


def search_store(session: Session, left_out: Path, *, now: bool) -> AuditResult[Any] | DDError | None:
    """Search a store for references behind a progress bar, or return the earlier result.

    :param now: whether to search; otherwise only an earlier result is returned.
    :returns: ``None`` if no search was requested yet.
    """
    if not now or session.is_saved:
        return searched(session, left_out)
    with _progress(session, "Searching every file for ids") as step:
        return search(session, left_out, step)


def check_store(session: Session, *, now: bool) -> ContentResult | None:
    """Compare prompts and check texts behind a progress bar, or return the earlier result.

    :param now: whether to read the texts; otherwise only an earlier result is returned.
    :returns: ``None`` if nothing was requested yet.
    """
    if not now or session.is_saved:
        earlier: ContentResult | None = checked_texts(session)
        return earlier
    with _progress(session, "Reading every text") as step:
        return check_texts(session, step)


def not_checked_yet(session: Session) -> mo.Html:
    """Describe the check of texts while it has not run."""
    if session.is_saved:
        return paragraph("A saved snapshot has no texts: open the store itself.")
    return paragraph(
        f"No text was read yet. The check reads the texts and reports of every generation of {session.root}, renders"
        " its prompt from today's inputs, and compares."
    )


@contextmanager
def _progress(session: Session, title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar over the generations of a store."""
    total = max(len(session.generations), 1)
    with mo.status.progress_bar(total=total, title=title, remove_on_exit=True) as bar:
        done = 0

        def step(entered: int, _: int) -> None:
            nonlocal done
            bar.update(increment=entered - done)
            done = entered

        yield step


def not_searched_yet(session: Session) -> mo.Html:
    """Describe the search while it has not run."""
    if session.is_saved:
        return paragraph("The snapshot was saved without references: genaudit snapshot save --with-references.")
    return paragraph(
        f"Nothing was searched yet. The search reads every byte of {session.root}, and follows no link;"
        " all the other pages read records only."
    )
