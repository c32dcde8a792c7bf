"""Implementation of the command that shows one generation."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.audits.run import AuditRun
from genaudit.cli.options import Format, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, Err, Reason
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.lookup.facts import GenerationFacts
from genaudit.lookup.finding import Match, SearchResult, Via
from genaudit.lookup.generation import Lookup
from genaudit.lookup.sections import generation_sections, generation_summary
from genaudit.lookup.texts import Text
from genaudit.page_model import MOST_ROWS
from genaudit.render.terminal import print_lines, print_sections, wrapped
from genaudit.reports import Report, check_output, to_json, write_report
from genaudit.schemas import rows
from genaudit.store.snapshot import scan

# The audits whose findings are about single generations and that read no texts.
AUDITS: Final = ("inventory", "metadata", "parents", "recompute", "cohorts")
_REFERENCES: Final = "references"
_FIRST_LINES: Final = 6
_FIRST_ROWS: Final = 20
_MARGIN: Final = 2
_VIA: Final = {Via.LEDGER: "an earlier name of", Via.RECORD: "the id that the record gives of"}


def show(
    root: str,
    gen_id: str,
    shown: Format,
    output: Path | None = None,
    date: str | None = None,
    *,
    full: bool,
    references: bool,
) -> None:
    """Show the generations that an id leads to.

    :param output: the folder for a page of each; by default none is written.
    :param date: the date in the names of the pages.
    :param full: whether texts are printed whole.
    :param references: whether every file is searched for references to the id.
    :raises DDError: ``DATA_MISSING``, reason ``generation_not_found``, with ``nearest``; as
        :func:`genaudit.store.snapshot.scan`.
    """
    day = report_date(date)
    if output:
        check_output(output, root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    with progress_bar("searching for references" if references else "auditing") as progress:
        lookup = Lookup.audited(snapshot, (*AUDITS, *((_REFERENCES,) if references else ())), progress)
    found = lookup.find(gen_id)
    if not found.matches:
        raise _not_found(snapshot.name, found)
    facts = [_facts(lookup, match) for match in found.matches]
    if output:
        _write_pages(lookup, facts, output, day, references=references)
    if shown is Format.JSON:
        sys.stdout.write(to_json([_document(lookup, one, references=references) for one in facts]).decode())
        return
    for match, one in zip(found.matches, facts, strict=True):
        if match.via in _VIA:
            print_lines([f"{found.asked} is {_VIA[match.via]} {match.gen_id}.", ""])
        _print(lookup, one, full=full, references=references)


def _write_pages(
    lookup: Lookup, facts: Iterable[GenerationFacts], output: Path, day: str, *, references: bool
) -> None:
    from genaudit.render.html.generation import render_generation  # noqa: PLC0415 (only pages need charts and templates)

    for one in facts:
        found = _references_to(lookup.run, one.gen_id) if references else None
        content = partial(render_generation, lookup, one, found, date=day)
        log.info(
            "wrote %s", write_report(Report(f"generation_{one.stage}_{one.gen_id}", "html", content), output, day)
        )


def _not_found(root: str, found: SearchResult) -> DDError:
    ctx: dict[str, Any] = {"reason": Reason.GENERATION_NOT_FOUND, "path": root, "gen_id": found.asked}
    if found.gone:
        ctx["renamed_to"] = [name for _, name in found.gone]
    return DDError(Err.DATA_MISSING, {**ctx, "nearest": list(found.nearest)})


def _facts(lookup: Lookup, match: Match) -> GenerationFacts:
    facts = lookup.facts(match.stage, match.gen_id)
    if facts is None:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.GENERATION_NOT_FOUND, **match._asdict()})
    return facts


def _document(lookup: Lookup, facts: GenerationFacts, *, references: bool) -> dict[str, Any]:
    fields = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    parent = lookup.parent_text(facts.stage, facts.gen_id)
    return {
        **fields,
        "identity": asdict(facts.identity),
        "link": asdict(facts.link),
        "above": [asdict(one) for one in facts.above],
        "below": [asdict(one) for one in facts.below],
        "findings": _plain(facts.findings),
        "texts": {one.file: asdict(one) for one in lookup.texts(facts.stage, facts.gen_id)},
        "parent_text": asdict(parent) if parent else None,
        "outcomes": _outcomes(lookup, facts),
        "references": _plain(_references_to(lookup.run, facts.gen_id)) if references else None,
    }


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows(table)]


def _outcomes(lookup: Lookup, facts: GenerationFacts) -> dict[str, Any]:
    try:
        found = lookup.outcomes(facts.stage, facts.gen_id)
    except DDError as error:
        return {"error": str(error)}
    return {"selected": list(found.selected), "modes": _plain(found.outcomes)}


def _references_to(run: AuditRun, gen_id: str) -> pd.DataFrame:
    table = run.results[_REFERENCES].frame
    return table[table["gen_id"] == gen_id]


def _print(lookup: Lookup, facts: GenerationFacts, *, full: bool, references: bool) -> None:
    summary = generation_summary(facts)
    print_lines([f"{facts.stage} {facts.gen_id}", f"  {facts.path}"])
    print_lines([*wrapped(f"{summary.headline}. {summary.verdict}", "  "), ""])
    found = _references_to(lookup.run, facts.gen_id) if references else None
    print_sections(generation_sections(lookup, facts, found), MOST_ROWS if full else _FIRST_ROWS)
    for place, (title, text) in enumerate(lookup.titled_texts(facts.stage, facts.gen_id)):
        print_lines([*([""] if place else []), title, *(f"{' ' * _MARGIN}{line}" for line in _text(text, full=full))])


def _text(text: Text, *, full: bool) -> list[str]:
    if text.problem:
        return [f"cannot be read: {text.problem}"]
    if text.content is None:
        return ["no such file"]
    lines = text.content.splitlines()
    if full:
        return lines or ["empty"]
    shown = [part for line in lines[:_FIRST_LINES] for part in wrapped(legible(line), margin=_MARGIN)]
    left = len(lines) - _FIRST_LINES
    return [*shown, *([f"… {counted(left, 'more line')}: --full prints all"] if left > 0 else [])] or ["empty"]
