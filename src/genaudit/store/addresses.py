"""Addresses of stores: paths of local folders, and URLs of any file system that fsspec knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason

# A scheme, perhaps behind others: ``simplecache::s3://bucket``.
_URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]*://")
_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(.*?)(?=::[A-Za-z][A-Za-z0-9+.-]*://|$)", re.DOTALL)
# A colon in place of the host's that begins no port.
_PASSWORD: Final = re.compile(r"[^/@]*:(?!\d+(?:/|$))[^@]*$")
_HIDDEN: Final = "***"


def is_url(address: Path | str) -> bool:
    """Return whether an address is a URL; a :class:`~pathlib.Path` never is one."""
    return isinstance(address, str) and _URL.match(address) is not None


def shown(address: Path | str) -> str:
    """Return an address for people, without the secrets that a URL may contain.

    >>> shown("ftp://user:password@host/store?token=abc")
    'ftp://***@host/store?***'
    """
    return _PARTS.sub(_without_secrets, address) if isinstance(address, str) and is_url(address) else str(address)


def _without_secrets(match: re.Match[str]) -> str:
    scheme, rest = match.groups()
    before, sign, query = re.split(r"([?#]|$)", rest, maxsplit=1)
    if "@" in query and _PASSWORD.match(before):
        # A password with a question mark in it: the start of the host is unknown.
        return f"{scheme}{_HIDDEN}"
    # A password with a slash in it ends the authority too early; its colon shows it.
    end = before.rfind("@") if ":" in before.rpartition("@")[0] else before.partition("/")[0].rfind("@")
    user = f"{_HIDDEN}@" if end >= 0 else ""
    return f"{scheme}{user}{before[end + 1 :]}{sign + _HIDDEN if sign else ''}"


def local_root(address: Path | str) -> Path:
    """Return the path of a store that a command writes to, or reads in a way that needs a local folder.

    :raises DDError: ``INVALID_CONFIG``, reason ``root_is_remote``: the address is a URL.
    """
    if is_url(address):
        ctx = {"reason": Reason.ROOT_IS_REMOTE, "path": shown(address), "expected": "a local folder"}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return Path(address)
