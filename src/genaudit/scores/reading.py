"""Reader for the score in an evaluation's ``parsed.txt``."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import Final

from genaudit.layout import PARSED, is_safe_name
from genaudit.schemas import RecordState
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

LOWEST: Final = 0.0
HIGHEST: Final = 9.0

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)


class ScoreError(StrEnum):
    """Reason why an evaluation has no score, or has one that the pivot cannot place."""

    NOT_IN_STORE = "not_in_store"
    PARSED_MISSING = "parsed_missing"
    PARSED_UNREADABLE = "parsed_unreadable"
    PARSED_TOO_LARGE = "parsed_too_large"
    PARSED_NOT_UTF8 = "parsed_not_utf8"
    PARSED_BLANK = "parsed_blank"
    SCORE_NOT_A_NUMBER = "score_not_a_number"
    SCORE_NOT_FINITE = "score_not_finite"
    SCORE_OUT_OF_RANGE = "score_out_of_range"
    CHAIN_INCOMPLETE = "chain_incomplete"


_READING: Final = {
    RecordState.UNREADABLE: ScoreError.PARSED_UNREADABLE,
    RecordState.TOO_LARGE: ScoreError.PARSED_TOO_LARGE,
    RecordState.NOT_UTF8: ScoreError.PARSED_NOT_UTF8,
}


def score_of(text: str) -> float | ScoreError:
    r"""Parse the score in the last non-blank line of a ``parsed.txt``.

    :param text: file contents.
    :returns: a number from 0 to 9, or the reason why there is none.

    >>> score_of("Well argued.\n\n7.5\n"), str(score_of("SCORE: 7"))
    (7.5, 'score_not_a_number')
    """
    last = text.strip().replace("\r", "\n").rpartition("\n")[2].strip()
    if not last:
        return ScoreError.PARSED_BLANK
    if _NOT_FINITE.fullmatch(last):
        return ScoreError.SCORE_NOT_FINITE
    if not _NUMBER.fullmatch(last):
        return ScoreError.SCORE_NOT_A_NUMBER
    # The sum turns a negative zero into zero.
    score = float(last) + 0.0
    if not math.isfinite(score):
        return ScoreError.SCORE_NOT_FINITE
    return score if LOWEST <= score <= HIGHEST else ScoreError.SCORE_OUT_OF_RANGE


def read_score(gens: int, gen_id: str) -> float | ScoreError:
    """Read the score of one evaluation. A file that cannot be read gives an error, and never an exception.

    :param gens: descriptor of the store's ``gens`` folder.
    """
    if not is_safe_name(gen_id):
        return ScoreError.PARSED_UNREADABLE
    try:
        return score_of(read_text(gens, ("evaluation", gen_id, PARSED)))
    except FileNotFoundError:
        return ScoreError.PARSED_MISSING
    except UnreadableError as error:
        return _READING[error.state]
