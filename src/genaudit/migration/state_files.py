"""Files of one JSON object that a migration keeps for its way back, each with its digest."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256 as sha256_of
from typing import Any, ClassVar, Final, TypeVar

import orjson

from genaudit.migration.checks import Check, entry, list_of, mapping_of, sha256, text, whole
from genaudit.migration.files import Files
from genaudit.store.damage import damaged

_DIGEST: Final = "digest"


class _State:
    """An object with exactly the keys of its shape."""

    shape: ClassVar[Check]


@dataclass(frozen=True)
class Before(_State):
    """The state of a store before its migration.

    :param mtimes: modification times of folders, in nanoseconds.
    :param quoting: files that already name new ids.
    """

    shape = entry(mtimes=mapping_of(whole(-(2**62), 2**62)), quoting=list_of(text))
    mtimes: dict[str, int]
    quoting: list[str]


@dataclass(frozen=True)
class Keys(_State):
    """Partition keys before they followed, by definition.

    :param old: keys with an id that changes.
    :param new: keys with an id that is yet to come.
    """

    shape = entry(old=mapping_of(list_of(text)), new=mapping_of(list_of(text)))
    old: dict[str, list[str]]
    new: dict[str, list[str]]


@dataclass(frozen=True)
class Carried(_State):
    """Files that a rollback carries over.

    :param files: the SHA-256 of each file's new content, by its path in the old tree.
    """

    shape = entry(files=mapping_of(sha256))
    files: dict[str, str]


_Model = TypeVar("_Model", bound=_State)


def render_state(state: _State) -> bytes:
    """Render a state file with its digest."""
    content = vars(state)
    return orjson.dumps({**content, _DIGEST: _digest(content)}, option=orjson.OPT_SORT_KEYS)


def _digest(content: dict[str, Any]) -> str:
    return sha256_of(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def write_state(files: Files, path: str, state: _State, swap: str) -> None:
    """Write a state file whole or not at all, where there is none."""
    files.clear(swap)
    files.write_new(swap, render_state(state))
    files.sync()
    files.rename(swap, path)
    files.sync()


def read_state(files: Files, path: str, model: type[_Model]) -> _Model:
    """Read a state file.

    :raises DDError: ``INVALID_CONFIG``, reason ``workspace_damaged``, with ``path``, ``field`` and ``problem``.
    """
    try:
        content = orjson.loads(files.read(path))
    except (OSError, orjson.JSONDecodeError) as error:
        raise damaged(path, str(error)) from error
    if not isinstance(content, dict):
        raise damaged(path, f"holds a {type(content).__name__}, expected an object")
    digest = content.pop(_DIGEST, None)
    for found in model.shape(content):
        raise damaged(path, found.facts["problem"], field=found.field)
    if digest != _digest(content):
        raise damaged(path, "does not match the digest of its content", field=_DIGEST)
    return model(**content)
