"""The switches of the rollout: their defaults, and the line that names the values in force."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from genaudit.cohorts.id_scheme import FLAG, IdScheme
from genaudit.errors import DDError, Err

if TYPE_CHECKING:
    from collections.abc import Mapping

SLIM_FLAG: Final = "DD_SLIM_MEMBERSHIP"

_WORDS: Final = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False, "none": False}


def slim_membership(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether memberships are written in the slim form: yes, unless the variable turns it off.

    :param environ: the variables to look in; case and blanks around the word do not matter.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag``: the word means neither on nor off.

    >>> slim_membership({}), slim_membership({"DD_SLIM_MEMBERSHIP": "off"})
    (True, False)
    """
    value = environ.get(SLIM_FLAG, "")
    word = value.strip().lower()
    if word and word not in _WORDS:
        ctx = {"reason": "invalid_flag", "flag": SLIM_FLAG, "value": value, "words": sorted(_WORDS)}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return _WORDS.get(word, True)


def in_force(scheme: IdScheme, *, slim: bool | None = None) -> str:
    """Name the values of the flags that a command works under, in one line.

    :param slim: whether memberships are written in the slim form; ``None`` for a command that writes none.

    >>> in_force(IdScheme(), slim=True)
    'DD_DETERMINISTIC_GEN_IDS=draft,essay,evaluation, DD_SLIM_MEMBERSHIP=on'
    """
    form = "" if slim is None else f", {SLIM_FLAG}={'on' if slim else 'off'}"
    return f"{FLAG}={scheme.flag}{form}"
