"""The parsers that a catalog of templates can name: from a model's answer to what later stages read."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from genaudit.errors import DDError, Err
from genaudit.scores import ScoreError, score_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Parser(StrEnum):
    """A parser's name in the catalog; a blank one is the identity."""

    IDENTITY = "identity"
    ESSAY_BLOCK = "essay_block"
    ESSAY_IDEA_LAST = "essay_idea_last"
    IN_LAST_LINE = "in_last_line"


_ESSAY: Final = re.compile(r"<essay>(.*?)</essay>", re.DOTALL)
_IDEA: Final = re.compile(r"<essay-idea(?:\s[^>]*)?>(.*?)</essay-idea>", re.DOTALL)
# "SCORE: 7.5", with or without Markdown's emphasis, or the number alone.
_SCORE: Final = re.compile(r"[*_\s]*(?:score[*_\s]*[:=][*_\s]*)?([+-]?[0-9]+(?:\.[0-9]+)?)[*_\s]*", re.IGNORECASE)


def parser_named(name: str) -> Parser:
    """Find a parser by its name in a catalog.

    :raises DDError: ``PARSER_FAILURE``, reason ``unknown_parser``, with ``known``.

    >>> parser_named("")
    <Parser.IDENTITY: 'identity'>
    """
    try:
        return Parser(name.strip().lower() or Parser.IDENTITY)
    except ValueError:
        known = [str(parser) for parser in Parser]
        ctx = {"reason": "unknown_parser", "parser": name, "known": known}
        raise DDError(Err.PARSER_FAILURE, ctx) from None


def parse(parser: Parser, answer: str) -> str:
    r"""Take what later stages read out of an answer.

    :returns: never blank; an evaluation ends with its score in a line of its own.
    :raises DDError: ``PARSER_FAILURE`` with ``parser`` and the reason: ``answer_blank``, ``block_missing``,
        ``block_blank``, ``score_missing`` or one of :class:`~genaudit.scores.ScoreError`.

    >>> parse(Parser.IN_LAST_LINE, "It holds.\n\n**SCORE: 7.5**\n")
    'It holds.\n\n7.5\n'
    """
    if not answer.strip():
        raise _failure(parser, "answer_blank")
    return _PARSERS[parser](answer)


def _failure(parser: Parser, reason: str, **more: object) -> DDError:
    return DDError(Err.PARSER_FAILURE, {"reason": reason, "parser": str(parser), **more})


def _identity(answer: str) -> str:
    return answer


def _essay_block(answer: str) -> str:
    return _last_block(Parser.ESSAY_BLOCK, _ESSAY, answer)


def _essay_idea_last(answer: str) -> str:
    return _last_block(Parser.ESSAY_IDEA_LAST, _IDEA, answer)


def _last_block(parser: Parser, pattern: re.Pattern[str], answer: str) -> str:
    """Take the last block: a model that thinks aloud may quote the tags before it uses them."""
    blocks = pattern.findall(answer)
    if not blocks:
        raise _failure(parser, "block_missing")
    text = blocks[-1].strip()
    if not text:
        raise _failure(parser, "block_blank")
    return f"{text}\n"


def _in_last_line(answer: str) -> str:
    before, newline, last = answer.rstrip().rpartition("\n")
    found = _SCORE.fullmatch(last)
    if found is None:
        raise _failure(Parser.IN_LAST_LINE, "score_missing", line=last.strip()[:80])
    text = f"{before}{newline}{found[1]}\n"
    score = score_of(text)
    if isinstance(score, ScoreError):
        raise _failure(Parser.IN_LAST_LINE, score.value, line=last.strip()[:80])
    return text


_PARSERS: Final[Mapping[Parser, Callable[[str], str]]] = {
    Parser.IDENTITY: _identity,
    Parser.ESSAY_BLOCK: _essay_block,
    Parser.ESSAY_IDEA_LAST: _essay_idea_last,
    Parser.IN_LAST_LINE: _in_last_line,
}
