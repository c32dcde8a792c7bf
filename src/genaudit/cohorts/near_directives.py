"""Recognition of comments that are almost a directive, such as ``# modes: reuse-essays``."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# One wrong, missing or extra letter in a directive of 14 letters or more; in a shorter one, none.
_CUTOFF: Final = 0.93


def folded(text: str) -> str:
    """Fold a comment: compatibility forms (a fullwidth colon) replaced, lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def directive_meant(text: str, directives: Iterable[str]) -> str | None:
    """Return the directive that a comment most likely means; ``None`` for prose.

    Only letters and digits are compared, so that blanks, hyphens and any kind of colon make no difference. The whole
    comment has to match: a sentence that contains a directive is prose.

    :param directives: complete directives.

    >>> directive_meant("skip_existing_evaluation", ["skip-existing-evaluations"])
    'skip-existing-evaluations'
    >>> directive_meant("skip existing evaluations next time", ["skip-existing-evaluations"])
    """
    bare = _bare(text)
    best, found = 0.0, None
    for directive in directives:
        wanted = _bare(directive)
        shorter, longer = sorted((len(bare), len(wanted)))
        # The lengths alone bound the ratio: sentences are not compared letter by letter.
        if 2 * shorter < _CUTOFF * (shorter + longer):
            continue
        ratio = SequenceMatcher(None, bare, wanted, autojunk=False).ratio()
        if ratio >= _CUTOFF and ratio > best:
            best, found = ratio, directive
    return found


@lru_cache(maxsize=256)
def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, folded(text)))
