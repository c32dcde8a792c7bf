"""Parsers by their name in a template catalog, from a model's answer to the text that later stages read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.scores import HIGHEST, LOWEST


class Parser(StrEnum):
    """A parser's name in the catalog; a blank name is the identity."""

    IDENTITY = "identity"
    ESSAY_BLOCK = "essay_block"
    ESSAY_BLOCK_LENIENT = "essay_block_lenient"
    ESSAY_IDEA_LAST = "essay_idea_last"
    IN_LAST_LINE = "in_last_line"


# The parsers of each stage.
STAGE_PARSERS: Final[Mapping[str, tuple[Parser, ...]]] = {
    "draft": (Parser.IDENTITY, Parser.ESSAY_BLOCK, Parser.ESSAY_BLOCK_LENIENT, Parser.ESSAY_IDEA_LAST),
    "essay": (Parser.IDENTITY,),
    "evaluation": (Parser.IDENTITY, Parser.IN_LAST_LINE),
}

_ESSAY: Final = re.compile(r"<essay>(.*?)(?:</essay>|\Z)", re.DOTALL | re.IGNORECASE)
_THINKING: Final = re.compile(r"<thinking\b", re.IGNORECASE)
_THOUGHT: Final = re.compile(r"</thinking>", re.IGNORECASE)
_IDEA: Final = re.compile(r"^[ \t]*<essay-idea\b", re.IGNORECASE | re.MULTILINE)
_IDEA_ENDS: Final = re.compile(r"^[ \t]*</essay-idea>[ \t]*$", re.IGNORECASE | re.MULTILINE)
_LINE_ENDS: Final = re.compile(r"[ \t]*\n")
# A number of more digits is none: a text of digits can be longer than any number that Python reads.
_IDEA_STAGE: Final = re.compile(r"\bstage\s*=\s*[\"']?(\d{1,99})(?!\d)", re.IGNORECASE)
_EXACT_SCORE: Final = re.compile(r"SCORE:\s*([0-9](?:\.[0-9]+)?)", re.IGNORECASE)
_SCORE: Final = re.compile(
    r"SCORE[:\s]+(?:([0-9])[,\s]*([0-9])[,\s]*([0-9])|([0-9]+(?:\.[0-9]+)?)(?=\s|$))", re.IGNORECASE
)
_EMPHASIS: Final = re.compile(r"[*#]")
# Number of lines at the end that are searched for a score.
_LAST_LINES: Final = 3


def parser_named(name: str, stage: str) -> Parser:
    """Find a parser of a stage by its name in a catalog.

    :raises DDError: ``PARSER_FAILURE``, reason ``unknown_parser``, with ``known``.

    >>> parser_named("", "essay")
    <Parser.IDENTITY: 'identity'>
    """
    known = STAGE_PARSERS.get(stage, (Parser.IDENTITY,))
    wanted = name.strip().lower() or Parser.IDENTITY
    if wanted not in known:
        ctx = {"reason": Reason.UNKNOWN_PARSER, "parser": name, "stage": stage, "known": [str(one) for one in known]}
        raise DDError(Err.PARSER_FAILURE, ctx)
    return Parser(wanted)


def parse(parser: Parser, answer: str) -> str:
    r"""Parse an answer.

    :returns: the text that later stages read, never blank; for an evaluation, a line with its score.
    :raises DDError: ``PARSER_FAILURE`` with ``parser`` and the reason: ``answer_blank``, ``block_missing``,
        ``block_blank``, ``score_missing`` or ``score_out_of_range``.

    >>> parse(Parser.IN_LAST_LINE, "It holds.\n\n**SCORE: 7.5**\n")
    '7.5\n'
    """
    if not answer.strip():
        raise _failure(parser, Reason.ANSWER_BLANK)
    return _PARSERS[parser](answer)


def _failure(parser: Parser, reason: Reason, **more: object) -> DDError:
    return DDError(Err.PARSER_FAILURE, {"reason": reason, "parser": str(parser), **more})


def _identity(answer: str) -> str:
    return answer


def _essay_block(answer: str) -> str:
    found = _ESSAY.search(answer)
    if found is None:
        raise _failure(Parser.ESSAY_BLOCK, Reason.BLOCK_MISSING)
    return _filled(Parser.ESSAY_BLOCK, found[1])


def _essay_block_lenient(answer: str) -> str:
    text = _without_thinking(answer)
    found = _ESSAY.search(text)
    return _filled(Parser.ESSAY_BLOCK_LENIENT, found[1] if found else text)


def _without_thinking(answer: str) -> str:
    """Remove ``<thinking …>…</thinking>``, in one pass over any number of tags without an end."""
    kept = []
    place = 0
    while opening := _THINKING.search(answer, place):
        bracket = answer.find(">", opening.end())
        closing = _THOUGHT.search(answer, bracket + 1) if bracket >= 0 else None
        if closing is None:
            # No later tag can have an end either.
            break
        kept.append(answer[place : opening.start()])
        place = closing.end()
    return "".join((*kept, answer[place:]))


def _essay_idea_last(answer: str) -> str:
    """Return the block with the highest stage number, the last of equals; blocks without a number are the lowest."""
    blocks = [(_stage_number(attributes), text) for attributes, text in _ideas(answer.replace("\r\n", "\n"))]
    if not blocks:
        raise _failure(Parser.ESSAY_IDEA_LAST, Reason.BLOCK_MISSING)
    highest = max(number for number, _ in blocks)
    return _filled(Parser.ESSAY_IDEA_LAST, [text for number, text in blocks if number == highest][-1])


def _ideas(answer: str) -> Iterator[tuple[str, str]]:
    """Find the blocks with their attributes, in one pass over any number of tags without an end."""
    place, bracket = 0, -1
    line: re.Match[str] | None = None
    while opening := _IDEA.search(answer, place):
        place = opening.end()
        if bracket < place:
            bracket = answer.find(">", place)
            line = _LINE_ENDS.match(answer, bracket + 1)
        if bracket < 0:
            return
        if line:
            closing = _IDEA_ENDS.search(answer, line.end())
            if closing is None:
                # No later tag can have an end either.
                return
            yield answer[place:bracket], answer[line.end() : closing.start()]
            place = closing.end()


def _stage_number(attributes: str) -> int:
    found = _IDEA_STAGE.search(attributes)
    return int(found[1]) if found else -1


def _filled(parser: Parser, text: str) -> str:
    if not text.strip():
        raise _failure(parser, Reason.BLOCK_BLANK)
    return text.strip()


def _in_last_line(answer: str) -> str:
    lines = [_EMPHASIS.sub("", line).strip() for line in answer.splitlines() if line.strip()][-_LAST_LINES:]
    exact = next(filter(None, map(_EXACT_SCORE.fullmatch, lines)), None)
    if exact:
        score = float(exact[1])
    elif found := next(filter(None, map(_SCORE.search, lines)), None):
        *digits, number = found.groups()
        # Three digits are three scores; the result is their mean.
        score = float(number) if number else round(sum(map(int, digits)) / len(digits), 2)
    else:
        raise _failure(Parser.IN_LAST_LINE, Reason.SCORE_MISSING, line=lines[-1][:80] if lines else "")
    if not LOWEST <= score <= HIGHEST:
        raise _failure(Parser.IN_LAST_LINE, Reason.SCORE_OUT_OF_RANGE, score=score)
    return f"{score}\n"


_PARSERS: Final[Mapping[Parser, Callable[[str], str]]] = {
    Parser.IDENTITY: _identity,
    Parser.ESSAY_BLOCK: _essay_block,
    Parser.ESSAY_BLOCK_LENIENT: _essay_block_lenient,
    Parser.ESSAY_IDEA_LAST: _essay_idea_last,
    Parser.IN_LAST_LINE: _in_last_line,
}
