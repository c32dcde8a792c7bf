"""Files of one JSON object that a migration keeps for its way back, each with its digest."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genaudit.migration.files import Files
from genaudit.store.damage import damaged

_DIGEST: Final = "digest"

_Time = Annotated[int, Field(ge=-(2**62), le=2**62)]
_Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _State(BaseModel):
    """An object with exactly these keys; no value is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Before(_State):
    """The state of a store before its migration.

    :param mtimes: modification times of folders, in nanoseconds.
    :param quoting: files that already name new ids.
    """

    mtimes: dict[str, _Time]
    quoting: list[str]


class Keys(_State):
    """Partition keys before they followed, by definition.

    :param old: keys with an id that changes.
    :param new: keys with an id that is yet to come.
    """

    old: dict[str, list[str]]
    new: dict[str, list[str]]


class Carried(_State):
    """Files that a rollback carries over.

    :param files: the SHA-256 of each file's new content, by its path in the old tree.
    """

    files: dict[str, _Sha]


_Model = TypeVar("_Model", bound=_State)


def render_state(state: _State) -> bytes:
    """Render a state file with its digest."""
    content = state.model_dump()
    return orjson.dumps({**content, _DIGEST: _digest(content)}, option=orjson.OPT_SORT_KEYS)


def _digest(content: dict[str, Any]) -> str:
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


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
    try:
        state = model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise damaged(path, first["msg"], field=".".join(map(str, first["loc"]))) from error
    if digest != _digest(content):
        raise damaged(path, "does not match the digest of its content", field=_DIGEST)
    return state
