"""The switches of the rollout that concern memberships, read from the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from genaudit.errors import DDError, Err

if TYPE_CHECKING:
    from collections.abc import Mapping

SLIM_FLAG: Final = "DD_SLIM_MEMBERSHIP"

_WORDS: Final = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False, "none": False}


def slim_membership(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether memberships are written in the slim form; the wide one is the rule while the rollout lasts.

    :param environ: the variables to look in; case and blanks around the word do not matter.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag``: the word means neither on nor off.

    >>> slim_membership({"DD_SLIM_MEMBERSHIP": "on"}), slim_membership({})
    (True, False)
    """
    value = environ.get(SLIM_FLAG, "")
    word = value.strip().lower()
    if word and word not in _WORDS:
        ctx = {"reason": "invalid_flag", "flag": SLIM_FLAG, "value": value, "words": sorted(_WORDS)}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return _WORDS.get(word, False)
