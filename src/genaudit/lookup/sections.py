"""Sections about one generation: lineage, record, findings, rebuild, cohorts and references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.finding_kinds import worded
from genaudit.codes import SEVERITIES, Severity
from genaudit.errors import DDError
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.lookup.drawing import tree
from genaudit.lookup.facts import GenerationFacts, Relative
from genaudit.lookup.generation import Lookup
from genaudit.lookup.picture import caption, lineage_picture
from genaudit.page_model import Card, Column, Figure, Section, Table, listing, spaced
from genaudit.schemas import IdClass, RecordState, rows

_PAIRS: Final = (Column("field", "Field", "code"), Column("value", "Value", "value"))
_RELATIVES: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("id_class", "Class", choose=True),
    Column("status", "Link to its parent", choose=True),
    Column("template_id", "Template", "code", choose=True),
    Column("llm_model_id", "Model", "code", choose=True),
)
_FINDINGS: Final = (
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Finding", "code"),
    Column("field", "Field", "code"),
    Column("expected", "Expected", "value"),
    Column("actual", "Found", "value"),
    Column("detail", "Detail"),
    Column("fix", "Fix"),
)
_OUTCOMES: Final = (
    Column("mode", "Mode", "code"),
    Column("outcome", "Outcome"),
    Column("gen_id", "Generation", "id"),
    Column("causes", "Causes"),
    Column("tokens", "Tokens", "number"),
)
_REFERENCES: Final = (
    Column("treatment", "Treatment", choose=True),
    Column("kind", "Kind of file", choose=True),
    Column("field", "Column or key", "code"),
    Column("line", "Line", "number"),
    Column("path", "Path", "path"),
)


@dataclass(frozen=True, slots=True)
class GenerationSummary:
    """The beginning of a page about a generation."""

    tone: str
    headline: str
    verdict: str
    cards: tuple[Card, ...]
    first: tuple[dict[str, str], ...] = ()


def generation_summary(facts: GenerationFacts) -> GenerationSummary:
    """Summarise a generation: findings, class of the id, lineage."""
    found = Counter(map(Severity, facts.findings["severity"]))
    tone = "alarm" if found[Severity.ERROR] else "good"
    if tone == "good" and (found or facts.identity.id_class is not IdClass.DETERMINISTIC):
        tone = "attention"
    headline = counted(found.total(), "finding") if found else "No findings"
    chain = "Its chain reaches the first stage." if facts.link.reaches_root else "Its chain is broken."
    cards = (
        Card("Above it", len(facts.above), Counter(one.stage for one in facts.above)),
        Card("Below it", len(facts.below), Counter(one.stage for one in facts.below)),
        Card("Findings", found.total(), {severity: found[severity] for severity in SEVERITIES}),
    )
    return GenerationSummary(tone, headline, f"{_of_the_id(facts)} {chain}", cards)


def _of_the_id(facts: GenerationFacts) -> str:
    identity = facts.identity
    if identity.recomputed_id is None:
        reason = f": {spaced(identity.problem)}" if identity.problem else ""
        return f"Its id is {identity.id_class}{reason}."
    if identity.id_class is IdClass.DETERMINISTIC:
        return "Its id is deterministic: the one that its record gives."
    return f"Its id is {identity.id_class}: its record gives {identity.recomputed_id}."


def generation_sections(
    lookup: Lookup, facts: GenerationFacts, references: pd.DataFrame | None
) -> tuple[Section, ...]:
    """Lay out a generation: lineage, record, findings, rebuild, cohorts and names, references.

    :param references: the references to its id, columns of :data:`genaudit.schemas.REFERENCES`; ``None`` if no search
        was run.
    """
    sections = (
        _lineage(lookup, facts),
        _record(facts),
        _findings(facts),
        _rebuild(lookup, facts),
        cohorts_section(facts),
    )
    return sections if references is None else (*sections, _references_section(references))


def _identity(facts: GenerationFacts) -> dict[str, str]:
    """Return the known facts about an id, by name."""
    identity = facts.identity
    collision = f", collision {identity.collision_index}" if identity.collision_index else ""
    known = {
        "class": f"{identity.id_class}, form {identity.form}{collision}",
        "id of the record": identity.recomputed_id,
        "after a migration": identity.migrated_id if identity.cause != "none" else "unchanged",
        "problem": identity.problem,
    }
    return {name: value for name, value in known.items() if value is not None}


def _notes_on_link(facts: GenerationFacts) -> Iterator[str]:
    """Yield the notes on a link that does not hold."""
    link = facts.link
    if link.near_miss:
        yield f"closest parent in the store: {link.near_miss}"
    if link.found_stage:
        yield f"the parent is {link.found_stage} {link.gen_id}: {spaced(link.status)}"
    if not link.reaches_root:
        yield "the chain does not reach the first stage"


def _lineage(lookup: Lookup, facts: GenerationFacts) -> Section:
    drawn = caption(len(facts.above), len(facts.below))
    return Section(
        "lineage",
        "Lineage",
        "Which generations is it made from, and which are made from it?",
        tuple(f"{note[0].upper()}{note[1:]}." for note in _notes_on_link(facts)),
        figures=(Figure("lineage", drawn, lambda: lineage_picture(lookup, facts.stage, facts.gen_id).chart),),
        tables=tuple(
            _relatives(key, caption, found)
            for key, caption, found in (
                ("above", "Generations that it is made from", facts.above),
                ("below", "Generations that are made from it", facts.below),
            )
            if found
        ),
        lines=tuple(tree(facts)),
    )


def _relatives(key: str, caption: str, found: Sequence[Relative]) -> Table:
    cells = [[getattr(one, column.name) or "" for column in _RELATIVES] for one in found]
    cells = [
        [spaced(value) if column.name == "status" else value for column, value in zip(_RELATIVES, row, strict=True)]
        for row in cells
    ]
    return Table(key, caption, _RELATIVES, cells, len(cells))


def _record(facts: GenerationFacts) -> Section:
    missing = [name for name, there in facts.files.items() if not there]
    files = f"Missing or unreadable files: {', '.join(missing)}." if missing else "All its files are there."
    state = () if facts.state is RecordState.OK else (f"Its record cannot be used: {spaced(facts.state)}.",)
    record = [
        [name, value if isinstance(value, str) else orjson.dumps(value, default=str).decode()]
        for name, value in facts.record.items()
    ]
    identity = [[name, value] for name, value in _identity(facts).items()]
    return Section(
        "record",
        "Record and id",
        "What does its record hold, and which id does it give?",
        (*state, files),
        overview=Table("record-fields", "Fields of metadata.json", _PAIRS, record, len(record)) if record else None,
        tables=(Table("identity", "Its id, recomputed", _PAIRS, identity, len(identity)),),
    )


def _findings(facts: GenerationFacts) -> Section:
    found = facts.findings
    question = "Which errors are there, and how are they fixed?"
    if found.empty:
        return Section("findings", "Findings", question, good="No audit of single generations found anything.")
    table = listing("own-findings", "Its findings", _FINDINGS, found)
    lines = tuple(
        f"{row.severity} {row.code}{f', {row.field}' if row.field else ''}: {legible(_words(row._asdict()))}"
        for row in rows(found)
    )
    number = f"{counted(len(found), 'finding')}."
    return Section("findings", "Findings", question, (number,), tables=(table,), lines=lines)


def _words(finding: Mapping[str, Any]) -> str:
    words = [*worded(finding)]
    return ": ".join(words if finding["detail"] else [*words, finding["fix"]])


def _rebuild(lookup: Lookup, facts: GenerationFacts) -> Section:
    question = "What would each mode of a rebuild do with it?"
    try:
        stage, gen_id = (planned := lookup.outcomes(facts.stage, facts.gen_id)).selected
    except DDError as error:
        reasons = [_reason(problem, facts.gen_id) for problem in error.ctx.get("problems", ())]
        return Section("rebuild", "Rebuild", question, (f"Not planned: {'; '.join(reasons) or error}.",))
    table = listing("outcomes", "Outcome by mode", _OUTCOMES, planned.outcomes)
    return Section("rebuild", "Rebuild", question, (f"A rebuild of {stage} {gen_id} alone.",), tables=(table,))


def _reason(problem: Mapping[str, Any], gen_id: str) -> str:
    """Word a problem of a plan: its detail, after the catalog or the other generation that it is about."""
    about = problem.get("gen_id", problem.get("catalog"))
    parts = ("" if about == gen_id else about, problem.get("detail") or spaced(problem.get("problem", "")))
    return ": ".join(filter(None, parts))


def cohorts_section(facts: GenerationFacts) -> Section:
    """Lay out the cohorts that list a generation, and all its names."""
    listed, unread, names = ", ".join(facts.cohorts), ", ".join(facts.unread_cohorts), " → ".join(facts.names)
    sentences = [f"Cohorts that list it: {listed}." if listed else "No cohort lists it."]
    sentences += [f"Cohorts that cannot be read: {unread}."] if unread else []
    sentences += [f"Names, oldest first: {names}." if names else "No migration has renamed it."]
    return Section("cohorts", "Cohorts and names", "Where is it listed, and under which names?", tuple(sentences))


def _references_section(references: pd.DataFrame) -> Section:
    shown = references.assign(kind=references["kind"].astype("str").map(spaced))
    question = "Which files name its id?"
    if shown.empty:
        return Section("references", "References", question, good="No file names its id.")
    table = listing("reference-list", "References to its id", _REFERENCES, shown)
    return Section("references", "References", question, (f"{counted(len(shown), 'reference')}.",), tables=(table,))
