"""Implementation of the command that shows one generation."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.run import AuditRun, run_audits
from genaudit.cli.options import Format, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, Err, Reason
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.lookup.drawing import ASCII, LINES, tree
from genaudit.lookup.finding import Match, SearchResult, Via
from genaudit.lookup.generation import GenerationFacts, Lookup
from genaudit.lookup.sections import identity_of, notes_on_link
from genaudit.lookup.texts import Text
from genaudit.render.terminal import print_lines, wrapped
from genaudit.reports import Report, check_output, to_json, write_report
from genaudit.schemas import rows
from genaudit.store.snapshot import scan

# The audits whose findings are about single generations and that read no texts.
AUDITS: Final = ("inventory", "metadata", "parents", "recompute", "cohorts")
_REFERENCES: Final = "references"
_FIRST_LINES: Final = 6
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
    with progress_bar("searching for references") as progress:
        run = run_audits(snapshot, (*AUDITS, *((_REFERENCES,) if references else ())), progress=progress)
    lookup = Lookup(run)
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
        print_lines(_lines(lookup, one, full=full, references=references))


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
    parent = lookup.parent_text(facts)
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


def _lines(lookup: Lookup, facts: GenerationFacts, *, full: bool, references: bool) -> Iterator[str]:
    yield from (f"{facts.stage} {facts.gen_id}", f"  {facts.path}")
    missing = [name for name, there in facts.files.items() if not there]
    yield f"  missing or unreadable: {', '.join(missing)}" if missing else "  all files are there"
    yield from _block("Record", _pairs(facts.record) or [f"cannot be used: {facts.state.replace('_', ' ')}"])
    yield from _block("Id", _pairs(identity_of(facts)))
    yield from _block("Lineage", [*tree(facts, LINES if _has_lines() else ASCII), *notes_on_link(facts)])
    unread = [f"{name} (its membership cannot be read)" for name in facts.unread_cohorts]
    yield from _block("Cohorts", [*facts.cohorts, *unread] or ["no membership lists it"])
    yield from _block("Findings", _findings(facts) or ["none"])
    yield from _block("Rebuild", _rebuild(_outcomes(lookup, facts)))
    if references:
        found = _references_to(lookup.run, facts.gen_id)
        where = [f"{row.path}{f', line {row.line}' if row.line else ''}: {row.treatment}" for row in rows(found)]
        yield from _block("References", where or ["none"])
    if facts.names:
        yield from _block("Names, oldest first", facts.names)
    texts = [(one.file, one) for one in lookup.texts(facts.stage, facts.gen_id)]
    if parent := lookup.parent_text(facts):
        texts.append((f"{parent.file} of its parent {facts.above[0].gen_id}", parent))
    for title, text in texts:
        yield from _block(title, _text(text, full=full))


def _block(title: str, lines: Any) -> Iterator[str]:  # noqa: ANN401 (any iterable of lines)
    yield from ("", title)
    yield from (f"{' ' * _MARGIN}{line}" for line in lines)


def _pairs(values: Mapping[str, Any]) -> list[str]:
    width = max(map(len, values), default=0)
    return [f"{name:<{width}}  {_value(value)}" for name, value in values.items()]


def _value(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    return legible(value if isinstance(value, str) else orjson.dumps(value, default=str).decode())


def _findings(facts: GenerationFacts) -> list[str]:
    return [
        line
        for row in rows(facts.findings)
        for line in wrapped(
            f"{row.severity} {row.code}{f', {row.field}' if row.field else ''}: {legible(row.detail or row.fix)}",
            margin=_MARGIN,
        )
    ]


def _rebuild(outcomes: Mapping[str, Any]) -> list[str]:
    if "error" in outcomes:
        return [f"not planned: {outcomes['error']}"]
    stage, gen_id = outcomes["selected"]
    width = max((len(one["mode"]) for one in outcomes["modes"]), default=0)
    lines = [
        line
        for one in outcomes["modes"]
        for line in wrapped(f"{one['outcome']}{_because(one)}", f"{one['mode']:<{width}}  ", _MARGIN)
    ]
    return [f"of {stage} {gen_id} alone", *lines]


def _because(outcome: Mapping[str, Any]) -> str:
    parts = [part for part in (outcome["decision"], outcome["causes"]) if part]
    return f" ({': '.join(parts)})" if outcome["causes"] else ""


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


def _has_lines() -> bool:
    """Return whether the terminal's encoding has the strokes of the tree."""
    try:
        "".join(LINES).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
