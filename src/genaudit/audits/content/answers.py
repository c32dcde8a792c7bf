"""Checks of an answer: how it ended, where it was copied from, which model served it, and how it parses today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from genaudit.audits.content.changes import normal_lines
from genaudit.audits.content.stored import StoredGeneration
from genaudit.audits.content.tables import ParsedState
from genaudit.audits.result import shown_value
from genaudit.decisions import COPY_MODE
from genaudit.errors import DDError, Reason
from genaudit.generating.generator import TRUNCATED
from genaudit.generating.inputs import Inputs
from genaudit.generating.parsers import Parser, parse
from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.scores import score_of
from genaudit.store.snapshot import Snapshot

FILTERED: Final = "content_filter"
_TEXT_COLUMNS: Final = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_PLACE: Final = f"{GENS}/"


class Problem(NamedTuple):
    """A problem of an answer, as a finding takes it.

    :param file: the file in the generation's folder.
    """

    code: str
    file: str
    field: str | None = None
    expected: str | None = None
    actual: str | None = None
    detail: str | None = None


class Parsed(NamedTuple):
    """The comparison of a stored parsed text with today's.

    :param reason: why there is nothing to compare.
    """

    state: ParsedState
    reason: str | None = None
    problem: Problem | None = None


def ending_problems(stored: StoredGeneration, snapshot: Snapshot) -> Iterator[Problem]:
    """Find answers that are cut off, filtered, failed to parse, or copied from nothing.

    A truncated answer without a parsed text is left alone: nothing takes it for done.
    """
    raw = stored.reports.get(RAW_METADATA, {})
    has_raw, has_parsed = (snapshot.values(_TEXT_COLUMNS[name])[stored.row] for name in (RAW, PARSED))
    reason = raw.get("finish_reason")
    if has_raw and reason == FILTERED:
        yield Problem("ANSWER_FILTERED", RAW_METADATA, "finish_reason", "stop", shown_value(reason))
    elif has_parsed and (reason == TRUNCATED or raw.get("truncated") is True):
        yield Problem("ANSWER_TRUNCATED", RAW_METADATA, "finish_reason", "stop", shown_value(reason))
    parsed = stored.reports.get(PARSED_METADATA, {})
    if has_parsed and parsed.get("success") is False:
        error = parsed.get("error")
        detail = None if error is None else shown_value(error)
        yield Problem("PARSE_FAILED", PARSED_METADATA, "success", "true", "false", detail)
    source = raw.get("copied_from")
    if isinstance(source, str) and (place := place_of_copy(source)) and not _exists(place, snapshot):
        yield Problem("COPY_SOURCE_MISSING", RAW_METADATA, "copied_from", "a file in the store", "/".join(place))


def place_of_copy(source: str) -> tuple[str, ...] | None:
    """Take the part of a source's path from ``gens/`` on; the rest is of the machine that wrote it.

    >>> place_of_copy("/home/ada/data/gens/draft/d_1/parsed.txt")
    ('gens', 'draft', 'd_1', 'parsed.txt')
    """
    path = source.replace("\\", "/")
    start = 0 if path.startswith(_PLACE) else path.rfind(f"/{_PLACE}") + 1
    if start == 0 and not path.startswith(_PLACE):
        return None
    return tuple(part for part in path[start:].split("/") if part)


def _exists(place: tuple[str, ...], snapshot: Snapshot) -> bool:
    match place:
        case (_, stage, gen_id):
            return gen_id in snapshot.rows.get(stage, {})
        case (_, stage, gen_id, file):
            row = snapshot.rows.get(stage, {}).get(gen_id)
            column = _TEXT_COLUMNS.get(file)
            return row is not None and column is not None and bool(snapshot.values(column)[row])
        case _:
            return False


def parsed_today(stored: StoredGeneration, inputs: Inputs | None) -> Parsed:
    """Parse the raw answer again and compare; an evaluation by its score, any other text but for line ends.

    :param inputs: source of the parsers; ``None`` if the store has stages of its own.
    """
    generation = stored.generation
    raw, text = stored.texts.get(RAW), stored.texts.get(PARSED)
    if text is None or raw is None:
        return _not_compared(stored)
    if inputs is None:
        return Parsed(ParsedState.NOT_COMPARED, Reason.STAGES_NOT_SUPPORTED)
    try:
        is_copy = generation.mode == COPY_MODE
        parser = Parser.IDENTITY if is_copy else inputs.parser(generation.stage, generation.required("template_id"))
    except DDError as error:
        return Parsed(ParsedState.NOT_COMPARED, str(error.ctx["reason"]))
    try:
        today = parse(parser, raw)
    except DDError as error:
        reason = str(error.ctx["reason"]).replace("_", " ")
        problem = Problem(
            "PARSED_DIFFERS", PARSED, None, f"a text by {parser}", None, f"parsing fails today: {reason}"
        )
        return Parsed(ParsedState.DIFFERS, None, problem)
    return _compared(today, text, str(parser))


def _not_compared(stored: StoredGeneration) -> Parsed:
    no_texts = stored.problems.keys() | stored.unread.keys()
    if PARSED not in stored.texts and PARSED not in no_texts:
        return Parsed(ParsedState.NONE)
    reason = "no_stored_answer" if no_texts.isdisjoint((RAW, PARSED)) else "no_usable_text"
    return Parsed(ParsedState.NOT_COMPARED, reason)


def _compared(today: str, stored: str, parser: str) -> Parsed:
    if parser == Parser.IN_LAST_LINE:
        first, second = score_of(today), score_of(stored)
        if first == second:
            return Parsed(ParsedState.SAME)
        shown = (f"{first}", f"{second}")
    elif normal_lines(today).strip() == normal_lines(stored).strip():
        return Parsed(ParsedState.SAME)
    else:
        shown = (f"{len(today):,} characters", f"{len(stored):,} characters")
    problem = Problem("PARSED_DIFFERS", PARSED, None, *shown, f"parsed today by {parser}")
    return Parsed(ParsedState.DIFFERS, None, problem)


def served_model(stored: StoredGeneration) -> str | None:
    """Return the provider's name of the model that answered, as the report gives it."""
    raw = stored.reports.get(RAW_METADATA, {})
    for name in ("model", "served_model"):
        if isinstance(value := raw.get(name), str) and value.strip():
            return value.strip()
    return None


def is_served_by(served: str, wanted: str) -> bool:
    """Return whether a provider's name means the model of the catalog.

    Providers answer with a dated name, and routers put the house in front.

    >>> is_served_by("gpt-4o-2024-08-06", "openai/gpt-4o"), is_served_by("gpt-4", "openai/gpt-4o")
    (True, False)
    """
    return served.lower().rpartition("/")[2].startswith(wanted.lower().rpartition("/")[2])
